package xmlformat

import (
	"strconv"
	"strings"
	"time"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/types"
)

// The detector of the prototype, which the dialect means where nothing is said.
const (
	detectorWindow   = 366 * 24 * time.Hour
	detectorCapacity = "45400"
	detectorError    = "0.004"
)

// values writes parameters, lists and entities.
func (w *writer) values(root *element) {
	for _, d := range w.file.Decls {
		if p, ok := d.(*ast.ParamDecl); ok {
			e := &element{name: "param", from: []ast.Node{p}}
			e.set("name", p.Name.Name)
			e.set("value", w.value(p.Value, nil))
			root.add(e)
		}
	}
	for _, d := range w.file.Decls {
		if l, ok := d.(*ast.ListDecl); ok {
			root.add(w.list(l))
		}
	}
	if len(w.entities) == 1 && w.isHost() && len(w.events) > 0 {
		return
	}
	for _, d := range w.file.Decls {
		if d, ok := d.(*ast.EntityDecl); ok {
			root.add(w.entity(d))
		}
	}
}

func (w *writer) list(l *ast.ListDecl) *element {
	e := &element{name: "list", from: []ast.Node{l}}
	e.set("name", l.Name.Name)
	if l.File != nil {
		w.refuse(l, "the dialect has no lists from files")
		return e
	}
	var items []string
	for _, x := range l.Set.Elems {
		items = append(items, w.value(x, nil))
	}
	e.set("values", strings.Join(items, ", "))
	return e
}

// isHost reports whether the only entity is what the dialect takes for granted: a
// host, which is an address.
func (w *writer) isHost() bool {
	d := w.entities["host"]
	return d != nil && len(d.Fields) == 1 && d.Fields[0].Name == nil && d.Fields[0].Type.Name == "ip" && len(d.Options) == 0
}

func (w *writer) entity(d *ast.EntityDecl) *element {
	e := &element{name: "entity", from: []ast.Node{d}}
	e.set("name", d.Name.Name)
	var key []string
	for _, f := range d.Fields {
		text := f.Type.Name
		if f.Name != nil {
			text = f.Name.Name + ":" + text
		}
		key = append(key, text)
	}
	e.set("key", strings.Join(key, "-"))
	w.options(e, d.Options)
	return e
}

// options writes arguments as attributes of their names.
func (w *writer) options(e *element, args []*ast.Arg) {
	for _, a := range args {
		e.set(a.Name.Name, w.value(a.Value, nil))
	}
}

// statedef writes a state with all that is said about it.
func (w *writer) statedef(s *state) *element {
	e := &element{name: "statedef"}
	e.set("id", s.name)
	d := s.decl
	if d == nil {
		return e
	}
	e.from = []ast.Node{d}
	if d.For != nil {
		e.set("timeout", w.seconds(d.For, nil))
		e.set("next_state", d.Then.Name)
	}
	if d.Level != nil {
		e.set("level", d.Level.Name)
	}
	if text := w.plain(d.Code); text != "" {
		e.set("code", text)
	}
	if text := w.plain(d.Doc); text != "" {
		e.set("description", text)
	}
	return e
}

// structures writes metrics, tables and features.
func (w *writer) structures(root *element) {
	for _, d := range w.file.Decls {
		if m, ok := d.(*ast.MetricDecl); ok {
			root.add(w.metric(m))
		}
	}
	for _, d := range w.file.Decls {
		if t, ok := d.(*ast.TableDecl); ok {
			root.add(w.table(t))
		}
	}
	for _, d := range w.file.Decls {
		if f, ok := d.(*ast.FeatureDecl); ok {
			e := &element{name: "feature", from: []ast.Node{f}}
			e.set("name", f.Name.Name)
			e.set("body", w.value(f.Value, nil))
			root.add(e)
		}
	}
}

func (w *writer) metric(m *ast.MetricDecl) *element {
	e := &element{name: "metric", from: []ast.Node{m}}
	e.set("name", m.Name.Name)
	detector := &element{name: "variation_detector"}
	if p := m.Distinct(); p == nil {
		detector.set("status", "off")
	} else {
		w.detector(detector, p)
	}
	monitor := &element{name: "variation_monitor"}
	if p := m.Count(); p == nil {
		monitor.set("status", "off")
		monitor.set("type", "dleft")
	} else {
		w.monitor(monitor, p)
	}
	e.add(detector)
	e.add(monitor)
	return e
}

// detector writes the arguments that the dialect's own do not stand for.
func (w *writer) detector(e *element, p *ast.MetricPart) {
	e.from = []ast.Node{p}
	e.set("status", "on")
	kind := types.LookupKind("bloom")
	for _, a := range kind.Args {
		text := ""
		for _, own := range p.Args {
			if own.Name.Name == a.Name {
				text = w.seconds(own.Value, nil)
			}
		}
		switch a.Name {
		case "window":
			if text == "" {
				text = strconv.FormatInt(a.Default.I/int64(time.Second), 10)
			}
			if text != strconv.FormatInt(int64(detectorWindow/time.Second), 10) {
				e.set("reset_after", text)
			}
		case "capacity":
			if text == "" {
				text = strconv.Itoa(types.DefaultCapacity)
			}
			if text != detectorCapacity {
				e.set("capacity", text)
			}
		case "error":
			if text == "" {
				text = strconv.FormatFloat(types.DefaultError, 'g', -1, 64)
			}
			if text != detectorError {
				e.set("error", text)
			}
		}
	}
}

// monitor writes the kind of a monitor and its arguments.
func (w *writer) monitor(e *element, p *ast.MetricPart) {
	e.from = []ast.Node{p}
	e.set("status", "on")
	e.set("type", p.Kind.Name)
	switch p.Kind.Name {
	case "tewma", "dleft", "cbf", "tbf":
	default:
		w.refuse(p, "the dialect has no %s", p.Kind.Name).Hintf("its monitors are dleft and tewma, and ours cbf and tbf")
	}
	tick := p.Kind.Name == "tewma"
	for _, a := range p.Args {
		text := w.seconds(a.Value, nil)
		if a.Name.Name == "tick" {
			tick = false
			if text == "1" { // that of the prototype
				continue
			}
		}
		e.set(a.Name.Name, text)
	}
	if tick {
		e.set("tick", "none")
	}
}

// cTypes are types of C++ for those of the language.
var cTypes = map[string]string{"float": "double", "int": "int"}

func (w *writer) table(t *ast.TableDecl) *element {
	e := &element{name: "table", from: []ast.Node{t}}
	e.set("name", t.Name.Name)
	e.set("type", "DLeft")
	var keys []string
	for _, k := range t.Keys {
		keys = append(keys, k.Name)
	}
	e.set("key", strings.Join(keys, "-"))
	typ := t.Type.Name
	if c := cTypes[typ]; c != "" {
		typ = c
	}
	e.set("value_type", typ)
	w.options(e, t.Options)
	return e
}
