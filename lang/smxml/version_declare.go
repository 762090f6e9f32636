package smxml

import (
	"strconv"
	"strings"
	"time"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// declareTwo takes the name of a declaration of version 2.
func (b *builder) declareTwo(e *element) {
	n := b.need(e, "name")
	if n == nil {
		return
	}
	if b.own[n.text] {
		b.errorf(diag.Redeclared, n.whole(), "%q is declared twice", n.text)
		return
	}
	b.own[n.text] = true
	switch e.name {
	case "metric":
		b.metrics.add(n.text, &metric{el: e, ident: n.text})
	case "table":
		b.tables.add(n.text, &table{el: e, ident: n.text})
	case "feature":
		b.features.add(n.text, &feature{el: e, ident: n.text, reads: map[string]bool{}})
	case "entity":
		b.entities.add(n.text, &entity{ident: n.text})
	}
}

// named returns the name that an element declares.
func (e *element) named() *ast.Ident {
	v := e.text("name")
	if v == nil {
		return ident("", e.tag)
	}
	return ident(v.text, v.whole())
}

func (b *builder) paramTwo(e *element) ast.Decl {
	d := &ast.ParamDecl{Place: ast.At(e.whole()), Name: e.named()}
	if v := b.need(e, "value"); v != nil {
		d.Value = b.expr(v, &scope{})
	}
	return d
}

// listTwo reads <list>: values and ranges with commas between.
func (b *builder) listTwo(e *element) ast.Decl {
	d := &ast.ListDecl{Place: ast.At(e.whole()), Name: e.named()}
	v := e.text("values")
	if v == nil {
		d.Set = &ast.SetLit{Place: ast.At(e.whole())}
		return d
	}
	p := &exprParser{b: b, v: v, s: &scope{}, toks: lex(v.text)}
	if len(p.toks) > maxTokens {
		b.errorf(diag.TooDeep, v.whole(), "this list is too long")
		return d
	}
	d.Set = &ast.SetLit{Place: ast.At(v.whole()), Elems: p.elements()}
	if t := p.peek(); !p.bad && t.kind != tokEnd {
		p.unexpected(t, `","`)
	}
	return d
}

// entityTwo reads <entity>: its key is types, or names with types, joined with "-".
func (b *builder) entityTwo(e *element) ast.Decl {
	d := &ast.EntityDecl{Place: ast.At(e.whole()), Name: e.named(), Options: b.options(e)}
	v := b.need(e, "key")
	if v == nil {
		return d
	}
	own := b.entities.byName[d.Name.Name]
	for _, p := range split(v, "-") {
		p = p.trim()
		f := &ast.EntityField{Place: ast.At(p.whole())}
		typ := p
		if i := strings.IndexByte(p.text, ':'); i >= 0 {
			label := p.part(0, i)
			typ = p.part(i+1, len(p.text))
			label, typ = label.trim(), typ.trim()
			f.Name = ident(label.text, label.whole())
			if own != nil {
				own.fields = append(own.fields, label.text)
			}
		}
		f.Type = &ast.TypeName{Place: ast.At(typ.whole()), Name: typ.text}
		d.Fields = append(d.Fields, f)
	}
	if own != nil {
		own.size = len(d.Fields)
	}
	return d
}

// host is the entity of a program that declares none.
func (b *builder) host() ast.Decl {
	at := ast.At(b.root.tag)
	b.own["host"] = true
	b.entities.add("host", &entity{ident: "host", size: 1})
	return &ast.EntityDecl{Place: at, Name: ident("host", b.root.tag), Fields: []*ast.EntityField{{Place: at, Type: &ast.TypeName{Place: at, Name: "ip"}}}}
}

// options reads capacity and full.
func (b *builder) options(e *element) (out []*ast.Arg) {
	for _, n := range []string{"capacity", "error", "full"} {
		v := e.text(n)
		if v == nil {
			continue
		}
		if x := b.expr(v, &scope{}); x != nil {
			out = append(out, arg(n, v.whole(), x))
		}
	}
	return out
}

// moreKinds are the monitors that version 2 has besides those of the prototype.
var moreKinds = []string{"cbf", "tbf"}

func (b *builder) metricTwo(e *element) ast.Decl {
	d := &ast.MetricDecl{Place: ast.At(e.whole()), Name: e.named()}
	b.metricConfig(e)
	if p := b.only(e, "variation_detector"); p != nil && b.status(p) {
		d.Parts = append(d.Parts, b.detectorTwo(p))
	}
	if p := b.only(e, "variation_monitor"); p != nil && b.status(p) {
		if part := b.monitorTwo(p); part != nil {
			d.Parts = append(d.Parts, part)
		}
	}
	if len(d.Parts) == 0 {
		b.errorf(diag.MissingAttribute, e.tag, "this metric has neither a detector nor a monitor").Hintf(`one of them has to have status="on"`)
	}
	return d
}

// detectorTwo reads a detector: what is not given is as in the prototype.
func (b *builder) detectorTwo(e *element) *ast.MetricPart {
	x := &metric{el: e}
	if v := e.text("slave"); v != nil {
		b.warnf(diag.DeadPart, v.whole(), "slave does nothing: each pair of filters rotates by itself")
	}
	p := x.detectorPart()
	for _, a := range p.Args {
		n := a.Name.Name
		if n == "window" {
			if v := e.text("reset_after"); v != nil {
				a.Value = b.duration(v)
			}
			continue
		}
		if v := e.text(n); v != nil {
			a.Value = b.expr(v, &scope{})
		}
	}
	return p
}

func (b *builder) monitorTwo(e *element) *ast.MetricPart {
	kind := b.need(e, "type")
	if kind == nil {
		return nil
	}
	word := kinds[kind.text]
	for _, k := range moreKinds {
		if kind.text == k {
			word = k
		}
	}
	if word == "" {
		b.errorf(diag.BadValue, kind.whole(), "unknown kind of monitor %q", kind.text).
			Suggest(b.near(kind.text, append([]string{"dleft", "simple", "tewma", "tewma-fast"}, moreKinds...))).
			Note(source.Span{}, "kinds are tewma, tewma-fast, dleft, simple, cbf and tbf")
		return nil
	}
	if v := e.text("insert_value"); v != nil && v.text != "1" {
		b.elsewhere(v, "insert_value", `<use-metric by="…">`)
	}
	p := &ast.MetricPart{Place: ast.At(e.tag), Role: "count", Kind: ident(word, kind.whole())}
	add := func(n string, v *value) {
		if x := b.duration(v); x != nil {
			p.Args = append(p.Args, arg(n, v.whole(), x))
		}
	}
	for _, n := range []string{"window", "memory", "tick"} {
		switch v := e.text(n); {
		case v != nil && !(n == "tick" && v.text == "none"):
			add(n, v)
		case v != nil || word != "tewma" || n == "memory":
		case n == "window":
			p.Args = append(p.Args, arg(n, e.tag, duration(60, e.tag)))
		default: // the prototype's clock
			p.Args = append(p.Args, arg(n, e.tag, &ast.DurationLit{Place: ast.At(e.tag), Text: "1s", Value: time.Second}))
		}
	}
	p.Args = append(p.Args, b.options(e)...)
	return p
}

// elsewhere reports an attribute of the dialect that version 2 has in another place.
func (b *builder) elsewhere(v *value, name, place string) {
	b.errorf(diag.UnknownAttribute, v.whole(), "%s has another place in version 2", name).Hintf("write it in %s", place)
}

// duration reads a number of seconds, or an expression that is a duration; nil
// after an error.
func (b *builder) duration(v *value) ast.Expr {
	if n, err := strconv.ParseFloat(v.text, 64); err == nil && n >= 0 && n <= 4*maxSeconds {
		return &ast.DurationLit{Place: ast.At(v.whole()), Value: time.Duration(n * float64(time.Second))}
	}
	return b.expr(v, &scope{})
}

func (b *builder) tableTwo(e *element) ast.Decl {
	d := &ast.TableDecl{Place: ast.At(e.whole()), Name: e.named(), Options: b.options(e)}
	if v := b.need(e, "value_type"); v != nil {
		word := v.text
		if other, known := valueTypes[word]; known && word != "bool" {
			word = other
		}
		d.Type = &ast.TypeName{Place: ast.At(v.whole()), Name: word}
	}
	for _, c := range e.children {
		b.warnf(diag.DeadPart, c.tag, "entries that a table begins with are left out, as the prototype did")
	}
	if v := b.need(e, "key"); v != nil {
		for _, p := range split(v, "-") {
			p = p.trim()
			d.Keys = append(d.Keys, &ast.TypeName{Place: ast.At(p.whole()), Name: p.text})
		}
	}
	return d
}

// stateHead is what version 2 reads of a <statedef>.
type stateHead struct {
	time       ast.Expr // nil: stays
	next       *ast.Ident
	code, text *ast.StringLit
}

// stateHead reads duration, level and texts, when all states are known.
func (b *builder) stateHead(s *state) (h stateHead) {
	next := b.states.list[0]
	at := s.el.tag
	if v := s.el.text("next_state"); v != nil {
		at = v.whole()
		if t := find(b, &b.states, v, diag.UnknownState, "state"); t != nil {
			next = t
		}
	}
	if v := s.el.text("timeout"); v != nil {
		h.time, h.next = b.duration(v), ident(next.ident, at)
	}
	if v := s.el.text("level"); v != nil {
		s.level = v
		if levelOf(v.text) == "" {
			b.errorf(diag.UnknownLevel, v.whole(), "unknown level %q", v.text).Suggest(b.near(v.text, levels)).
				Note(source.Span{}, "levels are %s", strings.Join(levels, ", "))
		}
	}
	if v := s.el.text("code"); v != nil {
		s.code = v
		h.code = textLit(b.plainTwo(v), v.whole())
	}
	if v := s.el.text("description"); v != nil {
		s.text = v
		h.text = textLit(b.plainTwo(v), v.whole())
	}
	return h
}

// levels are the words that levelOf knows.
var levels = []string{"info", "low", "medium", "high", "critical"}
