package smxml

import (
	"strconv"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// metric reads <metric>: a detector, a monitor, or both. One that is a monitor only
// may say so in its own attributes.
func (p *paper) metric(e *element) {
	n := p.declared(e)
	if n == nil {
		return
	}
	d := &ast.MetricDecl{Place: ast.At(e.whole()), Name: n}
	amount := e.text("insert_value")
	if e.text("type") != nil {
		d.Parts = append(d.Parts, p.structure(e, "count", ""))
	}
	for _, c := range e.children {
		role, kind := "count", ""
		if c.name == "variation_detector" {
			role, kind = "distinct", "bloom"
		}
		if v := c.text("status"); v != nil && !p.status(c) {
			continue
		}
		d.Parts = append(d.Parts, p.structure(c, role, kind))
		if v := c.text("insert_value"); v != nil {
			amount = v
		}
	}
	if len(d.Parts) == 0 {
		p.errorf(diag.MissingAttribute, e.tag, "<metric> needs a <variation_detector>, a <variation_monitor> or a type").
			Hintf(`write <metric name="%s" type="tbf" window="60s"/>`, n.Name)
	}
	if amount != nil {
		p.amounts[n.Name] = amount
	}
	x := &metric{el: e, ident: n.Name, isDetector: d.Distinct() != nil, isMonitor: d.Count() != nil}
	declare(p.builder, &p.metrics, e.text("name"), "metric", x)
	p.add(metricDecls, d)
}

// structure reads the attributes of a detector or monitor. The kind may be in
// capitals, as in the paper.
func (p *paper) structure(e *element, role, kind string) *ast.MetricPart {
	at := e.tag
	if v := e.text("type"); v != nil {
		kind, at = strings.ToLower(v.text), v.whole()
	}
	if kind == "" {
		p.errorf(diag.MissingAttribute, e.tag, "<%s> needs the attribute %q", e.name, "type").
			Hintf("it names the structure, as dleft or tbf")
	}
	return &ast.MetricPart{Place: ast.At(e.whole()), Role: role, Kind: ident(kind, at), Args: p.arguments(e, structures)}
}

// arguments reads attributes that are named values of the language, in their order.
// Windows may be numbers of seconds; "nhash" tables of 2 to the power of "shash"
// slots, the prototype's allocation of a d-left table, are its capacity.
func (p *paper) arguments(e *element, known []string) (out []*ast.Arg) {
	for _, a := range e.attrs {
		v := e.text(a.name)
		if v == nil {
			continue
		}
		var x ast.Expr
		switch a.name {
		case "window", "memory", "tick":
			x = p.time(v, nil)
		case "capacity", "error", "k", "full":
			x = p.value(v, nil)
		case "shash":
			if c := p.slots(e); c != nil {
				out = append(out, arg("capacity", v.whole(), c))
			}
			continue
		case "nhash":
			if e.text("shash") == nil {
				p.errorf(diag.MissingAttribute, a.at, "%q needs the attribute %q beside it", "nhash", "shash").
					Hintf(`nhash="4" shash="14" is four tables of 2^14 slots; capacity="65536" says the same`)
			}
			continue
		default:
			continue
		}
		if x != nil {
			arg := arg(a.name, a.at, x)
			arg.EndPos = x.Span().End
			out = append(out, arg)
		}
	}
	return out
}

// slots is the number of slots that nhash and shash allocate; nil after an error.
func (p *paper) slots(e *element) ast.Expr {
	nhash, shash := p.need(e, "nhash"), e.text("shash")
	if nhash == nil {
		return nil
	}
	if other := e.text("capacity"); other != nil {
		p.errorf(diag.BadValue, other.whole(), "the capacity is given twice").Note(shash.whole(), "this says it too")
		return nil
	}
	read := func(v *value, most int) int {
		n, err := strconv.Atoi(v.text)
		if err != nil || n < 1 || n > most {
			p.errorf(diag.BadValue, v.whole(), "%q is no number from 1 to %d", short(v.text), most)
			return 0
		}
		return n
	}
	n, bits := read(nhash, 16), read(shash, 24)
	if n == 0 || bits == 0 {
		return nil
	}
	return &ast.IntLit{Place: ast.At(source.Join(nhash.whole(), shash.whole())), Value: int64(n) << bits}
}
