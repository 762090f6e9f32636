package lsp

import (
	"fmt"
	"strings"

	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/types"
)

// declared offers what the program declares. Its comment is looked for only if it fits.
func (c *completer) declared(kind int, label, detail string, o check.Object) {
	if c.fits(label) {
		c.add(kind, label, detail, c.doc(o))
	}
}

// values offers what an expression can name: what the program declares before what the
// language has.
func (c *completer) values() {
	p := c.program()
	for _, o := range p.Features {
		c.declared(itemVariable, o.Name, "feature", o)
	}
	c.metrics()
	c.tables()
	for _, o := range p.Params {
		c.declared(itemVariable, o.Name, "param", o)
	}
	for _, o := range p.Lists {
		c.declared(itemVariable, o.Name, "list", o)
	}
	for _, o := range p.Entities {
		c.declared(itemClass, o.Name, "entity", o)
		for _, f := range o.Fields {
			if f.Name != o.Name && f.Name != "" {
				c.add(itemField, o.Name+"."+f.Name, f.Type.String(), "")
			}
		}
	}
	c.fields()
	for _, b := range types.Builtins() {
		kind := itemValue
		if b.Call {
			kind = itemFunction
		}
		c.add(kind, b.Name, b.Sign, b.Doc)
	}
	for _, k := range types.Constants("") {
		c.add(itemConstant, k.Name, fmt.Sprint(k.Value), k.Doc)
	}
}

// fields offers the fields and layers of packets.
func (c *completer) fields() {
	for _, l := range types.Layers() {
		c.add(itemUnit, l.Name, "layer", l.Doc)
	}
	list := types.Fields()
	for i := range list {
		f := &list[i]
		detail := f.Type.String()
		if f.IsEither() {
			detail = "either of two"
		}
		c.add(itemField, f.Name, detail, f.Doc)
		if c.at.prefix == "" {
			continue
		}
		for _, a := range f.Aliases {
			if !strings.HasPrefix(f.Name, c.at.prefix) { // else the canonical name is there
				c.add(itemField, a, "now "+f.Name, f.Doc)
			}
		}
	}
}

func (c *completer) metrics() {
	for _, o := range c.program().Metrics {
		c.declared(itemVariable, o.Name, "metric", o)
	}
}

func (c *completer) tables() {
	for _, o := range c.program().Tables {
		c.declared(itemVariable, o.Name, "table", o)
	}
}

func (c *completer) states() {
	for _, o := range c.program().States {
		c.add(itemState, o.Name, "state", o.Doc)
	}
}

// events offers events, of one kind if that is given.
func (c *completer) events(kind *check.EventKind) {
	for _, o := range c.program().Events {
		if kind == nil || o.Kind == *kind {
			c.declared(itemEvent, o.Name, "event", o)
		}
	}
}

// doc is the comment of a declaration.
func (c *completer) doc(o check.Object) string {
	node, _ := declaration(o)
	if node == nil {
		return ""
	}
	return strings.TrimSpace(commentOf(c.d.latest().file, c.program(), node))
}

// program is what was understood of the program when it was looked at last: the names in
// it are hardly other ones now, and who types does not wait.
func (c *completer) program() *check.Program {
	if p := c.d.latest().program; p != nil {
		return p
	}
	return &check.Program{}
}
