package lsp

import (
	"net/url"
	"path/filepath"
	"unicode/utf16"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/streamon/streamon/lang/source"
)

// document is one open program. What is known about it is found out when it is asked
// for, and kept until it changes.
type document struct {
	opt     *Options
	uri     string
	path    string // of the file, "" if it has none
	version int
	text    []byte
	edits   int // how often it changed
	file    *source.File
	known   *analysis // of the present text, once somebody has asked
	before  *analysis // the last one, of another text
}

func (s *server) didOpen(p *openParams) (*document, error) {
	d := &document{opt: &s.opt, uri: p.TextDocument.URI, path: pathOf(p.TextDocument.URI)}
	s.docs[d.uri] = d
	d.set([]byte(p.TextDocument.Text), p.TextDocument.Version)
	return d, nil
}

func (s *server) didChange(p *changeParams) (*document, error) {
	d := s.docs[p.TextDocument.URI]
	if d == nil {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: p.TextDocument.URI + " is not open"}
	}
	for _, c := range p.ContentChanges {
		text := []byte(c.Text)
		if c.Range != nil {
			from, to := d.offset(c.Range.Start), d.offset(c.Range.End)
			if to < from {
				from, to = to, from
			}
			text = append(append(append(make([]byte, 0, len(d.text)+len(c.Text)), d.text[:from]...), c.Text...), d.text[to:]...)
		}
		d.set(text, p.TextDocument.Version)
	}
	return d, nil
}

// didClose forgets the document, and what was said about it.
func (s *server) didClose(p *closeParams) (*document, error) {
	d := s.docs[p.TextDocument.URI]
	if d == nil {
		d = &document{uri: p.TextDocument.URI}
	}
	d.edits++
	delete(s.docs, d.uri)
	return d, nil
}

func (d *document) set(text []byte, version int) {
	d.text, d.version = text, version
	d.edits++
	if d.known != nil {
		d.known, d.before = nil, d.known
	}
	d.file = source.NewFile(d.name(), text)
}

// name is what positions call the document: its ending says what language it is in.
func (d *document) name() string {
	if d.path != "" {
		return filepath.Base(d.path)
	}
	return d.uri
}

// pathOf returns the file that a URI names, "" for one that is no file's.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" {
		return ""
	}
	path := u.Path
	if len(path) > 2 && path[0] == '/' && path[2] == ':' { // /c:/programs/p2p.smon
		path = path[1:]
	}
	return filepath.FromSlash(path)
}

// offset returns the byte at a position; one beyond the end of its line, or of the
// text, is the end there.
func (d *document) offset(p position) int {
	if p.Line < 0 || p.Line >= d.file.NumLines() {
		if p.Line < 0 {
			return 0
		}
		return len(d.text)
	}
	start, line := d.file.LineStart(p.Line+1), d.file.Line(p.Line+1)
	units := 0
	for at, r := range line {
		if units >= p.Character {
			return start + at
		}
		units += utf16.RuneLen(r)
	}
	return start + len(line)
}

// position is that of a byte.
func (d *document) position(offset int) position {
	offset = min(max(offset, 0), len(d.text))
	line, start := d.file.LineOf(offset)
	p := position{Line: line - 1}
	for _, r := range string(d.text[start:offset]) {
		p.Character += utf16.RuneLen(r)
	}
	return p
}

func (d *document) rangeOf(s source.Span) rangeOf {
	return rangeOf{d.position(s.Start.Offset), d.position(max(s.Start.Offset, s.End.Offset))}
}
