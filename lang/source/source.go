// Package source owns places in program texts: files, byte offsets, positions
// and spans. It knows nothing of any language; the front-ends make positions,
// and [diag] prints them.
//
//	f := source.NewFile("p2p.smon", src)
//	pos := f.Pos(17)          // line and column of byte 17
//	line := f.Line(pos.Line)  // the text to put a caret under
//
// [diag]: https://pkg.go.dev/github.com/streamon/streamon/lang/diag
package source

import (
	"fmt"
	"sort"
	"unicode/utf8"
)

// Pos is one place in a file. Its zero value means "nowhere".
//
// The field names and their order are those of participle's lexer.Position:
// the parser fills every node's Pos and EndPos by converting, so no package
// that holds nodes has to know participle.
type Pos struct {
	Filename string // as given to NewFile
	Offset   int    // in bytes, 0-based
	Line     int    // 1-based; 0 in an invalid Pos
	Column   int    // 1-based, in runes
}

// IsValid reports whether p stands for a place in a file.
func (p Pos) IsValid() bool { return p.Line > 0 }

// String returns "file:line:col", or "line:col" without a file name, or "-"
// for an invalid position.
func (p Pos) String() string {
	switch {
	case !p.IsValid():
		return "-"
	case p.Filename == "":
		return fmt.Sprintf("%d:%d", p.Line, p.Column)
	}
	return fmt.Sprintf("%s:%d:%d", p.Filename, p.Line, p.Column)
}

// Span is the text from Start up to, but not including, End.
type Span struct {
	Start, End Pos
}

// IsValid reports whether s stands for a place in a file.
func (s Span) IsValid() bool { return s.Start.IsValid() }

// Len returns the length of s in bytes.
func (s Span) Len() int { return s.End.Offset - s.Start.Offset }

// String returns the start of s as [Pos.String] does.
func (s Span) String() string { return s.Start.String() }

// Join returns the smallest span that covers a and b; an invalid one is ignored.
func Join(a, b Span) Span {
	switch {
	case !a.IsValid():
		return b
	case !b.IsValid():
		return a
	}
	if b.Start.Offset < a.Start.Offset {
		a.Start = b.Start
	}
	if b.End.Offset > a.End.Offset {
		a.End = b.End
	}
	return a
}

// File is the text of one program with its line table. It is immutable and
// safe for concurrent use; it keeps the slice it was made from.
type File struct {
	Name  string
	Src   []byte
	lines []int // offset of the first byte of each line
}

// NewFile returns the file of that name and content. src must not change
// afterwards.
func NewFile(name string, src []byte) *File {
	lines := []int{0}
	for i, c := range src {
		if c == '\n' {
			lines = append(lines, i+1)
		}
	}
	return &File{Name: name, Src: src, lines: lines}
}

// NumLines returns the number of lines; an empty file has one.
func (f *File) NumLines() int { return len(f.lines) }

// Pos returns the position of a byte offset. An offset outside the file is
// moved to its nearest end.
func (f *File) Pos(offset int) Pos {
	offset = min(max(offset, 0), len(f.Src))
	line, start := f.LineOf(offset)
	return Pos{
		Filename: f.Name,
		Offset:   offset,
		Line:     line,
		Column:   utf8.RuneCount(f.Src[start:offset]) + 1,
	}
}

// LineOf returns the 1-based line of a byte offset within the file, and the offset
// at which that line begins.
func (f *File) LineOf(offset int) (line, start int) {
	line = sort.Search(len(f.lines), func(i int) bool { return f.lines[i] > offset })
	return line, f.lines[line-1]
}

// LineStart returns the offset of the first byte of a 1-based line, which must exist.
func (f *File) LineStart(line int) int { return f.lines[line-1] }

// Span returns the span of the bytes [start, end).
func (f *File) Span(start, end int) Span { return Span{f.Pos(start), f.Pos(end)} }

// Line returns the text of a 1-based line without its line end, or "" when
// there is no such line.
func (f *File) Line(n int) string {
	if n < 1 || n > len(f.lines) {
		return ""
	}
	end := len(f.Src)
	if n < len(f.lines) {
		end = f.lines[n] - 1
	}
	start := f.lines[n-1]
	if end > start && f.Src[end-1] == '\r' {
		end--
	}
	return string(f.Src[start:end])
}

// Text returns the source text of a span, clipped to the file.
func (f *File) Text(s Span) string {
	lo := min(max(s.Start.Offset, 0), len(f.Src))
	hi := min(max(s.End.Offset, lo), len(f.Src))
	return string(f.Src[lo:hi])
}
