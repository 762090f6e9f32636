package lsp

import (
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/format"
	"github.com/streamon/streamon/lang/types"
)

// format brings the text into the canonical form, if it has no syntax errors.
func (d *document) format(*formatParams) (any, error) {
	if d.analysis().isXML || len(d.text) > types.MaxProgramBytes {
		return []textEdit{}, nil
	}
	tree, list := lang.Parse(d.name(), d.text)
	if list.HasErrors() {
		return []textEdit{}, nil
	}
	out, err := format.Source(tree, format.Options{Canonical: types.CanonicalName})
	if err != nil {
		return nil, err
	}
	if string(out) == string(d.text) {
		return []textEdit{}, nil
	}
	return []textEdit{{rangeOf{End: d.position(len(d.text))}, string(out)}}, nil
}
