// Package lower turns a checked program into the IR. Here the language's sugar
// ends:
//
//   - declarations become lists that everything refers to by index;
//   - the handlers of one event in one state become one body: operations, then
//     conditions, then always, each in source order; states with the same body
//     share it;
//   - a field that stands for two becomes two comparisons;
//   - a feature is computed once where it is used, into a local of its name;
//   - reads of tables and metrics inside expressions become statements before
//     the condition or action that they stand in;
//   - {state} and the like become text.
//
// It decides nothing that package check has not decided: types of operators come
// from check.Operate, meanings of names from check.Info. It must only be given a
// program without errors.
//
//	p := lower.Program(checked, "ddos.smon")
package lower

import (
	"path"
	"slices"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/types"
)

// Program lowers p. file is the name of its source, of which the base is kept.
// The result shares nothing that is written to with p.
func Program(p *check.Program, file string) *ir.Program {
	l := &lowerer{
		p:       p,
		out:     &ir.Program{Name: p.Name, Doc: p.Doc, MatchFirst: p.MatchFirst},
		index:   map[check.Object]int{},
		metrics: map[*check.Metric]int{},
	}
	if file != "" {
		l.out.File = path.Base(file)
	}
	l.declarations()
	l.states()
	for i, e := range p.Events {
		l.index[e] = i
	}
	for _, e := range p.Events {
		l.event(e)
	}
	return l.out
}

type lowerer struct {
	p       *check.Program
	out     *ir.Program
	index   map[check.Object]int // of parameters, lists, entities, tables and events
	metrics map[*check.Metric]int
}

func pos(n ast.Node) ir.Pos { return n.Span().Start }

func (l *lowerer) declarations() {
	for i, p := range l.p.Params {
		l.index[p] = i
		l.out.Params = append(l.out.Params, &ir.Param{Pos: pos(p.Decl), Name: p.Name, Type: p.Type, Def: ir.Const(p.Value)})
	}
	for i, d := range l.p.Lists {
		l.index[d] = i
		l.out.Lists = append(l.out.Lists, &ir.List{Pos: pos(d.Decl), Name: d.Name, File: d.File, Text: d.Text, Items: items(d.Items)})
	}
	for i, e := range l.p.Entities {
		l.index[e] = i
		out := &ir.Entity{Pos: pos(e.Decl), Name: e.Name, Capacity: e.Capacity, Full: policy(e.Reject)}
		for _, f := range e.Fields {
			out.Fields = append(out.Fields, ir.KeyField{Name: f.Name, Type: f.Type})
		}
		l.out.Entities = append(l.out.Entities, out)
	}
	for _, m := range l.p.Metrics {
		l.metric(m)
	}
	for i, t := range l.p.Tables {
		l.index[t] = i
		l.out.Tables = append(l.out.Tables, &ir.Table{
			Pos: pos(t.Decl), Name: t.Name, Key: slices.Clone(t.Key), Parts: slices.Clone(t.Parts), Value: t.Value, Capacity: t.Capacity, Full: policy(t.Reject),
		})
	}
}

// metric lowers a metric; one without any operation has no key and takes no
// memory, so it is left out.
func (l *lowerer) metric(m *check.Metric) {
	if !m.Used() {
		return
	}
	l.metrics[m] = len(l.out.Metrics)
	out := &ir.Metric{
		Pos: pos(m.Decl), Name: m.Name, Key: slices.Clone(m.Key), Distinct: slices.Clone(m.Distinct),
		Detector: structure(m.Detector), Monitor: structure(m.Monitor),
	}
	counted := m.Detector != nil || m.Monitor.Kind.Counted
	if counted && len(out.Distinct) == 0 { // only ever read: nothing says what its keys are
		out.Distinct = []types.Type{types.Int}
	}
	l.out.Metrics = append(l.out.Metrics, out)
}

func structure(s *check.Structure) *ir.Structure {
	if s == nil {
		return nil
	}
	return &ir.Structure{
		Kind: s.Kind.Name, Window: s.Window, Memory: s.Memory, Tick: s.Tick,
		Capacity: s.Capacity, Error: s.Error, K: s.K, Full: policy(s.Reject),
	}
}

func policy(reject bool) ir.Policy {
	if reject {
		return ir.Reject
	}
	return ir.Evict
}

func items(list []types.SetItem) []ir.SetItem {
	if len(list) == 0 {
		return nil
	}
	out := make([]ir.SetItem, len(list))
	for i, item := range list {
		out[i] = ir.SetItem(item)
	}
	return out
}

func (l *lowerer) states() {
	for _, s := range l.p.States {
		out := &ir.State{Name: s.Name, Level: s.Level, Code: s.Code, Doc: s.Doc}
		if s.Decl != nil {
			out.Pos = pos(s.Decl)
			if s.Decl.For != nil {
				out.For = l.outside().as(s.Decl.For, types.Duration)
				out.Next, out.Lazy = s.Next.Index, s.Decl.Lazy
			}
		}
		l.out.States = append(l.out.States, out)
	}
}

// event lowers what makes an event happen, and its bodies.
func (l *lowerer) event(e *check.Event) {
	out := &ir.Event{Pos: pos(e.Decl), Name: e.Name, Entity: -1, Sorted: e.Sorted}
	if e.Entity != nil {
		out.Entity = l.index[e.Entity]
	}
	s := l.outside()
	switch t := e.Decl.Trigger.(type) {
	case *ast.PacketTrigger:
		out.Kind = ir.PacketEvent
		if t.Where != nil {
			out.Where = s.expr(t.Where)
		}
		if t.For != nil {
			parts := t.For.Key.Parts
			if e.Sorted {
				parts = unparen(parts[0]).(*ast.Call).Args
			}
			out.Bind = s.key(parts)
		}
	case *ast.TimeoutTrigger:
		out.Kind = ir.TimeoutEvent
	case *ast.EveryTrigger:
		out.Kind = ir.TickEvent
		out.Period = s.as(t.Period, types.Duration)
	}
	out.Handlers = l.handlers(e)
	if out.Kind == ir.TimeoutEvent {
		out.Captures = captures(out.Handlers)
	}
	l.out.Events = append(l.out.Events, out)
}

// captures returns the fields and layers of the packet that handlers of a timeout
// read, sorted.
func captures(list []*ir.Handler) []string {
	seen := map[string]bool{}
	for _, h := range list {
		h.Body.Exprs(func(x ir.Expr) {
			ir.Walk(x, func(x ir.Expr) bool {
				switch x := x.(type) {
				case *ir.Field:
					seen[x.Name] = true
				case *ir.HasLayer:
					seen[x.Layer] = true
				}
				return true
			})
		})
	}
	var out []string
	for name := range seen {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
