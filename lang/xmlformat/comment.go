package xmlformat

import (
	"slices"
	"sort"
	"strings"

	"github.com/streamon/streamon/lang/ast"
)

// place puts the comments of a program above the elements of what begins on their
// line, else of what comes next.
func place(f *ast.File, root *element) {
	elements := map[ast.Node]*element{}
	note(elements, root)
	nodes := lineNodes(f)
	to := &root.behind
	var lines []string // of the comment that is collected
	flush := func() {
		if len(lines) > 0 {
			*to = append(*to, "<!-- "+strings.Join(lines, "\n     ")+" -->")
		}
		lines = nil
	}
	line := 0
	for _, c := range f.Comments {
		own := &root.behind
		for _, n := range nodes[anchor(c, nodes):] {
			if e := elements[n]; e != nil {
				own = &e.comments
				break
			}
		}
		if own != to || c.Pos.Line != line+1 {
			flush()
		}
		to, line = own, c.Pos.Line
		if text := clean(c.Text); text != "" {
			lines = append(lines, text)
		}
	}
	flush()
}

// note finds the first element of each node.
func note(elements map[ast.Node]*element, e *element) {
	for _, n := range e.from {
		if elements[n] == nil {
			elements[n] = e
		}
	}
	for _, c := range e.children {
		note(elements, c)
	}
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

// anchor returns the index of the node that a comment belongs to: the first one that
// begins on its line before it, else the next in the file, else len(nodes).
func anchor(c *ast.Comment, nodes []ast.Node) int {
	i := sort.Search(len(nodes), func(i int) bool { return nodes[i].Span().Start.Offset > c.Pos.Offset })
	for i > 0 && nodes[i-1].Span().Start.Line == c.Pos.Line {
		i--
	}
	return i
}

// clean returns the text of a comment as XML may have it.
func clean(text string) string {
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(text, "#"), "//"))
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
