package lsp

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// FuzzDocument asks everything about any text at any place: nothing may panic, and a text
// that was formatted stays as it is.
func FuzzDocument(f *testing.F) {
	f.Add(scan, 300, "test.smon")
	for i := 0; i < len(scan); i += 97 {
		f.Add(scan[:i], i, "test.smon")
	}
	f.Add("<streamon><", 5, "old.xml")
	for _, glob := range []string{"../../examples/*/*.smon", "../../examples/*/*.xml"} {
		files, err := filepath.Glob(glob)
		if err != nil || len(files) == 0 {
			f.Fatal("no examples", err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text), len(text)/2, filepath.Base(file))
		}
	}
	f.Fuzz(func(t *testing.T, text string, offset int, file string) {
		if len(text) > 1<<14 {
			return
		}
		d := &document{opt: &Options{}, uri: "file:///" + file, path: file}
		d.set([]byte(strings.ToValidUTF8(text, "?")), 1)
		at := d.position(offset)
		if back := d.position(d.offset(at)); back != at {
			t.Errorf("%+v is %+v there and back", at, back)
		}
		askAll(t, d, at)
	})
}

// askAll makes every request about a place.
func askAll(t testing.TB, d *document, at position) {
	p := &placeParams{Position: at}
	d.diagnostics()
	for name, f := range map[string]func(*placeParams) (any, error){
		"hover": d.hover, "definition": d.definition, "references": d.references, "highlight": d.highlight, "complete": d.complete,
	} {
		if _, err := f(p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	d.prepareRename(p) // may be refused, as may
	d.rename(&renameParams{Position: at, NewName: "other"})
	if _, err := d.symbols(nil); err != nil {
		t.Error(err)
	}
	if _, err := d.actions(&actionParams{Range: rangeOf{End: at}}); err != nil {
		t.Error(err)
	}
	edits, err := d.format(nil)
	if err != nil {
		t.Fatal(err)
	}
	if e := edits.([]textEdit); len(e) > 0 {
		after := &document{opt: d.opt, uri: d.uri, path: d.path}
		after.set([]byte(e[0].NewText), 2)
		if again, _ := after.format(nil); len(again.([]textEdit)) > 0 {
			t.Errorf("formatted twice:\n%s\n%s", e[0].NewText, again.([]textEdit)[0].NewText)
		}
	}
}

// TestMemory types into a program ten thousand times and asks between: what the server
// holds does not grow.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("ten thousand edits: not with -short")
	}
	c := newClient(t, Options{})
	at := c.marked(strings.Replace(scan, "much > limit", "much > limit¦", 1))
	here := at["position"].(position)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var before uint64
	for i := range 10_000 {
		end := here
		end.Character++
		ch := change{&rangeOf{here, end}, ""} // one in, one out
		if i%2 == 0 {
			ch = change{&rangeOf{here, here}, "s"}
		}
		var p changeParams
		p.TextDocument.URI, p.TextDocument.Version, p.ContentChanges = testURI, i, []change{ch}
		got := c.notify("textDocument/didChange", p)
		if want := (i + 1) % 2; len(got.Diagnostics) != want {
			t.Fatalf("edit %d: %+v, want %d diagnostics", i, got.Diagnostics, want)
		}
		if i%100 == 0 {
			var list completionList
			c.call("textDocument/completion", at, &list)
		}
		if i == 999 {
			before = heap()
		}
	}
	if after := heap(); after > before+1<<20 {
		t.Errorf("the heap grew from %d to %d bytes over 9000 edits", before, after)
	}
}

// long is a program of about a thousand lines.
func long() string {
	var b strings.Builder
	b.WriteString("program long\n\nentity host: ip\n\n")
	for i := range 110 {
		fmt.Fprintf(&b, `# What host %[1]d sends.
metric m%[1]d { distinct bloom(window: 60s)  count cbf(window: 60s) }
feature f%[1]d = m%[1]d / 2
event e%[1]d: packet where tcp.dstport == %[1]d for host = ip.src
on e%[1]d {
  set m%[1]d[host] new (host, tcp.srcport)
  when f%[1]d > 10 {
    alert high "{host} sends {m%[1]d} to port %[1]d"
  }
}

`, i)
	}
	return b.String()
}

// BenchmarkCheck checks a program of a thousand lines anew.
func BenchmarkCheck(b *testing.B) {
	text := []byte(long())
	for b.Loop() {
		d := &document{opt: &Options{}, uri: testURI, path: "/programs/test.smon"}
		d.set(text, 1)
		if len(d.analysis().diags) > 0 {
			b.Fatal(d.analysis().diags[0])
		}
	}
}

// BenchmarkComplete types a letter into a program of a thousand lines and asks what it
// could become.
func BenchmarkComplete(b *testing.B) {
	text := long()
	at := strings.LastIndex(text, "when f") + len("when f")
	s := server{docs: map[string]*document{}}
	var p openParams
	p.TextDocument.URI, p.TextDocument.Text = testURI, text
	d, err := s.didOpen(&p)
	if err != nil {
		b.Fatal(err)
	}
	d.analysis()
	here := d.position(at)
	var typed changeParams
	typed.TextDocument.URI, typed.ContentChanges = testURI, []change{{&rangeOf{here, here}, "1"}}
	var items int
	for b.Loop() {
		if _, err := s.didChange(&typed); err != nil {
			b.Fatal(err)
		}
		list, err := d.complete(&placeParams{Position: position{here.Line, here.Character + 1}})
		if err != nil {
			b.Fatal(err)
		}
		items = len(list.(completionList).Items)
	}
	if items < 10 {
		b.Errorf("%d items", items)
	}
}
