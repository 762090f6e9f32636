package smprobe

import (
	"encoding/json"
	"fmt"
	"net/url"
	"sort"
	"strconv"
	"strings"

	"github.com/streamon/streamon/internal/access"
)

type alertsCmd struct {
	Program string `placeholder:"NAME" help:"Of this program only."`
	Level   string `placeholder:"LEVEL" help:"Of this level and above: info, low, medium, high or critical."`
	Limit   int    `default:"20" help:"Alerts to show (${default})."`
	Follow  bool   `short:"f" help:"Go on with those to come, until interrupted."`
	control
}

// Run implements the command.
func (c *alertsCmd) Run(std *stdio) error {
	client, ctx, cancel := c.dial(std)
	defer cancel()
	a, err := client.Alerts(ctx, c.Program, c.Level, 0, c.Limit)
	if err != nil {
		return err
	}
	for _, record := range a.Alerts {
		if err := c.line(std, record); err != nil {
			return err
		}
	}
	if !c.Follow {
		return nil
	}
	q := url.Values{"types": {"alert"}, "program": {c.Program}, "level": {c.Level}}
	if a.Last > 0 {
		q.Set("after", strconv.FormatUint(a.Last, 10))
	}
	err = client.Stream(std.ctx, q, func(event string, data []byte) error {
		if event == "alert" {
			return c.line(std, data)
		}
		var d struct{ Dropped uint64 }
		if event == "dropped" && json.Unmarshal(data, &d) == nil {
			std.notef("%d alerts were dropped: this terminal is too slow", d.Dropped)
		}
		return nil
	})
	if std.ctx.Err() != nil { // interrupted: that is how it ends
		return nil
	}
	return err
}

// line prints one record.
func (c *alertsCmd) line(std *stdio, record json.RawMessage) error {
	text := record
	if !c.JSON {
		var err error
		if text, err = alertLine(record); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(std.out, "%s\n", text)
	return err
}

// alertLine writes a record as text. JSON holds no control characters, so it is what a
// terminal may show.
func alertLine(record json.RawMessage) ([]byte, error) {
	var r struct {
		Time, Program, Instance, Level, Message, From, To string
		Entity, Features                                  map[string]json.RawMessage
	}
	if err := json.Unmarshal(record, &r); err != nil {
		return nil, fmt.Errorf("reading the probe's answer: %w", err)
	}
	if r.Instance != "" {
		r.Program = r.Instance
	}
	words := []string{r.Time, strings.ToUpper(r.Level), r.Program}
	for _, name := range sortedKeys(r.Entity) {
		words = append(words, strings.Trim(string(r.Entity[name]), `"`))
	}
	if r.From != r.To {
		words = append(words, r.From, "->", r.To)
	}
	line := strings.Join(words, " ") + ": " + visible(r.Message)
	if len(r.Features) > 0 {
		var list []string
		for name, v := range r.Features {
			list = append(list, name+"="+string(v))
		}
		sort.Strings(list)
		line += " [" + strings.Join(list, " ") + "]"
	}
	return []byte(line), nil
}

// visible shows control characters escaped: text in a message may come from a packet.
func visible(s string) string {
	quoted := strconv.QuoteToGraphic(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

type tokenCmd struct {
	Tenant string `default:"*" placeholder:"NAME" help:"Whom it is for; * is the operator, who sees all tenants."`
	Write  bool   `help:"Let it change things, not only look."`
}

// Run implements the command.
func (c *tokenCmd) Run(std *stdio) error {
	token, line, err := access.MakeLine(c.Tenant, c.Write)
	if err != nil {
		return usagef("for instance smprobe token --tenant acme --write", "%v", err)
	}
	fmt.Fprintln(std.out, line)
	fmt.Fprintf(std.err, "token: %s\nThe line goes to the file of --tokens; the token is nowhere else: keep it.\n", token)
	return nil
}
