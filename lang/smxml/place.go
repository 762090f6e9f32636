package smxml

import (
	"unicode/utf8"

	"github.com/streamon/streamon/lang/source"
)

// step is the distance of the places whose columns are known beforehand.
const step = 256

// places finds positions in a file. Unlike source.File it does not count a long
// line from its beginning each time: programs in XML may stand on one line.
type places struct {
	file *source.File
	runs []int // runs[i] = runes in the first i*step bytes

	latin bool // a byte is a character
}

func newPlaces(f *source.File) places {
	p := places{file: f, runs: make([]int, len(f.Src)/step+1)}
	n := 0
	for i, c := range f.Src {
		if i%step == 0 {
			p.runs[i/step] = n
		}
		if utf8.RuneStart(c) || c >= 0xF8 {
			n++
		}
	}
	return p
}

// runes is the number of characters before an offset.
func (p *places) runes(offset int) int {
	if p.latin {
		return offset
	}
	i := min(offset/step, len(p.runs)-1)
	n := p.runs[i]
	for _, c := range p.file.Src[i*step : offset] {
		if utf8.RuneStart(c) || c >= 0xF8 {
			n++
		}
	}
	return n
}

// pos returns the position of an offset in the file.
func (p *places) pos(offset int) source.Pos {
	offset = min(max(offset, 0), len(p.file.Src))
	line, start := p.file.LineOf(offset)
	return source.Pos{Filename: p.file.Name, Offset: offset, Line: line, Column: p.runes(offset) - p.runes(start) + 1}
}

func (p *places) span(from, to int) source.Span {
	return source.Span{Start: p.pos(from), End: p.pos(to)}
}

// value is the text of an attribute with its place in the file.
type value struct {
	p          *places
	text       string
	start, end int   // in the file, without the quotes
	offs       []int // where each byte of text stands; nil = start, start+1, …
}

// offset is where byte i of the text stands in the file.
func (v *value) offset(i int) int {
	switch {
	case i >= len(v.text):
		return v.end
	case v.offs != nil:
		return v.offs[i]
	}
	return v.start + i
}

// span is the place of text[from:to].
func (v *value) span(from, to int) source.Span {
	if to >= len(v.text) || to <= from {
		return v.p.span(v.offset(from), v.offset(to))
	}
	return v.p.span(v.offset(from), max(v.offset(to), v.offset(to-1)+1))
}

// whole is the place of all of it.
func (v *value) whole() source.Span { return v.p.span(v.start, v.end) }
