package smxml

import (
	"reflect"
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// The limits of what one program holds in the language, which takes more to read than
// its XML does; the examples reach a tenth of them.
const (
	maxFragments    = 1000
	maxFragmentText = 1 << 15 // bytes of all of them
)

// inAttribute says in the words of XML what stands in an attribute.
var inAttribute = strings.NewReplacer("end of the declaration", "end of the attribute",
	" or a declaration", "", `a statement or "}"`, "an action", `an action or "}"`, "an action")

// fragment reads a text of the language: it stands between before and after in one
// declaration, whose other parts are of no interest. All places in it become those
// in the XML. It returns nil after an error.
//
// A text cannot end the declaration and begin another: what makes two of it is
// refused, as is what is not whole.
func (p *paper) fragment(v *value, before, after, what string) ast.Decl {
	if p.fragments++; p.fragments > maxFragments || p.fragmentText+len(v.text) > maxFragmentText {
		p.errorf(diag.XML, v.whole(), "the program holds too much in the language").
			Hintf("it may have %d expressions and lists of actions with %d bytes", maxFragments, maxFragmentText)
		return nil
	}
	p.fragmentText += len(v.text)
	lead := "program x\n" + before
	f := source.NewFile(p.places.file.Name, []byte(lead+v.text+"\n"+after))
	at := func(pos source.Pos) source.Pos {
		switch i := pos.Offset - len(lead); {
		case i <= 0:
			return p.places.pos(v.start)
		case i >= len(v.text):
			return p.places.pos(v.end)
		default:
			return p.places.pos(v.offset(i))
		}
	}
	moved := func(s source.Span) source.Span { return source.Span{Start: at(s.Start), End: at(s.End)} }
	file, diags := p.read(f)
	diags.DropForms()
	for _, d := range diags {
		d.Span = moved(d.Span)
		for i, n := range d.Notes {
			if n.Span.IsValid() {
				d.Notes[i].Span = moved(n.Span)
			}
		}
		if d.Fix != nil {
			d.Fix.Span = moved(d.Fix.Span)
		}
		d.Message = inAttribute.Replace(d.Message)
		if len(*p.diags) < maxErrors {
			*p.diags = append(*p.diags, d)
		}
	}
	switch {
	case diags.HasErrors():
		return nil
	case len(file.Decls) != 1 || len(file.Bad) > 0:
		p.errorf(diag.Syntax, v.whole(), "%q is not %s", short(v.text), what)
		return nil
	}
	replace := func(place *ast.Place) { place.Pos, place.EndPos = at(place.Pos), at(place.EndPos) }
	eachPlace(reflect.ValueOf(file.Decls[0]), replace)
	return file.Decls[0]
}

var placeType = reflect.TypeFor[ast.Place]()

// eachPlace calls f for every place in a tree.
func eachPlace(v reflect.Value, f func(*ast.Place)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			eachPlace(v.Elem(), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachPlace(v.Index(i), f)
		}
	case reflect.Struct:
		if v.Type() == placeType {
			f(v.Addr().Interface().(*ast.Place))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachPlace(v.Field(i), f)
			}
		}
	}
}

// keyed makes names of the dialect that the entity is in this event into the entity,
// as the dialect does: they can be read when a timer fires, and the packet's fields
// cannot.
func (p *paper) keyed(n ast.Node, s *scope) {
	if s == nil || s.entity == nil || len(s.key) == 0 {
		return
	}
	ast.Walk(n, func(n ast.Node) bool {
		if x, ok := n.(*ast.Name); ok {
			if f := p.lookup(x.Name); f != nil && slices.Contains(s.key, f.name) {
				x.Name = p.fieldExpr(f, x.Span(), s).(*ast.Name).Name
			}
		}
		return true
	})
}

// value reads an expression; nil after an error. s may be nil.
func (p *paper) value(v *value, s *scope) ast.Expr {
	if isValueName(v.text) {
		x := name(v.text, v.whole())
		p.keyed(x, s)
		return x
	}
	d, ok := p.fragment(v, "feature x = ", "", "one expression").(*ast.FeatureDecl)
	if !ok {
		return nil
	}
	p.keyed(d.Value, s)
	return d.Value
}

// time reads a length of time: an expression, or a number of seconds.
func (p *paper) time(v *value, s *scope) ast.Expr {
	x := p.value(v, s)
	if lit, ok := x.(*ast.IntLit); ok {
		if lit.Value < 0 || lit.Value > maxSeconds {
			p.errorf(diag.BadValue, v.whole(), "%q is no number of seconds", v.text).Hintf("at most a year is possible")
			return nil
		}
		return duration(lit.Value, lit.Span())
	}
	return x
}

// keys reads a key: fields of the dialect joined with "-", or expressions with
// commas between them. It returns nil, true for no key at all.
func (p *paper) keys(v *value, s *scope) (list []ast.Expr, good bool) {
	if v == nil || v.text == "null" {
		return nil, true
	}
	if p.isDialectKey(v.text) {
		k, good := p.key(v)
		if !good {
			return nil, false
		}
		return p.keyExprs(k, s), true
	}
	h, _ := p.fragment(v, "on x { get m[", "] }", "a key").(*ast.Handler)
	if h == nil {
		return nil, false
	}
	op, isOp := h.Body[0].(*ast.OpAction)
	if len(h.Body) != 1 || !isOp || len(op.Ops) != 1 || op.Ops[0].New != nil || op.Ops[0].By != nil {
		p.errorf(diag.Syntax, v.whole(), "%q is not a key", short(v.text))
		return nil, false
	}
	for _, x := range op.Ops[0].Keys {
		p.keyed(x, s)
	}
	return op.Ops[0].Keys, true
}

// isDialectKey reports whether a text is meant as a key of the dialect: fields of
// it, joined with "-". One of them may be misspelt.
func (p *paper) isDialectKey(text string) bool {
	known := false
	for _, part := range strings.Split(text, "-") {
		if part = strings.TrimSpace(part); !isValueName(part) {
			return false
		}
		known = known || p.lookup(part) != nil
	}
	return known
}

// operatorWords are what no value can be called.
var operatorWords = []string{"and", "or", "not", "in", "true", "false"}

// isName reports whether a text is a name.
func isName(text string) bool {
	for i := range len(text) {
		if !isWord(text[i]) || i == 0 && isDigit(text[i]) {
			return false
		}
	}
	return text != ""
}

// isValueName reports whether a text is the name of a value.
func isValueName(text string) bool { return isName(text) && !slices.Contains(operatorWords, text) }

// name returns the name that an attribute holds; nil after an error.
func (p *paper) name(e *element, attr string) *ast.Ident {
	v := p.need(e, attr)
	switch {
	case v == nil:
		return nil
	case !isName(v.text):
		p.errorf(diag.BadValue, v.whole(), "%q is no name", short(v.text)).Hintf("names are made of letters a-z, digits and _")
		return nil
	}
	return ident(v.text, v.whole())
}

// declared returns the name of a value, which hides that of a field; nil after an
// error.
func (p *paper) declared(e *element) *ast.Ident {
	n := p.name(e, "name")
	if n == nil {
		return nil
	}
	if slices.Contains(operatorWords, n.Name) {
		p.errorf(diag.ReservedName, n.Span(), "%q cannot be a name", n.Name).Hintf("expressions would read it as part of the language")
		return nil
	}
	p.hidden[n.Name] = true
	return n
}
