package ast

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Dump writes the tree below n as indented text, one node a line with its type,
// its span and its plain fields: the form golden files hold.
//
//	ParamDecl 2:1-2:15
//	  Name: Ident 2:7-2:10 "gap"
//	  Value: IntLit 2:13-2:15 "10" 10
func Dump(w io.Writer, n Node) error {
	d := dumper{}
	d.node("", n, 0)
	_, err := io.WriteString(w, d.b.String())
	return err
}

type dumper struct{ b strings.Builder }

var placeType = reflect.TypeOf(Place{})

// node writes one line for n, its plain fields at the end of the line in the
// order of the struct, then its children, each under the name of its field.
func (d *dumper) node(label string, n Node, depth int) {
	v := reflect.ValueOf(n).Elem()
	t := v.Type()
	span := n.Span()
	fmt.Fprintf(&d.b, "%s%s%s %d:%d-%d:%d", strings.Repeat("  ", depth), label, t.Name(),
		span.Start.Line, span.Start.Column, span.End.Line, span.End.Column)
	for i := range t.NumField() {
		if f := t.Field(i); f.Type != placeType && !isTree(f.Type) {
			d.plain(f.Name, v.Field(i))
		}
	}
	d.b.WriteString("\n")
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type == placeType || !isTree(f.Type) {
			continue
		}
		if v.Field(i).Kind() == reflect.Slice {
			for j := range v.Field(i).Len() {
				d.child(fmt.Sprintf("%s[%d]: ", f.Name, j), v.Field(i).Index(j), depth+1)
			}
			continue
		}
		d.child(f.Name+": ", v.Field(i), depth+1)
	}
}

// isTree reports whether a field holds nodes.
func isTree(t reflect.Type) bool {
	nodeType := reflect.TypeFor[Node]()
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t.Implements(nodeType)
}

func (d *dumper) child(label string, v reflect.Value, depth int) {
	if v.IsNil() {
		return
	}
	d.node(label, v.Interface().(Node), depth)
}

// plain writes a field that is not a node; zero values are left out, except
// numbers of literals.
func (d *dumper) plain(name string, v reflect.Value) {
	switch {
	case name == "Keyword", name == "OpPos", name == "Verb" && v.IsZero():
	case v.Kind() == reflect.String:
		if v.String() != "" {
			fmt.Fprintf(&d.b, " %q", v.String())
		}
	case v.Kind() == reflect.Bool:
		if name != "Value" && v.Bool() {
			fmt.Fprintf(&d.b, " %s", strings.ToLower(name))
		} else if name == "Value" {
			fmt.Fprintf(&d.b, " %t", v.Bool())
		}
	case v.Type() == reflect.TypeFor[[6]byte]():
		fmt.Fprintf(&d.b, " %x", v.Interface())
	default:
		fmt.Fprintf(&d.b, " %v", v.Interface())
	}
}
