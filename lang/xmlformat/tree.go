package xmlformat

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
)

// element is one element to be written.
type element struct {
	name     string
	attrs    []attr
	children []*element
	comments []string   // above it
	from     []ast.Node // what it says; the first is where it is
}

type attr struct{ name, value string }

// set adds an attribute.
func (e *element) set(name, value string) { e.attrs = append(e.attrs, attr{name, value}) }

// add adds a child; nil is passed over.
func (e *element) add(c *element) {
	if c != nil {
		e.children = append(e.children, c)
	}
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\n", "&#10;", "\t", "&#9;", "\r", "&#13;")

// escape returns a text as it stands in an attribute.
func escape(s string) string { return escapes.Replace(s) }

// text returns the element as the root of a file.
func (e *element) text() []byte {
	var b strings.Builder
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
	if e.name == "" { // comments behind everything
		return
	}
	b.WriteString(indent + "<" + e.name)
	for _, a := range e.attrs {
		b.WriteString(" " + a.name + `="` + escape(a.value) + `"`)
	}
	if len(e.children) == 0 {
		b.WriteString("/>\n")
		return
	}
	b.WriteString(">\n")
	for i, c := range e.children {
		if depth == 0 && (i == 0 || c.name != e.children[i-1].name || c.name == "event") {
			b.WriteString("\n")
		}
		c.write(b, depth+1)
	}
	if depth == 0 {
		b.WriteString("\n")
	}
	b.WriteString(indent + "</" + e.name + ">\n")
}

// comments puts the comments of the program above the elements that they are about:
// those of what begins on their line, else of what comes next.
func (w *writer) comments(root *element) {
	places := map[ast.Node]*element{}
	var note func(e *element)
	note = func(e *element) {
		for _, n := range e.from {
			if places[n] == nil {
				places[n] = e
			}
		}
		for _, c := range e.children {
			note(c)
		}
	}
	note(root)
	nodes := lineNodes(w.file)
	last := &element{}
	var lines []string // of the comment that is collected
	var of *element
	flush := func() {
		if len(lines) > 0 {
			of.comments = append(of.comments, comment(lines))
		}
		lines = nil
	}
	line := 0
	for _, c := range w.file.Comments {
		to := last
		if i := anchor(c, nodes); i < len(nodes) {
			to = near(nodes[i:], places, last)
		}
		if to != of || c.Pos.Line != line+1 {
			flush()
		}
		of, line = to, c.Pos.Line
		if text := clean(c.Text); text != "" {
			lines = append(lines, text)
		}
	}
	flush()
	if len(last.comments) > 0 {
		root.add(last)
	}
}

// near returns the element of the first of some nodes that has one.
func near(nodes []ast.Node, places map[ast.Node]*element, last *element) *element {
	for _, n := range nodes {
		if e := places[n]; e != nil {
			return e
		}
	}
	return last
}

// lineNodes are the nodes that a comment can be about, in the order of the source.
func lineNodes(f *ast.File) (out []ast.Node) {
	ast.Walk(f, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ProgramDecl, ast.Decl, ast.Stmt, *ast.MetricPart:
			out = append(out, n)
		case ast.Expr:
			return false
		}
		return true
	})
	slices.SortStableFunc(out, func(x, y ast.Node) int { return x.Span().Start.Offset - y.Span().Start.Offset })
	return out
}

// anchor returns the index of the node that a comment belongs to: the last one that
// begins on its line before it, else the next in the file, else len(nodes).
func anchor(c *ast.Comment, nodes []ast.Node) int {
	same, next := -1, len(nodes)
	for i, n := range nodes {
		at := n.Span().Start
		if at.Offset > c.Pos.Offset {
			next = i
			break
		}
		if at.Line == c.Pos.Line && same < 0 {
			same = i
		}
	}
	if same >= 0 {
		return same
	}
	return next
}

// clean returns the text of a comment as XML may have it.
func clean(text string) string {
	text = strings.TrimSpace(strings.TrimPrefix(text, "#"))
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xFFFE || r == 0xFFFF {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	for strings.Contains(text, "--") {
		text = strings.ReplaceAll(text, "--", "- -")
	}
	return strings.TrimSpace(text)
}

// comment returns lines as one comment.
func comment(lines []string) string {
	text := strings.Join(lines, "\n     ")
	return "<!-- " + text + " -->"
}
