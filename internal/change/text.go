package change

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/streamon/streamon/runtime/program"
)

// Text writes the difference for people, in whole lines: what is lost behind -, what is
// gained behind +, what is in both behind ~.
func (d *Difference) Text() string {
	switch d.Kind {
	case Lost:
		return fmt.Sprintf("- %s\n", d.Old.text())
	case Gained:
		return fmt.Sprintf("+ %s\n", d.New.text())
	case Moved:
		by, word := d.By(), "later"
		if by < 0 {
			by, word = -by, "earlier"
		}
		return fmt.Sprintf("~ %s\n  %s %s\n", d.New.text(), string(program.AppendDuration(nil, int64(by), "")), word)
	}
	return fmt.Sprintf("~ %s\n  was: %s\n", d.New.text(), d.Old.text())
}

// text prints a record much as a terminal shows it.
func (r *Record) text() string {
	parts := []string{r.Time.UTC().Format("2006-01-02 15:04:05.000000"), strings.ToUpper(cmp.Or(r.Level, r.Type))}
	var entity map[string]any
	if json.Unmarshal(r.Entity, &entity) == nil && len(entity) > 0 {
		parts = append(parts, strings.NewReplacer(`"`, "", "{", "", "}", "").Replace(string(r.Entity)))
	}
	if r.From != "" {
		move := r.From
		if r.To != r.From {
			move += " -> " + r.To
		}
		parts = append(parts, move)
	}
	what := cmp.Or(r.Message, r.Topic+" "+string(r.Fields)+string(r.Command))
	return strings.Join(parts, " ") + ": " + strings.TrimSpace(what)
}
