// Package smxml is the front-end for programs in the XML dialect of the
// prototype (<botstream>) and in the style of the paper (<streamon name="…">): it
// reads them to the tree that lang/smon makes of .smon files. [Parse] is its whole
// surface.
//
// How a program is read: the scanner makes elements of the text and keeps the place
// of every attribute; the schema says which elements and attributes there are; the
// builder declares what has a name, then reads expressions, selectors, keys and
// actions, which are small languages inside attributes. What the dialect nests as
// events, with states inside, the tree has as states with handlers inside; what all
// states have alike goes to "in any".
//
// The dialect is that of the prototype's programs, and what they mean is what their
// authors meant: doc/xml.md says where that is not what the binary did. What the
// prototype accepted by chance, or not at all, and what is clear nevertheless, is
// read with a warning that names it.
package smxml

import (
	"bytes"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// Is reports whether a program is in XML: its file is called so, or its text
// begins with "<".
func Is(name string, src []byte) bool {
	if len(name) > 4 && name[len(name)-4:] == ".xml" {
		return true
	}
	src = bytes.TrimPrefix(src, []byte("\xEF\xBB\xBF"))
	return bytes.HasPrefix(bytes.TrimLeft(src, " \t\r\n"), []byte("<"))
}

// Reader reads a text of the language itself, as smon.Parse does: programs in the
// style of the paper hold expressions and actions of it in their attributes.
type Reader func(f *source.File) (*ast.File, diag.List)

// Parse reads a program; what stands in it in the language itself, read reads. It
// always returns a tree, which is whole only if the list, which is sorted, has no
// errors; else it may be empty.
//
// It never panics. Texts beyond the limits of the scanner are refused, so it takes
// less than 64 MB whatever src is.
func Parse(f *source.File, read Reader) (*ast.File, diag.List) {
	var diags diag.List
	s := &scanner{places: newPlaces(f), src: f.Src, diags: &diags}
	s.run()
	file := &ast.File{Place: ast.At(s.span(0, len(f.Src)))}
	for _, c := range s.comments {
		file.Comments = append(file.Comments, &ast.Comment{Place: ast.At(c.span), Text: c.text})
	}
	if !s.failed {
		b := newBuilder(&s.places, &diags, s.root)
		if isPaper(s.root) {
			newPaper(b, read).file(file)
		} else {
			b.file(file)
		}
	}
	diags.Sort()
	return file, diags
}
