package check

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// declare makes an object for every declaration and enters its name. Values,
// events and states have a name space each: an event may be named as a layer,
// and a state as a metric.
func (c *checker) declare() {
	for _, b := range c.p.File.Bad {
		c.bad[b.Name] = true
	}
	for _, d := range c.p.File.Decls {
		switch d := d.(type) {
		case *ast.ParamDecl:
			o := &Param{Decl: d, Name: d.Name.Name}
			if c.enter(d.Name, o) {
				c.p.Params = append(c.p.Params, o)
			}
		case *ast.ListDecl:
			o := &List{Decl: d, Name: d.Name.Name}
			if c.enter(d.Name, o) {
				c.p.Lists = append(c.p.Lists, o)
			}
		case *ast.EntityDecl:
			o := &Entity{Decl: d, Name: d.Name.Name}
			if c.enter(d.Name, o) {
				c.p.Entities = append(c.p.Entities, o)
			}
		case *ast.MetricDecl:
			o := &Metric{Decl: d, Name: d.Name.Name}
			if c.enter(d.Name, o) {
				c.p.Metrics = append(c.p.Metrics, o)
			}
		case *ast.TableDecl:
			o := &Table{Decl: d, Name: d.Name.Name}
			if c.enter(d.Name, o) {
				c.p.Tables = append(c.p.Tables, o)
			}
		case *ast.FeatureDecl:
			o := &Feature{Decl: d, Name: d.Name.Name}
			if c.enter(d.Name, o) {
				c.p.Features = append(c.p.Features, o)
			}
		case *ast.EventDecl:
			c.declareEvent(d)
		case *ast.StateDecl:
			c.declareState(d)
		}
	}
}

// enter enters a value's name; it reports whether the name was free.
func (c *checker) enter(id *ast.Ident, o Object) bool {
	if types.LookupBuiltin(id.Name, false) != nil || id.Name == "state" {
		c.errorf(diag.ReservedName, id, "%q has a meaning of its own and cannot be declared", id.Name)
		c.bad[id.Name] = true
		return false
	}
	if old, dup := c.values[id.Name]; dup {
		c.redeclared(id, declOf(old))
		return false
	}
	c.values[id.Name] = o
	c.info.Uses[id] = o
	return true
}

func (c *checker) redeclared(id *ast.Ident, first ast.Node) {
	c.errorf(diag.Redeclared, id, "%q is already declared", id.Name).Note(first.Span(), "the first declaration is here")
}

func (c *checker) declareEvent(d *ast.EventDecl) {
	if old := c.events[d.Name.Name]; old != nil {
		c.redeclared(d.Name, old.Decl.Name)
		return
	}
	e := &Event{Decl: d, Name: d.Name.Name}
	c.events[e.Name] = e
	c.info.Uses[d.Name] = e
	c.p.Events = append(c.p.Events, e)
}

func (c *checker) declareState(d *ast.StateDecl) {
	if d.Name.Name == "any" {
		c.errorf(diag.ReservedName, d.Name, "%q means all states and cannot be declared", d.Name.Name)
		c.bad[d.Name.Name] = true
		return
	}
	if old := c.states[d.Name.Name]; old != nil {
		c.redeclared(d.Name, old.Decl.Name)
		return
	}
	s := &State{Decl: d, Name: d.Name.Name}
	c.states[s.Name] = s
	c.info.Uses[d.Name] = s
	c.p.States = append(c.p.States, s)
}

// declOf returns the name in the declaration of a value.
func declOf(o Object) *ast.Ident {
	switch o := o.(type) {
	case *Param:
		return o.Decl.Name
	case *List:
		return o.Decl.Name
	case *Entity:
		return o.Decl.Name
	case *Metric:
		return o.Decl.Name
	case *Table:
		return o.Decl.Name
	case *Feature:
		return o.Decl.Name
	}
	return nil
}

// kindOf says what a value is, with its article.
func kindOf(o Object) string {
	switch o := o.(type) {
	case *Param:
		return "a parameter"
	case *List:
		return "a list"
	case *Entity:
		return "an entity"
	case *EntityField:
		return "a field of an entity"
	case *Metric:
		return "a metric"
	case *Table:
		return "a table"
	case *Feature:
		return "a feature"
	case *types.Field:
		return "a packet field"
	case *types.Layer:
		return "a layer"
	case *types.Constant:
		return "a constant"
	case *types.Builtin:
		if o.Call {
			return "a function"
		}
		return "a value of the language"
	}
	return "something else"
}

// declared shows how the values are declared that have to be of one kind.
var declared = map[string]string{
	"entity": "entity %s: ip",
	"metric": "metric %s { count cbf(window: 60s) }",
	"table":  "table %s[KEY]: TYPE",
}

// lookupAs finds a declared value that must be of one kind. If there is none of
// that name, or one of another kind, it reports that and returns the zero T.
func lookupAs[T Object](c *checker, id *ast.Ident, code diag.Code, what string) (T, bool) {
	var zero T
	o, ok := c.values[id.Name]
	if !ok {
		if !c.bad[id.Name] {
			var names []string
			for n, v := range c.values {
				if _, fits := v.(T); fits {
					names = append(names, n)
				}
			}
			d := c.errorf(code, id, "unknown %s %q", what, id.Name).Suggest(nearest(id.Name, names))
			if d.Hint == "" {
				d.Formf("declare it: "+declared[what], id.Name)
			}
		}
		return zero, false
	}
	v, ok := o.(T)
	if !ok {
		d := c.errorf(diag.WrongKind, id, "%q is %s, %s is needed here", id.Name, kindOf(o), article(what)).
			Note(declOf(o).Span(), "%q is declared here", id.Name)
		switch o.(type) {
		case *Metric:
			d.Formf("a metric is changed by set %s[…]", id.Name)
		case *Table:
			d.Formf("a table is written by %s[…] = …", id.Name)
		}
		return zero, false
	}
	c.info.Uses[id] = o
	return v, true
}
