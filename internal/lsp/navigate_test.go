package lsp

import (
	"strings"
	"testing"
)

// twoMetrics uses a feature and two metrics in one place.
const twoMetrics = `program two

entity host: ip

metric syns { count cbf(window: 60s) }
metric acks { count cbf(window: 60s) }

feature open = syns - acks

event seen: packet where tcp for host = ip.src

state default {
  on seen {
    set syns[host], acks[host]
    when open > 10 and syns > acks { log "{host} {open}" }
  }
}
`

// TestBreaks finds a name that stands for another object than before, although nothing
// is wrong with either text.
func TestBreaks(t *testing.T) {
	d := &document{opt: &Options{}, uri: testURI}
	d.set([]byte(twoMetrics), 1)
	if n := len(d.analysis().diags); n > 0 {
		t.Fatalf("%d diagnostics: %v", n, d.analysis().diags[0])
	}
	if msg := d.breaks([]byte(strings.ReplaceAll(twoMetrics, "acks", "finished"))); msg != "" {
		t.Errorf("renaming acks throughout would not do: %s", msg)
	}
	for _, test := range []struct{ from, to string }{
		{"syns > acks", "acks > syns"},
		{"= syns - acks", "= acks - syns"},
		{"set syns[host], acks", "set acks[host], syns"},
	} {
		text := strings.Replace(twoMetrics, test.from, test.to, 1)
		after := &document{opt: &Options{}, uri: testURI}
		after.set([]byte(text), 1)
		if n := len(after.analysis().diags); n > 0 {
			t.Fatalf("%s: %d diagnostics: %v", test.to, n, after.analysis().diags[0])
		}
		if d.breaks([]byte(text)) == "" {
			t.Errorf("%q in place of %q means the same", test.to, test.from)
		}
	}
}

// TestRenameToTaken refuses to give a metric the name of a feature that is used in the
// same place, in a program with other errors too, and to hide a constant that is used.
func TestRenameToTaken(t *testing.T) {
	c := newClient(t, Options{})
	for _, text := range []string{twoMetrics, strings.Replace(twoMetrics, "log \"", "nonsense \"", 1), strings.Replace(twoMetrics, "where tcp ", "where tcp.flags == SYN ", 1)} {
		for _, name := range []string{"open", "SYN"} {
			if name == "SYN" && !strings.Contains(text, name) {
				continue
			}
			at := c.marked(strings.Replace(text, "syns > acks", "sy¦ns > acks", 1))
			at["newName"] = name
			var got workspaceEdit
			if err := c.try("textDocument/rename", at, &got); err == nil {
				t.Errorf("renaming a metric to %s was allowed: %+v, in\n%s", name, got, text)
			}
		}
	}
}
