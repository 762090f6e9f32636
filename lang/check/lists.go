package check

import (
	"errors"
	"io/fs"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/types"
)

// Lists. An inline list has the kind of its first member. A file may hold
// anything that looks like text, so its kind comes from the first place where it
// is used: "443" is a port beside tcp.dstport and a name beside http.host.

// maxListText is the largest file that is taken into a program, bytes.
const maxListText = 16 << 20

// listLine is one entry of a list's file.
type listLine struct {
	text string
	span source.Span // in the list's file
}

func (c *checker) lists() {
	for _, l := range c.p.Lists {
		if l.Decl.File != nil {
			c.readList(l)
			continue
		}
		kind := types.Invalid
		for _, e := range l.Decl.Set.Elems {
			item, ok := c.member(e, types.Invalid)
			if !ok {
				continue
			}
			if kind == types.Invalid {
				kind = item.Type
			}
			if item.Type != kind {
				c.errorf(diag.TypeMismatch, e, "%s in a list of %s", itemKind(item.Type), membersOf(kind))
				continue
			}
			l.Items = append(l.Items, item)
		}
		l.Kind = kind
		if len(l.Decl.Set.Elems) == 0 {
			c.warnf(diag.NeverTrue, l.Decl.Set, "list %q is empty: nothing is in it", l.Name)
		}
	}
}

// readList reads the file of a list and cuts it into entries: one a line, "#"
// begins a comment.
func (c *checker) readList(l *List) {
	path := c.text(l.Decl.File.Path)
	l.File = path
	if path == "" || c.opt.ReadFile == nil {
		c.errorf(diag.BadArgument, l.Decl.File.Path, "list %q: no file can be read here", l.Name)
		return
	}
	data, err := c.opt.ReadFile(path)
	switch {
	case err != nil:
		var where *fs.PathError // the path is known; which directory it was looked for in is not ours
		if errors.As(err, &where) {
			err = where.Err
		}
		c.errorf(diag.BadArgument, l.Decl.File.Path, "list %q cannot be read: %v", l.Name, err)
		return
	case len(data) > maxListText:
		c.errorf(diag.BadArgument, l.Decl.File.Path, "list %q has %d bytes, at most %d are possible", l.Name, len(data), maxListText)
		return
	case !utf8.Valid(data):
		c.errorf(diag.BadArgument, l.Decl.File.Path, "list %q is not text", l.Name)
		return
	}
	l.Text = string(data)
	offset := 0
	if strings.HasPrefix(l.Text, byteOrderMark) {
		offset = len(byteOrderMark)
	}
	for i, line := range strings.Split(l.Text[offset:], "\n") {
		text, _, _ := strings.Cut(line, "#")
		if entry := strings.TrimSpace(text); entry != "" {
			at := strings.Index(text, entry)
			col := utf8.RuneCountInString(text[:at]) + 1
			start := source.Pos{Filename: path, Offset: offset + at, Line: i + 1, Column: col}
			end := start
			end.Offset += len(entry)
			end.Column += utf8.RuneCountInString(entry)
			l.lines = append(l.lines, listLine{entry, source.Span{Start: start, End: end}})
		}
		offset += len(line) + 1
	}
}

// useList notes that x of type t is looked up in l, and checks that this makes
// sense. It gives a file's entries their kind.
func (c *checker) useList(l *List, at ast.Node, t types.Type) {
	l.used = true
	kind := memberKind(t)
	if kind == types.Invalid {
		return // said by the caller
	}
	if l.Decl.File != nil && l.first == nil {
		l.first, l.Kind = at, kind
		c.parseLines(l)
		return
	}
	if l.Kind == types.Invalid || l.Kind == kind {
		return
	}
	d := c.errorf(diag.TypeMismatch, at, "list %q holds %s, %s is needed here", l.Name, membersOf(l.Kind), itemKind(kind))
	if l.first != nil {
		d.Note(l.first.Span(), "its first use, here, makes it a list of %s", membersOf(l.Kind))
	} else {
		d.Note(l.Decl.Name.Span(), "%q is declared here", l.Name)
	}
}

// maxListErrors is how many wrong entries of one file are reported.
const maxListErrors = 5

// parseLines holds the entries of a file against the kind that the list has by
// its first use. The entries themselves are not kept: the runtime reads the text,
// as it does when the operator replaces the file.
func (c *checker) parseLines(l *List) {
	wrong := 0
	for _, line := range l.lines {
		kind, reason := entryKind(line.text)
		if kind == l.Kind {
			continue
		}
		if wrong++; wrong > maxListErrors {
			return
		}
		if reason != "" {
			c.diags.Errorf(diag.BadLiteral, line.span, "%q: %s", line.text, reason)
			continue
		}
		c.diags.Errorf(diag.BadLiteral, line.span, "%q is %s, not %s", line.text, itemKind(kind), itemKind(l.Kind)).
			Note(l.first.Span(), "list %q is a list of %s, because it is used here", l.Name, membersOf(l.Kind))
	}
}

// netItem returns a network as a member of a set.
func netItem(p netip.Prefix) (types.SetItem, bool) {
	if !p.IsValid() {
		return types.SetItem{}, false
	}
	p = p.Masked()
	bits := p.Bits()
	if p.Addr().Is4() {
		bits += 96
	}
	return types.SetItem{Type: types.Net, Addr: p.Addr().As16(), Bits: bits}, true
}

// itemKind and membersOf say what a set's members are, one and many.
func itemKind(t types.Type) string {
	switch t {
	case types.Net:
		return "an address or network"
	case types.Int:
		return "a number or range"
	case types.MAC:
		return "a MAC address"
	}
	return "a name"
}

func membersOf(t types.Type) string {
	switch t {
	case types.Net:
		return "addresses"
	case types.Int:
		return "numbers"
	case types.MAC:
		return "MAC addresses"
	}
	return "names"
}
