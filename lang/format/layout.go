package format

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/source"
)

const (
	width      = 100 // columns after which a line is broken, if it can be
	indentUnit = "  "
)

// printer writes lines. It walks the tree in source order and puts the comments
// between as their offsets say; trees without positions work too, they have
// no comments.
type printer struct {
	opt      Options
	declared map[string]bool
	comments []*ast.Comment // not written yet

	b       strings.Builder
	rows    []*row // of the lines in b that may be aligned
	depth   int
	srcLine int  // source line on which the last thing written ended; 0 at first
	apart   bool // a blank line has to come before the next line
	opened  bool // the last line opened a block: no blank line after it
}

// open writes what has to come before an item: a blank line when the source has
// one, and the comments before offset end, each on a line of its own.
func (p *printer) open(at source.Pos, end int) {
	line := at.Line
	if c := p.next(); c != nil && c.Pos.Offset < end {
		line = min(line, c.Pos.Line)
	}
	p.blank(line)
	for c := p.next(); c != nil && c.Pos.Offset < end; c = p.next() {
		p.blank(c.Pos.Line)
		p.raw(comment(c))
		p.srcLine = c.EndPos.Line
		p.comments = p.comments[1:]
		if c.Pos.Offset < at.Offset {
			p.blank(p.lineAfter(at, end))
		}
	}
}

// lineAfter is the source line of what is written next: a comment before end,
// or the item at at.
func (p *printer) lineAfter(at source.Pos, end int) int {
	if c := p.next(); c != nil && c.Pos.Offset < end && c.Pos.Offset < at.Offset {
		return c.Pos.Line
	}
	return at.Line
}

// blank writes a blank line if one is due before something that stands on
// that source line.
func (p *printer) blank(line int) {
	gap := p.srcLine > 0 && line > p.srcLine+1
	if (gap || p.apart) && !p.opened && p.b.Len() > 0 && !strings.HasSuffix(p.b.String(), "\n\n") {
		p.b.WriteString("\n")
	}
	p.apart = false
}

// next returns the first comment that is not written, or nil.
func (p *printer) next() *ast.Comment {
	if len(p.comments) == 0 {
		return nil
	}
	return p.comments[0]
}

// raw writes one line at the present indent.
func (p *printer) raw(text string) {
	p.b.WriteString(strings.Repeat(indentUnit, p.depth))
	p.b.WriteString(text)
	p.b.WriteString("\n")
	p.opened = false
}

// line writes a line whose source ended at end, with the comment that stood
// behind it if that is before offset limit.
func (p *printer) line(text string, end source.Pos, limit int) {
	p.row("", []string{text}, end, limit)
}

// row is line for one that is a row of a table of some kind, with its parts, and
// returns the row.
func (p *printer) row(kind string, parts []string, end source.Pos, limit int) *row {
	behind := ""
	if c := p.next(); c != nil && c.Pos.Line == end.Line && c.Pos.Offset < limit {
		behind = comment(c)
		p.comments = p.comments[1:]
	}
	r := newRow(kind, parts, behind)
	r.start, r.indent = p.b.Len(), len(indentUnit)*p.depth
	p.raw(r.text)
	p.srcLine = end.Line
	return r
}

// comment returns a comment in its canonical form.
func comment(c *ast.Comment) string {
	text := strings.TrimRight(c.Text, " \t\r\v\f")
	if rest, ok := strings.CutPrefix(text, "//"); ok {
		return "#" + rest
	}
	return text
}

// fits reports whether text can stand on one line at the present indent.
func (p *printer) fits(text string) bool {
	return p.depth*len(indentUnit)+utf8.RuneCountInString(text) <= width && !strings.Contains(text, "\n")
}

// leaf writes an item that takes one line, or several that text holds.
func (p *printer) leaf(n ast.Node, text string, limit int) {
	p.cells(n, "", limit, text)
}

// cells is leaf for an item that is a row of a table of some kind, with its parts.
func (p *printer) cells(n ast.Node, kind string, limit int, parts ...string) {
	span := n.Span()
	p.open(span.Start, span.End.Offset)
	r := p.row(kind, parts, span.End, limit)
	if !strings.Contains(r.text, "\n") && (kind != "" || r.hasComment()) {
		p.rows = append(p.rows, r)
	}
}

// block writes "head {", the items, and "}". Comments that are left before the
// end of n stand before the closing brace.
func block[N ast.Node](p *printer, n ast.Node, head string, items []N, item func(N, int), limit int) {
	span := n.Span()
	p.open(span.Start, span.Start.Offset)
	first := span.End.Offset
	if len(items) > 0 {
		first = items[0].Span().Start.Offset
	}
	p.line(head+" {", span.Start, first)
	p.depth++
	p.opened = true
	each(items, item, span.End.Offset)
	p.open(span.End, span.End.Offset)
	p.depth--
	p.line("}", span.End, limit)
}

// each writes items; each gets the offset before which a comment on its last
// line is its own.
func each[N ast.Node](items []N, item func(N, int), end int) {
	for i, it := range items {
		limit := end
		if i+1 < len(items) {
			limit = items[i+1].Span().Start.Offset
		}
		item(it, limit)
	}
}

// file writes all declarations and the comments that are left.
func (p *printer) file(f *ast.File) {
	decls := make([]ast.Node, 0, len(f.Decls)+1)
	if f.Program != nil {
		decls = append(decls, f.Program)
	}
	for _, d := range f.Decls {
		decls = append(decls, d)
	}
	each(decls, p.topLevel, math.MaxInt)
	end := f.Span().End
	end.Offset = math.MaxInt
	if p.next() != nil {
		p.open(end, end.Offset)
	}
	text := strings.TrimRight(align(p.b.String(), p.rows), "\n")
	p.b.Reset()
	if text != "" {
		p.b.WriteString(text + "\n")
	}
}

// topLevel writes a declaration; one over several lines stands apart.
func (p *printer) topLevel(n ast.Node, limit int) {
	before := p.b.Len()
	tall := isTall(n)
	p.apart = p.apart || tall && before > 0
	p.decl(n, limit)
	p.apart = tall
}

// isTall reports whether a declaration opens a block over several lines.
func isTall(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.InDecl:
		return len(n.Handlers) > 0
	case *ast.StateDecl:
		return len(n.Handlers) > 0
	}
	return false
}
