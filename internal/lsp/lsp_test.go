package lsp

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/lang/check"
)

// scan is a program with one name of every kind.
const scan = `program scan "hosts that scan"

param limit = 20 # ports

list known = {53, 123}

entity host: ip

# Ports of one host.
# They are counted apart.
metric ports { distinct bloom(window: 60s)  count cbf(window: 60s) }

table last[host]: int

feature much = ports - 1

event syn: packet where tcp.flags == SYN and tcp.dstport not in known for host = ip.src
event check: timeout for host

in any {
  on syn {
    set ports[host] new (host, tcp.dstport)
    when much > limit -> scanner { alert high "{host} scans {ports}" start check after 10s }
    always { last[host] = 1 }
  }
}

// It scanned.
state scanner for 5m then default level high {
  on check {
    get ports[host]
    when has last[host] and ports < 1 -> default
  }
}
`

func TestDiagnostics(t *testing.T) {
	c := newClient(t, Options{})
	if got := c.open(scan); len(got.Diagnostics) != 0 {
		t.Fatalf("diagnostics of a sound program: %v", got.Diagnostics)
	}
	got := c.open(strings.Replace(scan, "much > limit", "muhc > limit", 1))
	if len(got.Diagnostics) != 1 {
		t.Fatalf("diagnostics: %+v", got.Diagnostics)
	}
	d := got.Diagnostics[0]
	want := rangeOf{position{22, 9}, position{22, 13}}
	if d.Range != want || d.Severity != 1 || !strings.Contains(d.Message, `did you mean "much"?`) {
		t.Errorf("got %+v, want an error at %+v that suggests much", d, want)
	}
}

// TestEdits makes changes one by one, with characters of two UTF-16 units in the way,
// and expects what opening the result says.
func TestEdits(t *testing.T) {
	c := newClient(t, Options{})
	c.open("# 𝛼𝛽\nprogram p \"𝛼\"\n")
	edit := func(from, to position, text string) diagnosticsParams {
		return c.notify("textDocument/didChange", changeParams{
			TextDocument: struct {
				documentID
				Version int `json:"version"`
			}{documentID{testURI}, 2},
			ContentChanges: []change{{&rangeOf{from, to}, text}},
		})
	}
	edit(position{0, 4}, position{0, 6}, "x")     // 𝛽
	edit(position{1, 11}, position{1, 13}, "y𝛼z") // 𝛼
	edit(position{2, 0}, position{9, 9}, "entit") // beyond the end
	got := edit(position{2, 5}, position{2, 5}, "y e: ip\nparam   unused=3\n")
	var h any
	c.call("textDocument/hover", c.at("# 𝛼x\nprogram p \"y𝛼z\"\nentity "), &h)
	if h == nil {
		t.Errorf("no hover over what was typed; diagnostics: %+v", got.Diagnostics)
	}
	var edits []textEdit
	c.call("textDocument/formatting", c.at(""), &edits)
	if want := "# 𝛼x\nprogram p \"y𝛼z\"\nentity e: ip\nparam unused = 3\n"; len(edits) != 1 || edits[0].NewText != want {
		t.Errorf("formatting: %+v, want %q", edits, want)
	}
}

func TestHover(t *testing.T) {
	c := newClient(t, Options{Structures: func(*check.Program) (map[string][]string, error) {
		return map[string][]string{"ports": {"cbf of (ip): 4096 bytes"}}, nil
	}})
	for _, test := range []struct{ mark, want string }{
		{"set ports", "cbf of (ip): 4096 bytes"},
		{"set ports", "Ports of one host. They are counted apart."},
		{"and tcp.dstport", "Layer: `tcp`"},
		{"== SYN", "SYN = 2"},
		{"> limit", "param limit = 20"},
		{"> limit", "ports"},
		{"distinct bloom", "Pair of Bloom filters"},
		{"-> scanner", "```\nIt scanned."},
		{"{host", "entity host: ip"},
		{"when much", "feature much = ports - 1"},
		{"start check", "timeout for host"},
		{"where tcp.flags", "tcp.flags: int"},
	} {
		at := c.marked(strings.Replace(scan, test.mark, test.mark+"¦", 1))
		var got *hover
		c.call("textDocument/hover", at, &got)
		if got == nil || !strings.Contains(got.Contents.Value, test.want) {
			t.Errorf("hover after %q: %+v, want %q", test.mark, got, test.want)
		}
	}
}

func TestDefinitionAndReferences(t *testing.T) {
	c := newClient(t, Options{})
	for _, test := range []struct {
		mark, line string // what is asked about; the line of the declaration
		uses       int
	}{
		{"set ports", "metric ports", 5},
		{"> limit", "param limit", 1},
		{"-> scanner", "state scanner", 1},
		{"on syn", "event syn", 1},
		{"start check", "event check", 2},
		{"in known", "list known", 1},
		{"has last", "table last", 2},
		{"when much", "feature much", 1},
	} {
		at := c.marked(strings.Replace(scan, test.mark, test.mark+"¦", 1))
		var def *location
		c.call("textDocument/definition", at, &def)
		line := strings.Count(scan[:strings.Index(scan, test.line)], "\n")
		if def == nil || def.Range.Start.Line != line || def.URI != testURI {
			t.Errorf("definition of what %q ends with: %+v, want line %d", test.mark, def, line)
		}
		var uses []location
		c.call("textDocument/references", at, &uses)
		if len(uses) != test.uses {
			t.Errorf("references to what %q ends with: %+v, want %d", test.mark, uses, test.uses)
		}
	}
	var def *location
	c.call("textDocument/definition", c.marked(strings.Replace(scan, "tcp.dstport not", "tcp.dst¦port not", 1)), &def)
	if def != nil {
		t.Errorf("a packet field is declared at %+v", def)
	}
}

func TestRename(t *testing.T) {
	c := newClient(t, Options{})
	apply := func(text string, edits []textEdit) string {
		d := &document{opt: &Options{}, uri: testURI}
		d.set([]byte(text), 1)
		slices.Reverse(edits)
		for _, e := range edits {
			text = text[:d.offset(e.Range.Start)] + e.NewText + text[d.offset(e.Range.End):]
		}
		return text
	}
	at := c.marked(strings.Replace(scan, "set ports", "set por¦ts", 1))
	at["newName"] = "targets"
	var got workspaceEdit
	c.call("textDocument/rename", at, &got)
	text := apply(scan, got.Changes[testURI])
	want := strings.NewReplacer("metric ports", "metric targets", "ports - 1", "targets - 1", "set ports", "set targets",
		"{ports}", "{targets}", "get ports", "get targets", "ports < 1", "targets < 1").Replace(scan)
	if text != want {
		t.Errorf("renamed:\n%s", text)
	}
	for _, name := range []string{"host", "much", "9", "a b", "and", "limit"} {
		at["newName"] = name
		if err := c.try("textDocument/rename", at, &got); err == nil {
			t.Errorf("renaming a metric to %q was allowed: %+v", name, got)
		}
	}
	own := c.marked(strings.Replace(scan, "tcp.flags", "tcp.fl¦ags", 1))
	if err := c.try("textDocument/prepareRename", own, nil); err == nil || !strings.Contains(err.Error(), "own") {
		t.Errorf("renaming a packet field: %v", err)
	}
}

func TestComplete(t *testing.T) {
	c := newClient(t, Options{})
	for _, test := range []struct{ from, to, want, never string }{
		{"-> scanner {", "-> sc¦ {", "scanner", "ports"},
		{"-> scanner {", "-> ¦ {", "default scanner", "ports"},
		{"on syn", "on ¦", "syn check", "ports"},
		{"start check", "start ¦", "check", "syn"},
		{"set ports", "set ¦", "ports", "last limit"},
		{"tcp.dstport not", "tcp.d¦ not", "tcp.dstport", "udp.dstport"},
		{"much > limit", "mu¦ > limit", "much", "limit"},
		{"distinct bloom", "distinct ¦", "bloom", "cbf"},
		{"count cbf(window: 60s)", "count ¦", "cbf tbf dleft", "bloom"},
		{"cbf(window: 60s)", "cbf(¦)", "window: capacity: error:", "k:"},
		{"alert high", "alert ¦", "info high critical", "ports"},
		{"{host}", "{ho¦}", "host", "ports"},
		{"{host} scans", "{host} sc¦", "", "scanner"},
		{"param limit", "par¦", "param", "limit"},
		{"    always", "    al¦", "always alert", "last"},
		{"for host = ip.src", "for ¦", "host", "ports"},
		{"entity host: ip", "entity host: ¦", "ip mac int", "ports"},
		{"// It", "# ¦", "", "state"},
		{"// It", "// mu¦", "", "much"},
		{"much > limit", "much / l¦", "limit", "ports"},
		{"metric ports { ", "metric ports { ¦", "distinct count", "ports"},
		{"event syn: packet", "event syn: ¦", "packet timeout every", "ports"},
		{"level high", "level ¦", "low high", "ports"},
	} {
		at := c.marked(strings.Replace(scan, test.from, test.to, 1))
		var got completionList
		c.call("textDocument/completion", at, &got)
		var labels []string
		for _, i := range got.Items {
			labels = append(labels, i.Label)
		}
		for _, w := range strings.Fields(test.want) {
			if !slices.Contains(labels, w) {
				t.Errorf("%q: %q is not offered, but %v", test.to, w, labels)
			}
		}
		for _, w := range strings.Fields(test.never) {
			if slices.Contains(labels, w) {
				t.Errorf("%q: %q is offered", test.to, w)
			}
		}
	}
}

func TestSymbols(t *testing.T) {
	c := newClient(t, Options{})
	at := c.marked("¦" + scan)
	var got []symbol
	c.call("textDocument/documentSymbol", at, &got)
	var names []string
	for _, s := range got {
		names = append(names, s.Name)
		for _, k := range s.Children {
			names = append(names, ">"+k.Name)
		}
	}
	want := "scan limit known host ports last much syn check in any >on syn scanner >on check"
	if strings.Join(names, " ") != want {
		t.Errorf("symbols: %v", names)
	}
}

func TestActions(t *testing.T) {
	c := newClient(t, Options{})
	c.open(strings.Replace(scan, "-> scanner", "-> scaner", 1))
	at := c.at("")
	at["range"] = rangeOf{position{22, 0}, position{22, 80}}
	var got []codeAction
	c.call("textDocument/codeAction", at, &got)
	if len(got) != 1 || got[0].Title != "Change to scanner" || got[0].Edit.Changes[testURI][0].NewText != "scanner" {
		t.Errorf("actions: %+v", got)
	}
}

// TestPause types fast: the server answers meanwhile, with what it knew, and says once
// what is wrong with the result.
func TestPause(t *testing.T) {
	c := newClient(t, Options{pause: 200 * time.Millisecond})
	at := c.marked(strings.Replace(scan, "much > limit", "much > limit¦", 1))
	here := at["position"].(position)
	for i := range 20 {
		var p changeParams
		p.TextDocument.URI, p.TextDocument.Version = testURI, i+2
		p.ContentChanges = []change{{&rangeOf{here, here}, "s"}}
		if err := c.conn.Notify(t.Context(), "textDocument/didChange", p); err != nil {
			t.Fatal(err)
		}
		var list completionList
		c.call("textDocument/completion", c.at(scan[:strings.Index(scan, "much > limit")]+"mu"), &list)
		if len(list.Items) == 0 || list.Items[0].Label != "much" {
			t.Fatalf("completion while typing: %+v", list.Items)
		}
	}
	got := <-c.published
	if *got.Version != 21 || len(got.Diagnostics) != 1 {
		t.Errorf("after the pause: version %d, %+v", *got.Version, got.Diagnostics)
	}
	if len(c.published) != 0 {
		t.Errorf("%d more", len(c.published))
	}
}

// TestFault has the checker panic while a document is open: the editor is told, and is
// served on.
func TestFault(t *testing.T) {
	for _, pause := range []time.Duration{-1, time.Millisecond} {
		t.Run(pause.String(), func(t *testing.T) {
			c := newClient(t, Options{pause: pause, ReadFile: func(string) func(string) ([]byte, error) {
				return func(string) ([]byte, error) { panic("no such disk") }
			}})
			var p openParams
			p.TextDocument.URI, p.TextDocument.Text = "file:///programs/list.smon", "program p\nlist known = file(\"known.txt\")\n"
			if err := c.conn.Notify(t.Context(), "textDocument/didOpen", p); err != nil {
				t.Fatal(err)
			}
			select {
			case got := <-c.logged:
				if !strings.Contains(got, "no such disk") {
					t.Errorf("logged %q", got)
				}
			case <-time.After(time.Minute):
				t.Error("nothing was logged")
			}
			if got := c.open(scan); len(got.Diagnostics) != 0 {
				t.Errorf("diagnostics of a sound program: %v", got.Diagnostics)
			}
		})
	}
}

func TestXML(t *testing.T) {
	c := newClient(t, Options{})
	var p openParams
	p.TextDocument.URI, p.TextDocument.Text = "file:///old.xml", "<streamon>\n  <wrong/>\n</streamon>"
	got := c.notify("textDocument/didOpen", p)
	if len(got.Diagnostics) == 0 || got.Diagnostics[0].Range.Start.Line > 2 {
		t.Errorf("diagnostics of XML: %+v", got.Diagnostics)
	}
	var list completionList
	c.call("textDocument/completion", map[string]any{"textDocument": documentID{"file:///old.xml"}, "position": position{1, 3}}, &list)
	if len(list.Items) != 0 {
		t.Error("completion in XML")
	}
}

func TestProtocol(t *testing.T) {
	c := newClient(t, Options{})
	if err := c.try("textDocument/hover", map[string]any{"textDocument": documentID{"file:///x"}}, nil); err == nil {
		t.Error("hover in a document that is not open was answered")
	}
	if err := c.try("no/such", nil, nil); err == nil {
		t.Error("a method that does not exist was answered")
	}
	c.call("shutdown", nil, nil)
	if err := c.try("textDocument/hover", map[string]any{"textDocument": documentID{testURI}}, nil); err == nil {
		t.Error("answered after shutdown")
	}
	if err := c.conn.Notify(t.Context(), "exit", nil); err != nil {
		t.Fatal(err)
	}
	if err := <-c.done; err != nil {
		t.Errorf("Serve: %v", err)
	}
}
