package smon

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// The file holds programs cut by lines of ---. A comment "//! text" wants a
// diagnostic on its line that has the text in "message [code] hint"; "…"
// in it stands for anything. Diagnostics nobody wants are faults.
func TestErrors(t *testing.T) {
	src, err := os.ReadFile("testdata/errors.smon")
	if err != nil {
		t.Fatal(err)
	}
	line := 1
	for _, chunk := range strings.Split(string(src), "---\n") {
		t.Run(fmt.Sprintf("line_%d", line), func(t *testing.T) { checkChunk(t, chunk, line) })
		line += strings.Count(chunk, "\n") + 1
	}
}

func checkChunk(t *testing.T, chunk string, first int) {
	_, diags := Parse(source.NewFile("errors.smon", []byte(chunk)))
	for i, text := range strings.Split(chunk, "\n") {
		for _, want := range strings.Split(text, "//! ")[1:] {
			if !take(&diags, i+1, strings.TrimSpace(want)) {
				t.Errorf("testdata/errors.smon:%d: no diagnostic %q", first+i, strings.TrimSpace(want))
			}
		}
	}
	for _, d := range diags {
		t.Errorf("testdata/errors.smon:%d: unexpected diagnostic %q", first+d.Span.Start.Line-1, text(d))
	}
}

// take removes the first diagnostic on a line that has the wanted text.
func take(diags *diag.List, line int, want string) bool {
	for i, d := range *diags {
		if d.Span.Start.Line == line && hasParts(text(d), strings.Split(want, "…")) {
			*diags = append((*diags)[:i:i], (*diags)[i+1:]...)
			return true
		}
	}
	return false
}

func text(d *diag.Diagnostic) string {
	return fmt.Sprintf("%s [%s] %s", d.Message, d.Code, d.Hint)
}

func hasParts(s string, parts []string) bool {
	for _, p := range parts {
		_, rest, ok := strings.Cut(s, strings.TrimSpace(p))
		if !ok {
			return false
		}
		s = rest
	}
	return true
}

// The example of every code that belongs to the front-end provokes it.
func TestExamplesOfCodes(t *testing.T) {
	for _, c := range diag.Codes() {
		if c >= diag.XML {
			break
		}
		src := c.Example()
		if c == diag.TooDeep { // its example is in words
			src = "program p\nfeature f = " + strings.Repeat("(", 201) + "1" + strings.Repeat(")", 201)
		}
		_, diags := Parse(source.NewFile("example.smon", []byte(src)))
		found := false
		for _, d := range diags {
			found = found || d.Code == c
		}
		if !found {
			t.Errorf("the example of %s gives %v:\n%s", c, diags, src)
		}
	}
}

// The examples of all other codes are mistakes of meaning: they parse.
func TestExamplesParse(t *testing.T) {
	for _, c := range diag.Codes() {
		if c <= diag.XML || c == diag.NotInXML || strings.HasPrefix(c.Example(), "<") { // lang/smxml and lang/xmlformat test those
			continue
		}
		if _, diags := Parse(source.NewFile("example.smon", []byte(c.Example()))); len(diags) > 0 {
			t.Errorf("the example of %s does not parse: %v\n%s", c, diags, c.Example())
		}
	}
}

func TestFirstSet(t *testing.T) {
	for text, want := range map[string]string{
		`":" Trigger`:                            `":"`,
		`Trigger`:                                `"packet","timeout","every"`,
		`("," Arg)* ","? ")"`:                    `",",")"`,
		`(("after" Expr) | ("every" Expr))`:      `"after","every"`,
		`(?= "new" "(") "new" Key`:               `"new"`,
		`("->" Ident)? ("{" Action* "}")? "end"`: `"->","{","end"`,
		`("a" | "b"?) "c"`:                       `"a","b","c"`,
		``:                                       ``,
		`"open`:                                  ``,
	} {
		if got := strings.Join(firstSet(text), ","); got != want {
			t.Errorf("firstSet(%q) = %s, want %s", text, got, want)
		}
	}
}
