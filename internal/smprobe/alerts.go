package smprobe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
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
	r, err := readAlert(record)
	if err != nil {
		return nil, err
	}
	words := []string{r.Time, strings.ToUpper(r.Level), r.Program}
	for _, f := range r.Entity {
		words = append(words, strings.Trim(f.value, `"`))
	}
	if r.From != r.To {
		words = append(words, r.From, "->", r.To)
	}
	line := strings.Join(words, " ") + ": " + visible(r.Message)
	if len(r.Features) > 0 {
		var list []string
		for _, f := range r.Features {
			list = append(list, f.name+"="+f.value)
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
