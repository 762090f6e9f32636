package testkit

import (
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// RandomProgram returns a program that ir.Verify accepts and that uses every kind
// of statement and expression with some probability. Its metrics have room enough
// for RandomPackets, so that engines with and without limits agree; monitors in
// exact are those it may use, of cbf, tbf, tewma, dleft, hll, topk, nil = all.
func RandomProgram(r *rand.Rand, monitors []string) *ir.Program {
	if monitors == nil {
		monitors = []string{"cbf", "tbf", "tewma", "dleft", "hll", "topk"}
	}
	g := &randomizer{Rand: r, p: declarations(r, monitors)}
	g.addEvents()
	for _, e := range g.p.Events {
		g.addHandlers(e)
	}
	for _, e := range g.p.Events {
		g.addCaptures(e)
	}
	return g.p
}

var (
	anIP  = []types.Type{types.IP}
	ipInt = []types.Type{types.IP, types.Int}
)

func declarations(r *rand.Rand, monitors []string) *ir.Program {
	c := func(t types.Type, i int64) ir.Const { return ir.Const{Type: t, I: i} }
	p := &ir.Program{
		Name: "random", File: "random.smon", MatchFirst: r.IntN(4) == 0,
		Params: []*ir.Param{
			{Name: "threshold", Type: types.Int, Def: c(types.Int, int64(r.IntN(10)))},
			{Name: "growth", Type: types.Float, Def: ir.Const{Type: types.Float, F: r.Float64() * 3}},
			{Name: "period", Type: types.Duration, Def: c(types.Duration, int64(1+r.IntN(5))*1e9)},
		},
		Lists: []*ir.List{
			{Name: "ports", Items: []ir.SetItem{{Type: types.Int, Lo: 20, Hi: 80}, {Type: types.Int, Lo: 443, Hi: 443}}},
			{Name: "nets", Items: []ir.SetItem{{Type: types.Net, Addr: [16]byte{10: 0xff, 11: 0xff, 12: 10, 15: 4}, Bits: 126}}},
		},
		Entities: []*ir.Entity{
			{Name: "host", Fields: []ir.KeyField{{Name: "host", Type: types.IP}}, Capacity: 1024},
			{Name: "pair", Fields: []ir.KeyField{{Name: "src", Type: types.IP}, {Name: "dst", Type: types.IP}}, Capacity: 1024},
		},
		Tables: []*ir.Table{
			{Name: "last", Key: anIP, Value: types.Float, Capacity: 1024},
			{Name: "count", Key: ipInt, Value: types.Int, Capacity: 1024},
			{Name: "owner", Key: anIP, Value: types.MAC, Capacity: 1024},
			{Name: "when", Key: anIP, Value: types.Time, Capacity: 1024},
			{Name: "flag", Key: anIP, Value: types.Bool, Capacity: 1024},
		},
		States: []*ir.State{
			{Name: "default"}, {Name: "one", Code: "C1"},
			{Name: "two", For: &ir.Lit{Const: c(types.Duration, int64(1+r.IntN(20))*1e9)}, Next: r.IntN(2)},
			{Name: "three", For: &ir.ParamRef{Typed: ir.Typed{T: types.Duration}, Param: 2}, Next: r.IntN(3)},
		},
	}
	p.States[2].Lazy, p.States[3].Lazy = r.IntN(2) == 0, r.IntN(2) == 0
	bloom := &ir.Structure{Kind: "bloom", Window: 10 * time.Second, Capacity: 4096, Error: 1e-6}
	p.Metrics = append(p.Metrics, &ir.Metric{Name: "seen", Distinct: ipInt, Detector: bloom})
	for _, kind := range monitors {
		m := &ir.Metric{Name: kind + "_m", Key: anIP, Monitor: &ir.Structure{
			Kind: kind, Window: 20 * time.Second, Memory: 80 * time.Second, Capacity: 4096, Error: 1e-6, K: 3,
		}}
		switch {
		case kind == "hll":
			m.Key, m.Distinct = nil, anIP
		case kind == "dleft":
			m.Monitor.Window = 0
		case r.IntN(2) == 0 && kind != "topk":
			m.Distinct, m.Detector = anIP, bloom
		}
		p.Metrics = append(p.Metrics, m)
	}
	return p
}

// randomizer adds events to a program.
type randomizer struct {
	*rand.Rand
	p     *ir.Program
	event *ir.Event // being filled
	body  *ir.Body  // being filled; nil = an event's where and bind
}

func (g *randomizer) addEvents() {
	for i := range 2 + g.IntN(3) {
		e := &ir.Event{Name: string(rune('a' + i)), Entity: g.IntN(3) - 1}
		g.event = e
		if g.IntN(5) > 0 {
			e.Where = g.expr(types.Bool, 3)
		}
		switch e.Entity {
		case 0:
			e.Bind = []ir.Expr{g.expr(types.IP, 0)}
		case 1:
			e.Bind = []ir.Expr{g.expr(types.IP, 0), g.expr(types.IP, 0)}
			e.Sorted = g.IntN(2) == 0
		}
		g.p.Events = append(g.p.Events, e)
	}
	g.p.Events = append(g.p.Events,
		&ir.Event{Name: "later", Kind: ir.TimeoutEvent, Entity: 0},
		&ir.Event{Name: "again", Kind: ir.TimeoutEvent, Entity: 0},
		&ir.Event{Name: "then", Kind: ir.TimeoutEvent, Entity: 1},
		&ir.Event{Name: "tick", Kind: ir.TickEvent, Entity: -1, Period: &ir.Lit{Const: ir.Const{Type: types.Duration, I: 7e9}}},
	)
}

func (g *randomizer) addHandlers(e *ir.Event) {
	g.event = e
	if e.Entity < 0 {
		e.Handlers = []*ir.Handler{{Body: g.newBody()}}
		return
	}
	states := g.Perm(len(g.p.States))
	for len(states) > 0 {
		n := 1 + g.IntN(len(states))
		if g.IntN(6) > 0 {
			h := &ir.Handler{States: slices.Sorted(slices.Values(states[:n])), Body: g.newBody()}
			if k := len(e.Handlers); k > 0 && g.IntN(3) == 0 {
				h.Body = e.Handlers[k-1].Body
			}
			e.Handlers = append(e.Handlers, h)
		}
		states = states[n:]
	}
	g.body = nil
}

func (g *randomizer) newBody() *ir.Body {
	b := &ir.Body{}
	g.body = b
	b.Ops = g.reads(1+g.IntN(5), true)
	for i := range g.IntN(4) {
		a := &ir.Arm{To: -1, Pre: g.reads(g.IntN(2), false)}
		if i < 2 || g.IntN(2) == 0 {
			a.If = g.expr(types.Bool, 3)
		}
		if g.event.Entity >= 0 && g.IntN(2) == 0 {
			a.To = g.IntN(len(g.p.States))
		}
		for range g.IntN(2) {
			t := g.scalar()
			a.Reads = append(a.Reads, ir.NamedValue{Name: "read", X: g.expr(t, 1)})
		}
		a.Then = g.actions(g.IntN(3))
		b.Arms = append(b.Arms, a)
		if a.If == nil {
			break
		}
	}
	b.Always = g.actions(g.IntN(3))
	return b
}

func (g *randomizer) newLocal(name string, t types.Type) *ir.Local {
	l := &ir.Local{ID: len(g.body.Locals), Name: name, Type: t}
	g.body.Locals = append(g.body.Locals, l)
	return l
}

func (g *randomizer) scalar() types.Type {
	return []types.Type{types.Int, types.Float, types.Bool, types.Duration, types.IP, types.String, types.Time}[g.IntN(7)]
}

// reads returns statements that assign locals; a set changes a metric as well.
func (g *randomizer) reads(n int, withSets bool) []ir.Stmt {
	var out []ir.Stmt
	for range n {
		switch g.IntN(7) {
		case 0, 1:
			if withSets {
				out = append(out, g.set())
			}
		case 2, 3:
			i, m := g.metric()
			s := &ir.Get{Metric: i, Key: g.exprs(m.Key)}
			if m.Monitor == nil {
				s.Distinct = g.exprs(m.Distinct)
			}
			s.Dst = g.newLocal(m.Name, m.ValueType())
			out = append(out, s)
		case 4, 5:
			i := g.IntN(len(g.p.Tables))
			t := g.p.Tables[i]
			if key := g.exprs(t.Key); g.IntN(3) > 0 {
				out = append(out, &ir.Load{Table: i, Key: key, Dst: g.newLocal(t.Name, t.Value)})
			} else {
				out = append(out, &ir.Has{Table: i, Key: key, Dst: g.newLocal("has_"+t.Name, types.Bool)})
			}
		default:
			t := g.scalar()
			x := g.expr(t, 2)
			out = append(out, &ir.Let{Dst: g.newLocal("let", t), X: x})
		}
	}
	return out
}

func (g *randomizer) metric() (int, *ir.Metric) {
	i := g.IntN(len(g.p.Metrics))
	return i, g.p.Metrics[i]
}

func (g *randomizer) set() *ir.Set {
	i, m := g.metric()
	s := &ir.Set{Metric: i, Key: g.exprs(m.Key), Distinct: g.exprs(m.Distinct)}
	if g.IntN(3) == 0 && m.Monitor != nil && m.Monitor.Kind != "hll" {
		s.By = g.expr(types.Int, 1)
	}
	if g.IntN(2) == 0 {
		s.Dst = g.newLocal(m.Name, m.ValueType())
	}
	return s
}

func (g *randomizer) exprs(list []types.Type) []ir.Expr {
	var out []ir.Expr
	for _, t := range list {
		out = append(out, g.expr(t, 0))
	}
	return out
}

// actions returns statements for arms and always.
func (g *randomizer) actions(n int) []ir.Stmt {
	var out []ir.Stmt
	for range n {
		switch g.IntN(11) {
		case 0, 1:
			out = append(out, &ir.Alert{Level: types.Levels[g.IntN(5)], Message: g.message()})
		case 2:
			out = append(out, &ir.Log{Message: g.message()})
		case 3:
			out = append(out, g.publish())
		case 4, 5, 6:
			i := g.IntN(len(g.p.Tables))
			t := g.p.Tables[i]
			if key := g.exprs(t.Key); g.IntN(5) > 0 {
				out = append(out, &ir.Store{Table: i, Key: key, X: g.expr(t.Value, 2)})
			} else {
				out = append(out, &ir.Delete{Table: i, Key: key})
			}
		case 7:
			out = append(out, g.set())
		case 8:
			x := &ir.Exec{Args: [][]ir.Part{{{Text: "nft"}}}}
			for range g.IntN(3) {
				x.Args = append(x.Args, g.message())
			}
			out = append(out, x)
		default:
			out = append(out, g.control()...)
		}
	}
	return out
}

func (g *randomizer) publish() ir.Stmt {
	s := &ir.Publish{Topic: "topic", Fields: []ir.NamedValue{{Name: "x", X: g.expr(g.scalar(), 1)}}}
	for i, m := range g.p.Metrics {
		if m.Monitor != nil && m.Monitor.Kind == "topk" && g.IntN(2) == 0 {
			s.Fields = append(s.Fields, ir.NamedValue{Name: "top", X: &ir.TopList{Typed: ir.Typed{T: types.Entries}, Metric: i}})
		}
	}
	return s
}

// control returns timers, verdicts and resets, as far as the event allows them.
func (g *randomizer) control() []ir.Stmt {
	for i, e := range g.p.Events {
		if e.Kind == ir.TimeoutEvent && e.Entity == g.event.Entity && g.IntN(3) > 0 {
			if g.IntN(5) == 0 {
				return []ir.Stmt{&ir.Stop{Event: i}}
			}
			after := &ir.Lit{Const: ir.Const{Type: types.Duration, I: int64(g.IntN(8e9)) + 1e8}}
			return []ir.Stmt{&ir.Start{Event: i, After: after, Every: g.IntN(5) == 0}}
		}
	}
	switch k := g.IntN(4); {
	case k == 0 && g.event.Kind == ir.PacketEvent:
		return []ir.Stmt{&ir.Drop{}}
	case k == 1 && g.event.Kind == ir.PacketEvent:
		return []ir.Stmt{&ir.Capture{}}
	case k == 2:
		return []ir.Stmt{&ir.Block{Name: "ip.src", What: g.expr(types.IP, 0), For: g.expr(types.Duration, 0)}}
	}
	i, m := g.metric()
	s := &ir.Reset{Metric: i}
	if m.Monitor != nil && (m.Monitor.Kind == "dleft" || m.Monitor.Kind == "cbf") && len(m.Key) > 0 {
		s.Key = g.exprs(m.Key)
	}
	return []ir.Stmt{s}
}

func (g *randomizer) message() []ir.Part {
	parts := []ir.Part{{Text: "text "}}
	for range 1 + g.IntN(2) {
		t := g.scalar()
		part := ir.Part{X: g.expr(t, 1)}
		if t == types.Float {
			part.Format = ".3f"
		}
		parts = append(parts, part)
	}
	return parts
}

// addCaptures fills in what the handlers of a timeout read of a packet.
func (g *randomizer) addCaptures(e *ir.Event) {
	if e.Kind != ir.TimeoutEvent {
		return
	}
	names := map[string]bool{}
	for _, h := range e.Handlers {
		h.Body.Exprs(func(x ir.Expr) {
			ir.Walk(x, func(y ir.Expr) bool {
				switch y := y.(type) {
				case *ir.Field:
					names[y.Name] = true
				case *ir.HasLayer:
					names[y.Layer] = true
				}
				return true
			})
		})
	}
	for name := range names {
		e.Captures = append(e.Captures, name)
	}
	sort.Strings(e.Captures)
}

// RandomFormulas returns a program that logs the values of n random expressions
// for every packet: a sharper look at expressions, undefined ones too, than a
// program in which most values only decide something.
func RandomFormulas(r *rand.Rand, n int) *ir.Program {
	g := &randomizer{Rand: r, p: declarations(r, []string{"dleft"})}
	g.event = &ir.Event{Name: "e", Entity: -1}
	g.body = &ir.Body{}
	g.body.Ops = g.reads(6, true)
	for range n {
		part := ir.Part{X: g.expr(g.scalar(), 4)}
		g.body.Always = append(g.body.Always, &ir.Log{Message: []ir.Part{part}})
	}
	g.event.Handlers = []*ir.Handler{{Body: g.body}}
	g.p.Events = []*ir.Event{g.event}
	g.p.Entities = nil
	for _, s := range g.p.States {
		s.For, s.Lazy = nil, false
	}
	return g.p
}
