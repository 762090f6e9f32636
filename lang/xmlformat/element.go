package xmlformat

import (
	"strings"
	"unicode/utf8"

	"github.com/streamon/streamon/lang/ast"
)

// width is the column behind which an attribute goes to a line of its own.
const width = 120

// element is one element to be written.
type element struct {
	name     string
	attrs    []attr
	children []*element
	comments []string   // above it
	behind   []string   // before its closing tag: comments that are above nothing
	from     []ast.Node // what it says; the first is where it is

	start, end int // offsets of its opening tag in the text, when that is written
}

type attr struct{ name, value string }

// newElement returns an element for what stands in a program, or for nil.
func newElement(name string, n ast.Node) *element {
	e := &element{name: name}
	if n != nil {
		e.from = []ast.Node{n}
	}
	return e
}

// set adds an attribute.
func (e *element) set(name, value string) { e.attrs = append(e.attrs, attr{name, value}) }

// setText adds an attribute that holds a fixed text, with the escapes of C++; none for
// an empty text.
func (e *element) setText(name string, lit *ast.StringLit) {
	if lit == nil {
		return
	}
	if text, _ := lit.Text(); text != "" {
		e.set(name, strings.ReplaceAll(text, `\`, `\\`))
	}
}

// size is how many bytes the attributes of the element and those inside have.
func (e *element) size() int {
	n := 0
	for _, a := range e.attrs {
		n += len(a.value)
	}
	for _, c := range e.children {
		n += c.size()
	}
	return n
}

// text returns the element as the root of a file.
func (e *element) text() []byte {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
	e.write(&b, 0)
	return []byte(b.String())
}

// write writes an element with two spaces of indent for each level. Directly below
// the root, a blank line stands between what is of different kinds.
func (e *element) write(b *strings.Builder, depth int) {
	indent := strings.Repeat("  ", depth)
	for _, c := range e.comments {
		b.WriteString(indent + c + "\n")
	}
	e.start = b.Len()
	e.tag(b, indent)
	e.end = b.Len()
	if len(e.children)+len(e.behind) == 0 {
		b.WriteString("/>\n")
		return
	}
	b.WriteString(">\n")
	for i, c := range e.children {
		if depth == 0 && i > 0 && group(c) != group(e.children[i-1]) {
			b.WriteString("\n")
		}
		c.write(b, depth+1)
	}
	for _, c := range e.behind {
		b.WriteString(indent + "  " + c + "\n")
	}
	b.WriteString(indent + "</" + e.name + ">\n")
}

// group tells elements apart that stand below the root with a blank line between.
func group(e *element) any {
	switch e.name {
	case "event":
		return e
	case "list", "entity":
		return "param"
	case "table":
		return "metric"
	}
	return e.name
}

// tag writes the opening tag without its end. What does not fit on a line stands
// below the first attribute.
func (e *element) tag(b *strings.Builder, indent string) {
	open := indent + "<" + e.name
	b.WriteString(open)
	column := len(open)
	for i, a := range e.attrs {
		text := a.name + "=" + quote(a.value)
		n := 1 + utf8.RuneCountInString(text)
		if i > 0 && column+n+len("/>") > width {
			b.WriteString("\n" + strings.Repeat(" ", len(open)))
			column = len(open)
		}
		b.WriteString(" " + text)
		column += n
	}
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", "&#10;", "\t", "&#9;", "\r", "&#13;")

// quote returns a value between the quotes that need fewer escapes.
func quote(s string) string {
	text := escapes.Replace(s)
	if strings.Contains(s, `"`) && !strings.Contains(s, "'") {
		return "'" + text + "'"
	}
	return `"` + strings.ReplaceAll(text, `"`, "&quot;") + `"`
}
