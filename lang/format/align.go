package format

import (
	"strings"
	"unicode/utf8"
)

// Lines of one kind that follow each other are a table: params, metrics, one-line handlers
// and so on. Their parts are put into columns as far as every line of the table still
// fits, and so are the comments behind lines that follow each other. What is on a line
// was decided before, so that the result, formatted again, is the same.

// row is a line that has columns, or a comment behind it.
type row struct {
	start   int    // offset of the line, at its indent
	indent  int    // spaces
	kind    string // lines of different kinds are no table; "" has no columns
	text    string
	cols    []int // offsets in text at which its parts begin, the first left out
	comment int   // offset in text of the comment; len(text) without one

	pads []int // spaces to put in before each part, and last before the comment
}

// newRow returns the row of a line: its parts, and the comment behind them or "".
func newRow(kind string, parts []string, comment string) *row {
	r := &row{kind: kind}
	for i, part := range parts {
		if i > 0 {
			r.text += " "
			r.cols = append(r.cols, len(r.text))
		}
		r.text += part
	}
	r.comment = len(r.text)
	if comment != "" {
		r.text += "  "
		r.comment = len(r.text)
		r.text += comment
	}
	r.pads = make([]int, len(r.cols)+1)
	return r
}

func (r *row) hasComment() bool { return r.comment < len(r.text) }

// after returns the offset of the line after it.
func (r *row) after() int { return r.start + r.indent + len(r.text) + 1 }

// column returns where column c begins, in characters, the one of the comment last.
func (r *row) column(c int) int {
	offset := r.comment
	if c < len(r.cols) {
		offset = r.cols[c]
	}
	n := r.indent + utf8.RuneCountInString(r.text[:offset])
	for _, pad := range r.pads[:c] {
		n += pad
	}
	return n
}

// end returns where the code ends, in characters.
func (r *row) end() int {
	n := r.column(len(r.cols))
	if r.hasComment() {
		n -= 2
	}
	return n
}

// align puts the rows of a text into columns.
func align(text string, rows []*row) string {
	eachRun(rows, func(a, b *row) bool { return a.kind == b.kind && a.kind != "" }, func(run []*row) {
		most := 0
		for _, r := range run {
			most = max(most, len(r.cols))
		}
		for c := range most {
			alignColumn(run, c)
		}
	})
	eachRun(rows, func(a, b *row) bool { return a.hasComment() && b.hasComment() }, func(run []*row) {
		if run[0].hasComment() {
			alignComments(run)
		}
	})
	var b strings.Builder
	done := 0
	for _, r := range rows {
		b.WriteString(text[done : r.start+r.indent])
		from := 0
		for c, pad := range r.pads {
			to := r.comment
			if c < len(r.cols) {
				to = r.cols[c]
			}
			b.WriteString(r.text[from:to])
			b.WriteString(strings.Repeat(" ", pad))
			from = to
		}
		b.WriteString(r.text[from:])
		done = r.after() - 1
	}
	b.WriteString(text[done:])
	return b.String()
}

// eachRun calls do for each run of rows that follow each other line by line at one
// indent and are alike.
func eachRun(rows []*row, alike func(a, b *row) bool, do func([]*row)) {
	for begin := 0; begin < len(rows); {
		end := begin + 1
		for end < len(rows) && rows[end].start == rows[end-1].after() && rows[end].indent == rows[begin].indent && alike(rows[end-1], rows[end]) {
			end++
		}
		do(rows[begin:end])
		begin = end
	}
}

// alignColumn aligns a column of the rows that have it, if each of them then fits.
func alignColumn(run []*row, c int) {
	target := 0
	for _, r := range run {
		if c < len(r.cols) {
			target = max(target, r.column(c))
		}
	}
	for _, r := range run {
		if c < len(r.cols) && r.end()+target-r.column(c) > width {
			return
		}
	}
	for _, r := range run {
		if c < len(r.cols) {
			r.pads[c] = target - r.column(c)
		}
	}
}

// alignComments aligns the comments behind lines.
func alignComments(run []*row) {
	target := 0
	for _, r := range run {
		target = max(target, r.column(len(r.cols)))
	}
	for _, r := range run {
		r.pads[len(r.cols)] = target - r.column(len(r.cols))
	}
}
