package lsp

import (
	"fmt"
	"strings"

	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/types"
)

// complete offers what can stand at a place.
func (d *document) complete(p *placeParams) (any, error) {
	offset := d.offset(p.Position)
	c := completer{d: d, at: situationAt(d.text, offset), items: []completionItem{}}
	if !c.at.inText && !d.latest().isXML {
		c.r = rangeOf{d.position(c.at.from), d.position(offset)}
		c.offer()
	}
	return completionList{Items: c.items}, nil
}

// completer collects the items of one answer.
type completer struct {
	d     *document
	at    situation
	r     rangeOf // of the word
	items []completionItem
}

// add offers a word. Those that were added first are shown first.
func (c *completer) add(kind int, label, detail, doc string) {
	if !c.fits(label) {
		return
	}
	c.items = append(c.items, completionItem{
		Label: label, Kind: kind, Detail: detail, Documentation: doc,
		SortText: fmt.Sprintf("%04d", len(c.items)), FilterText: label, TextEdit: textEdit{c.r, label},
	})
}

// fits reports whether a word begins with what was typed.
func (c *completer) fits(label string) bool {
	return strings.HasPrefix(strings.ToLower(label), strings.ToLower(c.at.prefix))
}

func (c *completer) keywords(words ...string) {
	for _, w := range words {
		c.add(itemKeyword, w, "", "")
	}
}

// declarations are the words that begin a declaration.
var declarations = []string{"param", "list", "entity", "metric", "table", "feature", "event", "in", "on", "state"}

// statements offers the words that statements of these parts begin with, with
// their first form.
func (c *completer) statements(parts ...types.Part) {
	seen := map[string]bool{"": true}
	for _, p := range parts {
		for _, s := range types.Statements(p) {
			if !seen[s.Word] {
				seen[s.Word] = true
				c.add(itemKeyword, s.Word, s.Sign, s.Doc)
			}
		}
	}
}

// offer adds what fits the situation.
func (c *completer) offer() {
	s := &c.at
	switch {
	case s.head == "text":
		c.values()
	case s.prev == "->" || s.prev == "then":
		c.states()
	case s.head == "in" && s.block == "" && s.after("in"):
		c.keywords("any")
		c.states()
	case s.after("on"):
		c.events(nil)
	case s.prev == "start" || s.prev == "stop":
		timeout := check.TimeoutEvent
		c.events(&timeout)
	case s.after("set", "get"):
		c.metrics()
	case s.prev == "reset":
		c.metrics()
		c.tables()
	case s.prev == "delete" || s.prev == "has":
		c.tables()
	case s.prev == "alert" || s.prev == "level":
		for _, l := range types.Levels {
			c.add(itemConstant, l, "level", "")
		}
	case s.head == "event":
		c.event()
	case s.block == "metric" || s.head == "metric":
		c.structure()
	case s.head == "entity" || s.head == "table":
		c.typed()
	case s.head == "state" && s.prev != "for" && s.prev != "}":
		c.keywords("for", "lazy", "then", "level", "code")
	case s.head == "" && s.block == "":
		c.keywords(declarations...)
	case s.head == "" && (s.block == "in" || s.block == "state"):
		c.keywords("on")
	case s.head == "" && s.block == "on":
		c.statements(types.Condition, types.Operation, types.Action)
		c.tables()
	case s.head == "" && (s.block == "when" || s.block == "otherwise" || s.block == "always"):
		c.statements(types.Operation, types.Action)
		c.tables()
	default:
		c.expression()
	}
}

// event offers the parts of an event's declaration.
func (c *completer) event() {
	switch s := &c.at; {
	case s.prev == ":":
		c.keywords("packet", "timeout", "every")
	case s.prev == "packet":
		c.keywords("where", "for")
	case s.prev == "timeout":
		c.keywords("for")
	case s.prev == "for":
		for _, o := range c.program().Entities {
			c.declared(itemClass, o.Name, "entity", o)
		}
	case s.hasWord("for"):
		c.keywords("both")
		c.fields()
	default:
		c.expression()
		c.keywords("for")
	}
}

// structure offers the parts of a metric.
func (c *completer) structure() {
	s := &c.at
	kinds := func(role types.Role) {
		for _, k := range types.Kinds(role) {
			c.add(itemType, k.Name, string(role), k.Doc)
		}
	}
	switch {
	case s.prev == "distinct":
		kinds(types.Distinct)
	case s.prev == "count":
		kinds(types.Count)
	case s.paren != "" && (s.prev == "(" || s.prev == ","):
		if k := types.LookupKind(s.paren); k != nil {
			for _, a := range k.Args {
				c.add(itemField, a.Name+":", k.Name, a.Doc)
			}
		}
	case s.prev == ":":
		c.keywords("evict", "reject")
		for _, o := range c.program().Params {
			c.declared(itemVariable, o.Name, "param", o)
		}
	default:
		c.keywords("distinct", "count")
	}
}

// typed offers types, and entities where a table's key can have one.
func (c *completer) typed() {
	for _, t := range types.Names {
		c.add(itemType, t, "type", "")
	}
	if c.at.head == "table" {
		for _, o := range c.program().Entities {
			c.declared(itemClass, o.Name, "entity", o)
		}
	}
	if c.at.paren != "" {
		c.keywords("capacity:", "full:", "evict", "reject")
	}
}

// expression offers values and the operators that are words.
func (c *completer) expression() {
	c.values()
	c.keywords("and", "or", "not", "in", "has")
	if c.at.head == "set" {
		c.keywords("new", "by")
	}
}
