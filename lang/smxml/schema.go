package smxml

import (
	"maps"
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// rule says what an element may hold. Attributes that the prototype read and made
// nothing of are listed too: they are accepted in silence, as they change nothing.
type rule struct {
	attrs    []string
	children []string
}

// top is what stands directly in a program, or in one of the elements that only
// group.
var top = []string{
	"source", "publisher", "statedef", "metric", "table", "feature", "event", "additional_block",
	"metrics", "features", "tables", "events", "statedefs", "states",
}

// rules is the dialect. The prototype had no schema and passed over what it did not
// know; here that is an error, since it is a slip more often than not.
var rules = map[string]rule{
	"botstream": {children: top}, "streamon": {children: top},
	"metrics": {children: top}, "features": {children: top}, "tables": {children: top},
	"events": {children: top}, "statedefs": {children: top}, "states": {children: top},

	"source":    {attrs: []string{"type", "name"}},
	"publisher": {attrs: []string{"protocol", "ip", "port"}},
	"statedef":  {attrs: []string{"id", "timeout", "next_state"}},
	"metric": {
		attrs:    []string{"name", "config", "source", "hw_id"},
		children: []string{"variation_detector", "variation_monitor"},
	},
	"variation_detector": {attrs: []string{"status", "slave", "reset_after", "size", "nhash", "life"}},
	"variation_monitor":  {attrs: []string{"status", "type", "window", "life", "insert_value", "size", "nhash"}},
	"table": {
		attrs:    []string{"name", "type", "key_type", "value_type", "nhash", "shash"},
		children: []string{"entry"},
	},
	"entry":   {attrs: []string{"key", "value"}},
	"feature": {attrs: []string{"name", "body"}},
	"event": {
		attrs:    []string{"type", "selector", "primary-key", "class", "attack_type", "source"},
		children: []string{"state"},
	},
	"state": {
		attrs:    []string{"id", "code", "level", "description"},
		children: []string{"use-metric", "condition", "post-condition-action"},
	},
	"use-metric":            {attrs: []string{"id", "vd_get", "vd_set", "vd_update", "vm_get", "vm_set", "vm_update"}},
	"condition":             {attrs: []string{"expression", "action", "next_state"}, children: []string{"timeout_set"}},
	"post-condition-action": {attrs: []string{"do"}, children: []string{"timeout_set"}},
	"timeout_set":           {attrs: []string{"class", "key", "value", "primarykey", "primary-key"}},
	"additional_block":      {attrs: []string{"name"}, children: []string{"socket", "feed"}},
	"socket":                {attrs: []string{"path"}},
	"feed":                  {attrs: []string{"atype", "name", "content", "export"}},
}

// elementNames are those of the dialect, for suggestions, sorted.
func (b *builder) elementNames() []string { return slices.Sorted(maps.Keys(b.rules)) }

// validate holds the tree against the rules and drops what they do not know. It
// returns false if this is no program at all.
func (b *builder) validate(root *element) bool {
	if root.name != "botstream" && root.name != "streamon" {
		b.errorf(diag.UnknownElement, root.tag, "the root element is <%s>", root.name).
			Suggest(b.near(root.name, []string{"botstream", "streamon"})).
			Note(source.Span{}, "a program is a <botstream> element")
		return false
	}
	b.validateElement(root)
	return true
}

func (b *builder) validateElement(e *element) {
	r := b.rules[e.name]
	e.attrs = slices.DeleteFunc(e.attrs, func(a *attr) bool {
		if slices.Contains(r.attrs, a.name) {
			return false
		}
		d := b.errorf(diag.UnknownAttribute, a.at, "<%s> has no attribute %q", e.name, a.name)
		d.Suggest(b.near(a.name, r.attrs))
		if len(r.attrs) > 0 {
			d.Note(source.Span{}, "<%s> takes %s", e.name, strings.Join(r.attrs, ", "))
		} else {
			d.Note(source.Span{}, "<%s> takes no attributes", e.name)
		}
		return true
	})
	e.children = slices.DeleteFunc(e.children, func(c *element) bool {
		if slices.Contains(r.children, c.name) {
			b.validateElement(c)
			return false
		}
		b.wrongChild(e, c, r)
		return true
	})
}

// wrongChild reports an element that cannot stand where it does.
func (b *builder) wrongChild(e, c *element, r rule) {
	switch _, known := b.rules[c.name]; {
	case e.name == "condition" && c.name == "condition":
		b.errorf(diag.NestedCondition, c.tag, "a condition inside a condition").
			Hintf("the prototype read it as a second condition; write it behind the first").
			Note(e.span, "it stands in this condition")
	case known:
		d := b.errorf(diag.XML, c.tag, "<%s> cannot stand in <%s>", c.name, e.name)
		if places := b.parentsOf(c.name); len(places) > 0 {
			d.Note(source.Span{}, "<%s> stands in <%s>", c.name, strings.Join(places, ">, <"))
		}
	default:
		near := b.near(c.name, r.children)
		if near == "" {
			near = b.near(c.name, b.elementNames())
		}
		b.errorf(diag.UnknownElement, c.tag, "unknown element <%s>", c.name).Suggest(near)
	}
}

func (b *builder) parentsOf(name string) []string {
	if slices.Contains(b.rules[b.root.name].children, name) {
		return []string{b.root.name}
	}
	var list []string
	for _, n := range b.elementNames() {
		if slices.Contains(b.rules[n].children, name) {
			list = append(list, n)
		}
	}
	return list
}

// text returns the value of an attribute without blanks at its ends, or nil if it
// is absent or empty.
func (e *element) text(name string) *value {
	a := e.attr(name)
	if a == nil {
		return nil
	}
	v := a.value.trim()
	if v.text == "" {
		return nil
	}
	return &v
}

// plain returns the value of an attribute as it is, or nil if it is absent or empty.
func (e *element) plain(name string) *value {
	if a := e.attr(name); a != nil && a.value.text != "" {
		return &a.value
	}
	return nil
}

// trim returns the value without blanks at its ends.
func (v *value) trim() value {
	from, to := 0, len(v.text)
	for from < to && v.text[from] == ' ' {
		from++
	}
	for to > from && v.text[to-1] == ' ' {
		to--
	}
	return v.part(from, to)
}

// part is text[from:to] as a value of its own.
func (v *value) part(from, to int) value {
	out := value{p: v.p, text: v.text[from:to], start: v.offset(from), end: v.offset(to)}
	if v.offs != nil {
		out.offs = v.offs[from:to]
	}
	return out
}

// need returns the value of an attribute that has to be there; nil after an error.
func (b *builder) need(e *element, name string) *value {
	v := e.text(name)
	if v == nil {
		at := e.tag
		if a := e.attr(name); a != nil {
			at = a.at
		}
		b.errorf(diag.MissingAttribute, at, "<%s> needs the attribute %q", e.name, name)
	}
	return v
}

// only returns the first child of that name and, as first ones count, warns of
// others.
func (b *builder) only(e *element, name string) *element {
	var first *element
	for _, c := range e.children {
		switch {
		case c.name != name:
		case first == nil:
			first = c
		default:
			b.warnf(diag.DeadPart, c.tag, "a second <%s> does nothing", name).Note(first.span, "the first one counts")
		}
	}
	return first
}
