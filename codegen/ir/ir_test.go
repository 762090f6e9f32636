package ir_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/lang/types"
)

func TestText(t *testing.T) {
	testkit.Archives(t, "testdata/sample.txtar", func(t *testing.T, a *testkit.Archive) {
		p := testkit.Sample()
		if err := ir.Verify(p); err != nil {
			t.Fatal(err)
		}
		a.Golden("ir", p.String())
	})
}

func TestOpNames(t *testing.T) {
	seen := map[string]bool{}
	for op := ir.BadOp; op <= ir.Contains; op++ {
		if name := op.String(); name == "" || seen[name] {
			t.Errorf("operator %d has the name %q, empty or taken", op, name)
		}
		seen[op.String()] = true
	}
}

// Each case breaks the sample in one way; Verify must say so.
func TestVerify(t *testing.T) {
	server := &ir.EntityField{Typed: ir.Typed{T: types.IP}}
	lit := func(ty types.Type) ir.Expr { return &ir.Lit{Const: ir.Const{Type: ty}} }
	field := func(ty types.Type, name string) ir.Expr { return &ir.Field{Typed: ir.Typed{T: ty}, Name: name} }
	body := func(p *ir.Program) *ir.Body { return p.Events[0].Handlers[0].Body }
	op := func(p *ir.Program, s ir.Stmt) { body(p).Ops = append(body(p).Ops, s) }
	tests := []struct {
		name, want string
		change     func(p *ir.Program)
	}{
		{"name", "has no name", func(p *ir.Program) { p.Name = "" }},
		{"states", "has no state", func(p *ir.Program) { p.States = nil }},
		{"twice", "declared twice", func(p *ir.Program) { p.States[1].Name = "default" }},
		{"param", "type int with default of type bool", func(p *ir.Program) { p.Params[0].Def.Type = types.Bool }},
		{"entity fields", "0 key fields", func(p *ir.Program) { p.Entities[0].Fields = nil }},
		{"entity type", "key part of type float", func(p *ir.Program) { p.Entities[0].Fields[0].Type = types.Float }},
		{"capacity", "capacity 0", func(p *ir.Program) { p.Entities[0].Capacity = 0 }},
		{"metric kind", `monitor of kind "cms"`, func(p *ir.Program) { p.Metrics[0].Monitor.Kind = "cms" }},
		{"metric window", "tbf without window", func(p *ir.Program) { p.Metrics[0].Monitor.Kind = "tbf" }},
		{"no structure", "neither detector nor monitor", func(p *ir.Program) { p.Metrics[0].Monitor = nil }},
		{"hll", "distinct key of 0 parts", func(p *ir.Program) { p.Metrics[0].Monitor.Kind = "hll" }},
		{"table key", "has no key", func(p *ir.Program) { p.Tables[0].Key = nil }},
		{"duration", "constant: 3 is int, not duration", func(p *ir.Program) {
			p.States[2].For = &ir.Lit{Const: ir.Const{Type: types.Int, I: 3}}
		}},
		{"duration not constant", "(elapsed) is not constant", func(p *ir.Program) {
			p.States[2].For = &ir.Call{Typed: ir.Typed{T: types.Duration}, Func: "elapsed"}
		}},
		{"default duration", "cannot have a duration", func(p *ir.Program) { p.States[0].For, p.States[2].For = p.States[2].For, nil }},
		{"lazy", "lazy without a duration", func(p *ir.Program) { p.States[1].Lazy = true }},
		{"next", "next state 7 of 3", func(p *ir.Program) { p.States[2].Next = 7 }},
		{"where", "where: tcp.len is int, not bool", func(p *ir.Program) { p.Events[0].Where = field(types.Int, "tcp.len") }},
		{"bind", "binding: 0 key parts, declared with 1", func(p *ir.Program) { p.Events[0].Bind = nil }},
		{"bind type", "binding: tcp.len is int, not ip", func(p *ir.Program) { p.Events[0].Bind[0] = field(types.Int, "tcp.len") }},
		{"both", "not a pair", func(p *ir.Program) { p.Events[0].Sorted = true }},
		{"entity index", "entity 4 of 1", func(p *ir.Program) { p.Events[1].Entity = 4 }},
		{"timeout where", "a timeout with where", func(p *ir.Program) { p.Events[1].Where = lit(types.Bool) }},
		{"tick", "a tick with where, binding or entity", func(p *ir.Program) { p.Events[1].Kind = ir.TickEvent }},
		{"captures order", "captures not sorted", func(p *ir.Program) { p.Events[1].Captures = []string{"ip.src", "ip.dst"} }},
		{"captures", "ip.src: not among the captures", func(p *ir.Program) { p.Events[1].Captures = nil }},
		{"second body", "a second body for state default", func(p *ir.Program) { p.Events[0].Handlers[1].States = []int{0} }},
		{"no states", "a handler for no state", func(p *ir.Program) { p.Events[0].Handlers[1].States = nil }},
		{"state index", "state 9 of 3", func(p *ir.Program) { p.Events[0].Handlers[1].States = []int{9} }},
		{"local id", "local 0 has id 5", func(p *ir.Program) { body(p).Locals[0].ID = 5 }},
		{"foreign local", "is no local of this body", func(p *ir.Program) { op(p, &ir.Let{Dst: &ir.Local{Type: types.Int}, X: lit(types.Int)}) }},
		{"let type", "let of type bool into %0.syns of type int", func(p *ir.Program) { op(p, &ir.Let{Dst: body(p).Locals[0], X: lit(types.Bool)}) }},
		{"set key", "set syns: 0 key parts, declared with 1", func(p *ir.Program) { op(p, &ir.Set{}) }},
		{"set new", "set syns new: 1 key parts, declared with 0", func(p *ir.Program) {
			op(p, &ir.Set{Key: []ir.Expr{server}, Distinct: []ir.Expr{server}})
		}},
		{"set by", "set by string", func(p *ir.Program) { op(p, &ir.Set{Key: []ir.Expr{server}, By: lit(types.String)}) }},
		{"get dst", "get without destination", func(p *ir.Program) { op(p, &ir.Get{Key: []ir.Expr{server}}) }},
		{"metric index", "set: metric 3 of 1", func(p *ir.Program) { op(p, &ir.Set{Metric: 3}) }},
		{"table index", "delete: table 3 of 1", func(p *ir.Program) { op(p, &ir.Delete{Table: 3}) }},
		{"store type", "store: 0 is int, not float", func(p *ir.Program) { op(p, &ir.Store{Key: []ir.Expr{server}, X: lit(types.Int)}) }},
		{"start", "start syn, which is no timeout", func(p *ir.Program) { op(p, &ir.Start{Event: 0, After: lit(types.Duration)}) }},
		{"start after", "start: 0 is int, not duration", func(p *ir.Program) { op(p, &ir.Start{Event: 1, After: lit(types.Int)}) }},
		{"start elsewhere", "a timeout of another entity", func(p *ir.Program) {
			p.Entities = append(p.Entities, &ir.Entity{Name: "other", Fields: p.Entities[0].Fields, Capacity: 1})
			p.Events[1].Entity = 1
		}},
		{"drop", "without a packet", func(p *ir.Program) {
			b := p.Events[1].Handlers[0].Body
			b.Always = append(b.Always, &ir.Drop{})
		}},
		{"alert level", `alert of level "loud"`, func(p *ir.Program) { op(p, &ir.Alert{Level: "loud"}) }},
		{"format", `format "5d"`, func(p *ir.Program) { op(p, &ir.Log{Message: []ir.Part{{X: server, Format: "5d"}}}) }},
		{"top", "has no topk", func(p *ir.Program) {
			op(p, &ir.Publish{Topic: "t", Fields: []ir.NamedValue{{Name: "x", X: &ir.TopList{}}}})
		}},
		{"top elsewhere", "a list outside of publish", func(p *ir.Program) { op(p, &ir.Log{Message: []ir.Part{{X: &ir.TopList{}}}}) }},
		{"otherwise", "otherwise before the last arm", func(p *ir.Program) { body(p).Arms = append([]*ir.Arm{{To: -1}}, body(p).Arms...) }},
		{"pre", "among the reads of a condition", func(p *ir.Program) { body(p).Arms[0].Pre = []ir.Stmt{&ir.Drop{}} }},
		{"to", "target state 8 of 3", func(p *ir.Program) { body(p).Arms[0].To = 8 }},
		{"when", "when: 0 is int, not bool", func(p *ir.Program) { body(p).Arms[0].If = lit(types.Int) }},
		{"operands", "operands of type int and float", func(p *ir.Program) {
			body(p).Arms[0].If = &ir.Binary{Typed: ir.Typed{T: types.Bool}, Op: ir.Lt, X: lit(types.Int), Y: lit(types.Float)}
		}},
		{"missing", "operand missing", func(p *ir.Program) {
			body(p).Arms[0].If = &ir.Unary{Typed: ir.Typed{T: types.Bool}, Op: ir.Not}
		}},
		{"result", "has type int, must have bool", func(p *ir.Program) {
			op(p, &ir.Log{Message: []ir.Part{{X: &ir.Binary{Typed: ir.Typed{T: types.Int}, Op: ir.Lt, X: lit(types.Int), Y: lit(types.Int)}}}})
		}},
		{"function", "unknown function", func(p *ir.Program) { op(p, &ir.Log{Message: []ir.Part{{X: &ir.Call{Func: "sin"}}}}) }},
		{"list", "no such list", func(p *ir.Program) {
			p.Events[0].Where = &ir.In{Typed: ir.Typed{T: types.Bool}, X: lit(types.Int)}
		}},
		{"item", "item of type mac", func(p *ir.Program) {
			p.Events[0].Where = &ir.In{Typed: ir.Typed{T: types.Bool}, X: lit(types.Int), List: -1, Items: []ir.SetItem{{Type: types.MAC}}}
		}},
		{"unbound", "no entity is bound here", func(p *ir.Program) { p.Events[0].Bind[0] = server }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := testkit.Sample()
			tt.change(p)
			err := ir.Verify(p)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Verify = %v, want %q", err, tt.want)
			}
			if p.String() == "" {
				t.Error("no text form")
			}
		})
	}
}

// Verify lists all violations, each with its place.
func TestVerifyListsAll(t *testing.T) {
	p := testkit.Sample()
	p.Entities[0].Capacity = 0
	p.Events[0].Handlers[0].Body.Arms[0].To = 8
	p.Events[1].Captures = nil
	err := ir.Verify(p)
	if err == nil {
		t.Fatal("Verify = nil, want three violations")
	}
	lines := strings.Split(err.Error(), "\n")
	want := []string{"entity server: ", "event syn in default: ", "event check in rising: "}
	if len(lines) != len(want) {
		t.Fatalf("Verify = %q, want %d lines", lines, len(want))
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("violation %d is %q, want %q…", i, line, want[i])
		}
	}
}

// Map copies what it changes and shares the rest; an identity changes nothing.
func TestMapWritesToNothing(t *testing.T) {
	for seed := range uint64(50) {
		p := testkit.RandomProgram(rand.New(rand.NewPCG(seed, 2)), nil)
		before := p.String()
		same := func(x ir.Expr) ir.Expr { return ir.Map(x, func(y ir.Expr) ir.Expr { return y }) }
		negated := func(x ir.Expr) ir.Expr {
			return ir.Map(x, func(y ir.Expr) ir.Expr {
				if l, ok := y.(*ir.Lit); ok && l.Type() == types.Int {
					return &ir.Lit{Const: ir.Const{Type: types.Int, I: l.I + 1}}
				}
				return y
			})
		}
		for _, e := range p.Events {
			for _, h := range e.Handlers {
				if got, want := ir.BodyText(p, e, h.Body.Map(same)), ir.BodyText(p, e, h.Body); got != want {
					t.Fatalf("identity changed\n%s\nto\n%s", want, got)
				}
				h.Body.Map(negated)
			}
		}
		if p.String() != before {
			t.Fatalf("seed %d: Map wrote to the program", seed)
		}
	}
}

// TestWordsOfDurations writes durations in the units of the language, which has days and
// no fractions.
func TestWordsOfDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{7 * 24 * time.Hour: "7d", 90 * time.Minute: "90m", 1500 * time.Millisecond: "1s500ms"} {
		x := &ir.Lit{Const: ir.Const{Type: types.Duration, I: int64(d)}}
		if got := (&ir.Words{Program: testkit.Sample()}).Expr(x); got != want {
			t.Errorf("%v in words: %s, want %s", d, got, want)
		}
	}
}
