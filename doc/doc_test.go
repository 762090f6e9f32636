// Package doc_test keeps the manual true: it generates the manual's tables from
// the catalogues, checks every program in it, and runs every command in it.
//
// A fenced block is understood by the words after its language:
//
//	```smon              a whole program; it must compile without a warning
//	```smon NAME.smon    the same, and it is written to NAME.smon for the commands below it
//	```smon decl         declarations: compiled below a program header
//	```smon body         statements: compiled inside on packet { … } of a program with declarations
//	```smon where        a condition a line: each compiled as that of a packet event
//	```smon wrong NAME.smon  a program with mistakes; it is only written
//	```xml PATH          the text of that file, from the root of the checkout
//	```console           commands, each behind "$ ", with what they write to the terminal below
//	```console nostderr  the same, without what they write to standard error
//
// Anything else (text, ebnf, sh …) is left alone. With -update the tables, texts of
// files and the output of commands are rewritten:
//
//	go test ./doc -update
package doc_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/diag"
)

var update = flag.Bool("update", false, "rewrite generated tables and the output of commands")

// pages returns the files that this test owns, relative to this directory.
func pages(t *testing.T) []string {
	t.Helper()
	list := []string{"api.md", "checkpoint.md", "language.md", "diagnostics.md", "xml.md"}
	for _, pattern := range []string{"note/*.md", "tutorial/*.md", "../examples/*/README.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, found...)
	}
	return list
}

// block is one fenced block.
type block struct {
	lang  string
	words []string // after the language
	text  string   // between the fences
	line  int      // of the opening fence, 1-based
	begin int      // byte offsets of text in the page
	end   int
}

func (b *block) has(word string) bool { return slices.Contains(b.words, word) }

// file returns the name that a program, or its tests, are written to, or "".
func (b *block) file() string {
	for _, w := range b.words {
		if strings.HasSuffix(w, ".smon") || strings.HasSuffix(w, ".txtar") {
			return w
		}
	}
	return ""
}

// blocks cuts a page.
func blocks(t *testing.T, name, page string) (list []*block) {
	t.Helper()
	var open *block
	offset := 0
	for i, line := range strings.SplitAfter(page, "\n") {
		if strings.HasPrefix(line, "```") {
			if open != nil {
				open.text, open.end = page[open.begin:offset], offset
				list = append(list, open)
				open = nil
			} else {
				words := append(strings.Fields(strings.TrimPrefix(line, "```")), "")
				open = &block{lang: words[0], words: words[1:], line: i + 1, begin: offset + len(line)}
			}
		}
		offset += len(line)
	}
	if open != nil {
		t.Errorf("%s:%d: this block is not closed", name, open.line)
	}
	return list
}

// around are the declarations that stand around statements and conditions.
const around = `program fragment
param limit = 10  param period = 60s
list well_known = {20..25, 53}
list internal = {10.0.0.0/8, 2001:db8::/32}
entity host: ip
entity pair: (src: ip, dst: ip)
metric syns { count tbf(window: 60s) }
metric peers { distinct bloom(window: 60s) count cbf(window: 60s) }
metric seen { distinct bloom(window: 60s) }
metric sources { count hll(window: 60s) }
metric talkers { count topk(k: 10) }
table last[host]: float
table owner[ip]: mac
feature rate = syns
event check: timeout for host
event one: packet for host = ip.src
event other: packet for host = ip.dst
state default { on other { when syns > 1e300 -> watched } }
state watched for 1h then default {}
`

// sources returns the programs to compile for a block; what they are compiled
// with stands before the text of the page.
func (b *block) sources() (list []string) {
	switch {
	case b.has("decl"):
		return []string{"program fragment\n" + b.text}
	case b.has("body"):
		return []string{around + "on one {\n" + b.text + "}\n"}
	case b.has("where"):
		for line := range strings.Lines(b.text) {
			if strings.TrimSpace(line) != "" {
				list = append(list, around+"event two: packet where "+line)
			}
		}
		return list
	}
	return []string{b.text}
}

func (b *block) isFragment() bool { return b.has("decl") || b.has("body") || b.has("where") }

// readList stands for the files that lists name.
func readList(path string) ([]byte, error) { return []byte("# empty\n"), nil }

func TestPrograms(t *testing.T) {
	for _, name := range pages(t) {
		page := read(t, name)
		for _, b := range blocks(t, name, page) {
			if b.lang != "smon" || b.has("wrong") {
				continue
			}
			for _, src := range b.sources() {
				_, list := lang.Check("it", []byte(src), readList)
				for _, d := range list {
					if d.Severity == diag.Error || !b.isFragment() {
						t.Errorf("%s:%d: %v\n%s", name, b.line, d, numbered(src))
					}
				}
			}
		}
	}
}

// TestFiles compares blocks that name a file of the checkout with it.
func TestFiles(t *testing.T) {
	for _, name := range pages(t) {
		page := read(t, name)
		var fresh strings.Builder
		done := 0
		for _, b := range blocks(t, name, page) {
			if b.lang != "xml" || !strings.Contains(b.words[0], "/") {
				continue
			}
			text := read(t, filepath.Join("..", b.words[0]))
			if b.text != text && !*update {
				t.Errorf("%s:%d: the text is not that of %s: go test ./doc -update takes it from there", name, b.line, b.words[0])
			}
			fresh.WriteString(page[done:b.begin] + text)
			done = b.end
		}
		fresh.WriteString(page[done:])
		if *update && fresh.String() != page {
			write(t, name, fresh.String())
		}
	}
}

func numbered(src string) string {
	var s strings.Builder
	for i, line := range strings.Split(src, "\n") {
		fmt.Fprintf(&s, "%4d  %s\n", i+1, line)
	}
	return s.String()
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
