package smprobe

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamon/streamon/internal/access"
	"github.com/streamon/streamon/internal/web"
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
	a, err := ask(c.control, std, func(ctx context.Context, client *web.Client) (web.Alerts, error) {
		return client.Alerts(ctx, c.Program, c.Level, 0, c.Limit)
	})
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
	switch {
	case a.Last > 0:
		q.Set("after", strconv.FormatUint(a.Last, 10))
	case c.Limit > 0: // there was none: all that are kept have come since
		q.Set("after", strconv.Itoa(math.MaxInt64))
	}
	err = web.Dial(c.Socket).Stream(std.ctx, q, func(event string, data []byte) error {
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

// alertLine writes a record as text that a terminal may show.
func alertLine(record json.RawMessage) ([]byte, error) {
	r, err := readAlert(record)
	if err != nil {
		return nil, err
	}
	words := []string{r.Time, strings.ToUpper(r.Level), r.Program}
	for _, f := range r.Entity {
		words = append(words, visible(strings.Trim(f.value, `"`)))
	}
	if r.From != r.To {
		words = append(words, r.From, "->", r.To)
	}
	line := strings.Join(words, " ") + ": " + visible(r.Message)
	if len(r.Features) > 0 {
		var list []string
		for _, f := range r.Features {
			list = append(list, f.name+"="+visible(f.value))
		}
		line += " [" + strings.Join(list, " ") + "]"
	}
	return []byte(line), nil
}

// alert is what is shown of an alert.
type alert struct {
	Time, Program, Instance, Level, Message, From, To string
	Entity, Features                                  fields
}

// readAlert reads a record; Program is the instance.
func readAlert(record json.RawMessage) (r alert, err error) {
	if err := json.Unmarshal(record, &r); err != nil {
		return r, fmt.Errorf("reading the probe's answer: %w", err)
	}
	if r.Instance != "" {
		r.Program = r.Instance
	}
	return r, nil
}

// fields are the members of an object in their order, with their values as they stand.
type fields []struct{ name, value string }

// UnmarshalJSON implements json.Unmarshaler.
func (f *fields) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		*f = append(*f, struct{ name, value string }{fmt.Sprint(name), string(value)})
	}
	return nil
}

// visible shows control characters escaped: text may come from a packet, and JSON escapes
// those below U+0020 only. What is escaped already stays as it is.
func visible(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case strconv.IsGraphic(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
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
