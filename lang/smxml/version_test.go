package smxml_test

import (
	"strings"
	"testing"

	"github.com/streamon/streamon/lang/diag"
)

// head and tail surround what a test is about in a program of version 2.
const (
	head = `<botstream version="2"><statedef id="0"/><metric name="n"><variation_monitor status="on" type="dleft"/></metric>` +
		`<table name="t" key="ip" type="DLeft" value_type="int"/>`
	tail = `</botstream>`
)

// event is an event with a condition whose action is put in.
func event(action string) string {
	return `<event name="e" type="packet" primary-key="ip_src"><state id="0"><condition expression="true" action="` + action + `"/></state></event>`
}

// TestVersionErrors gives what version 2 refuses, with what it says.
func TestVersionErrors(t *testing.T) {
	tests := []struct {
		text string
		code diag.Code
		want string // a part of the message, or of the hint
	}{
		{`<botstream version="3"/>`, diag.BadValue, `unknown version "3"`},
		{`<botstream><statedef id="0" level="high"/></botstream>`, diag.UnknownAttribute, `write version="2" in <botstream>`},
		{`<botstream nam="x" version="2"/>`, diag.UnknownAttribute, `did you mean "name"?`},
		{head + `<parm name="a" value="1"/>` + tail, diag.UnknownElement, `did you mean "param"?`},
		{`<botstream version="2" match="al"><statedef id="0"/></botstream>`, diag.BadValue, `did you mean "all"?`},
		{head + `<param name="n" value="1"/>` + tail, diag.Redeclared, `"n" is declared twice`},
		{head + `<param name="a" value="1x"/>` + tail, diag.BadLiteral, `"1x" is no number`},
		{head + `<list name="l" values="10.0.0.0/33"/>` + tail, diag.BadLiteral, `"10.0.0.0/33" is no network`},
		{head + `<statedef id="1" level="hig"/>` + tail, diag.UnknownLevel, `did you mean "high"?`},
		{head + `<statedef id="1" timeout="1" next_state="2"/>` + tail, diag.UnknownState, `unknown state "2"`},
		{head + `<metric name="m"><variation_monitor status="on" type="tbff"/></metric>` + tail, diag.BadValue, `did you mean "tbf"?`},
		{head + `<metric name="m"><variation_monitor status="off" type="tbf"/></metric>` + tail, diag.MissingAttribute, `neither a detector nor a monitor`},
		{head + `<table name="u" type="DLeft" value_type="int"/>` + tail, diag.MissingAttribute, `needs the attribute "key"`},
		{head + `<event name="e" type="packet" entity="hst" primary-key="ip_src"/>` + tail, diag.UnknownName, `did you mean "host"?`},
		{head + `<event name="e" type="packet" primary-key="null"/>` + tail, diag.BadValue, `needs a primary-key`},
		{head + `<event name="e" type="packet" primary-key="ip_src" selector="proto tcp" where="tcp"/>` + tail, diag.BadValue, `not both`},
		{head + event("") + event("") + tail, diag.Redeclared, `event "e" is declared twice`},
		{head + `<metric name="m"><variation_monitor status="on" type="dleft" insert_value="ip_len"/></metric>` + tail, diag.UnknownAttribute, `write it in <use-metric by="…">`},
		{head + `<event name="e" type="packet" primary-key="ip_src"><state id="0" level="HIGH"/></event>` + tail, diag.UnknownAttribute, `write it in <statedef>`},
		{head + event("alrt(high,x)") + tail, diag.BadAction, `did you mean "alert"?`},
		{head + event("alert(high)") + tail, diag.BadAction, `takes two values`},
		{head + event("print") + tail, diag.BadAction, `it is written print(…)`},
		{head + event("start(x,60)") + tail, diag.UnknownEvent, `unknown timeout class "x"`},
		{head + event("n.sett(ip_src)") + tail, diag.BadAction, `did you mean "n.set"?`},
		{head + event("t(ip_src)") + tail, diag.BadAction, `is no action`},
		{head + event("t.delete()") + tail, diag.KeyMismatch, `a key is missing`},
		{head + event("fields(x,a)") + tail, diag.BadAction, `"a" is no name=value`},
		{head + event("print(%{n)") + tail, diag.BadInterpolation, `"%{" is not closed`},
		{head + event("t(ip_src-)=1") + tail, diag.Syntax, `unexpected ")"`},
		{head + event("n.get(ip_src|ip_dst)") + tail, diag.Syntax, `expected "-" before the next field`},
	}
	for _, tt := range tests {
		_, diags := parse(tt.text)
		found := false
		for _, d := range diags {
			text := d.Error() + " " + d.Hint
			found = found || d.Code == tt.code && strings.Contains(text, tt.want)
		}
		if !found {
			t.Errorf("%s\ngives %v, want %s with %q", tt.text, diags, tt.code, tt.want)
		}
	}
}

// A program without the attribute is read as ever: what version 2 would read
// otherwise is text there.
func TestVersionOne(t *testing.T) {
	f, diags := parse(`<botstream version="1"><source type="live" name="x"/><publisher/><statedef id="0"/>` +
		`<event type="packet" primary-key="ip_src"><state id="0"><condition expression="true" action="print(%{ip_src} \x41)"/></state></event></botstream>`)
	if diags.HasErrors() || len(diags) != 1 || diags[0].Code != diag.TextEscape {
		t.Errorf("diagnostics = %v, want that of the escape", diags)
	}
	if len(f.Decls) == 0 {
		t.Error("the program is not read")
	}
}
