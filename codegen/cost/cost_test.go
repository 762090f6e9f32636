package cost

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// TestTable: the recorded table has a figure for every operation, for each size where it
// depends on that, and no others.
func TestTable(t *testing.T) {
	table := Recorded()
	known := map[string]bool{}
	for _, op := range Operations() {
		known[op.Name] = true
		want := 1
		if op.Sized {
			want = len(table.Sizes)
		}
		if ns := table.NS[op.Name]; len(ns) != want || slices.Min(ns) <= 0 {
			t.Errorf("operation %s has the figures %v, want %d above 0: make cost", op.Name, ns, want)
		}
	}
	for name := range table.NS {
		if !known[name] {
			t.Errorf("the table has %s, which is no operation", name)
		}
	}
	if table.Machine == "" || table.Date == "" || len(table.Sizes) < 2 || !slices.IsSorted(table.Sizes) {
		t.Errorf("the table is of machine %q, date %q, sizes %v", table.Machine, table.Date, table.Sizes)
	}
}

// embedding lists the types in files of package ir that embed a type.
func embedding(t *testing.T, file, embedded string) (names []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../ir", file), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok {
			for _, field := range s.Fields.List {
				if id, ok := field.Type.(*ast.Ident); ok && field.Names == nil && id.Name == embedded {
					names = append(names, spec.Name.Name)
				}
			}
		}
		return true
	})
	return names
}

func namesOf[T any](list []T) (names []string) {
	for _, x := range list {
		names = append(names, reflect.TypeOf(x).Elem().Name())
	}
	return names
}

// TestEveryConstruct: whatever the IR can say has a cost, and the table has it.
func TestEveryConstruct(t *testing.T) {
	metric := &ir.Metric{Detector: &ir.Structure{Kind: "bloom"}, Monitor: &ir.Structure{Kind: "cbf"}}
	e := estimator{t: Recorded(), p: &ir.Program{Metrics: []*ir.Metric{metric}}, m: Memory{}, columnar: []bool{false}}
	s := situation{event: &ir.Event{}, bytes: 1 << 20, fresh: true}

	stmts := []ir.Stmt{
		&ir.Let{}, &ir.Set{}, &ir.Get{}, &ir.Reset{}, &ir.Load{}, &ir.Has{}, &ir.Store{}, &ir.Delete{}, &ir.Start{}, &ir.Stop{},
		&ir.Alert{}, &ir.Log{}, &ir.Publish{}, &ir.Exec{}, &ir.Drop{}, &ir.Block{}, &ir.Capture{},
	}
	if got, want := namesOf(stmts), embedding(t, "stmt.go", "At"); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		t.Errorf("statements with a cost: %v\nof the IR: %v", got, want)
	}
	for _, st := range stmts {
		if ns := e.stmt(st, s); ns <= 0 && reflect.TypeOf(st) != reflect.TypeFor[*ir.Let]() {
			t.Errorf("%T costs %v", st, ns)
		}
	}

	number := &ir.Lit{Const: ir.Const{Type: types.Int}}
	exprs := []ir.Expr{
		&ir.ParamRef{}, &ir.Field{}, &ir.HasLayer{}, &ir.LocalRef{}, &ir.EntityField{}, &ir.Convert{}, &ir.TopList{},
		&ir.Unary{Op: ir.Neg}, &ir.Binary{Op: ir.Add}, &ir.Call{Func: "abs"}, &ir.In{X: number, List: -1},
	}
	if got, want := namesOf(exprs), embedding(t, "expr.go", "Typed"); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		t.Errorf("expressions with a cost: %v\nof the IR: %v", got, want)
	}
	for _, x := range exprs {
		e.node(x, s)
	}
	for op := ir.Neg; op <= ir.Contains; op++ {
		e.node(&ir.Binary{Op: op, X: number, Y: number}, s)
	}
	for _, b := range types.Builtins() {
		if b.Name != "both" {
			e.node(&ir.Call{Func: b.Name}, s)
		}
	}
	for _, k := range types.Kinds(types.Count) {
		metric.Monitor.Kind = k.Name
		if e.get(0, s) <= 0 || e.set(&ir.Set{}, s) <= 0 || e.reset(&ir.Reset{}, s) <= 0 {
			t.Errorf("an operation on %s costs nothing", k.Name)
		}
	}
}

// TestAt: between two sizes by the logarithm, beyond them as at the ends.
func TestAt(t *testing.T) {
	table := &Table{Sizes: []int64{1 << 10, 1 << 20}, NS: map[string][]float64{"x": {10, 20}, "y": {3}}}
	for _, tt := range []struct {
		name  string
		bytes int64
		want  float64
	}{
		{"x", 0, 10}, {"x", 1 << 10, 10}, {"x", 1 << 15, 15}, {"x", 1 << 20, 20}, {"x", 1 << 40, 20}, {"y", 1 << 30, 3},
	} {
		if got := table.at(tt.name, tt.bytes); got < tt.want-1e-9 || got > tt.want+1e-9 {
			t.Errorf("at(%q, %d) = %v, want %v", tt.name, tt.bytes, got, tt.want)
		}
	}
}

// units is a table in which every operation costs 1, and 10 in memory: estimates count.
func units() *Table {
	t := &Table{Sizes: []int64{1 << 10, 1 << 20}, NS: map[string][]float64{}}
	for _, op := range Operations() {
		t.NS[op.Name] = []float64{1}
		if op.Sized {
			t.NS[op.Name] = []float64{1, 10}
		}
	}
	return t
}

func estimate(t *testing.T, text string, bytes int64) Estimate {
	t.Helper()
	p, list, err := codegen.Compile(context.Background(), "t.smon", []byte(text), codegen.Options{})
	if err != nil || list.HasErrors() {
		t.Fatal(err, list)
	}
	all := func(n int) []int64 { return slices.Repeat([]int64{bytes}, n) }
	return Of(units(), p.IR, Memory{all(len(p.IR.Metrics)), all(len(p.IR.Metrics)), all(len(p.IR.Tables)), all(len(p.IR.Entities)), all(len(p.IR.Events))})
}

// TestOf counts the operations of a program with two events.
func TestOf(t *testing.T) {
	const text = `program t
entity host: ip
metric n { distinct bloom(window: 60s)  count tbf(window: 60s) }
event u: packet where udp.dstport == 53 for host = ip.src
event c: packet where tcp for host = ip.src
event late: timeout for host
state default {
  on u { set n[host] new (ip.dst)  when n > 5 -> busy { start late after 1s } }
  on c { get n[host]  when n > 5 { log "many" } }
}
state busy { on late { otherwise -> default } }
`
	small, large := estimate(t, text, 1), estimate(t, text, 1<<20)
	// packet, a layer test for each event; and with the port: a field and a comparison
	if small.Reject != (Rejected{3, 5}) || large.Reject != small.Reject {
		t.Errorf("reject = %v, %v, want 3 to 5", small.Reject, large.Reject)
	}
	// u: 5 to match, 1 to the handler, 4 for two addresses and their hashes, 1 for the state;
	// then the detector, the value, a comparison.
	u, big := small.Events[0].Each, large.Events[0].Each
	if u.Low != 11 || u.Usual != 14 {
		t.Errorf("in the caches u costs %v, want 11 in busy, 14 in default", u)
	}
	// Half of the time the state, the detector and the value are in memory.
	if big.Low != u.Low || big.Usual != u.Usual+3*9/2.0 {
		t.Errorf("u costs %v with large structures, %v with small ones", big, u)
	}
	// In memory, the value added to, a move and a timer beside.
	if want := u.Usual + 3*9 + 2*10; big.High < want || big.High > want+2 {
		t.Errorf("u costs at most %v, want %v", big.High, want)
	}
	if got := large.Events[0].Layers; !slices.Equal(got, []string{"ip", "udp"}) {
		t.Errorf("layers of u = %v", got)
	}
	if late := large.Events[2]; late.Kind != ir.TimeoutEvent || late.Each.Usual < 10 || late.Decode != 0 {
		t.Errorf("late = %+v", late)
	}
}

// TestColumns: what is done in columns has the cost of that.
func TestColumns(t *testing.T) {
	table := units()
	table.NS["columns/bloom"] = []float64{1000, 1000}
	const text = `program t
entity host: ip
metric n { distinct bloom(window: 60s)  count dleft }
event u: packet where udp for host = ip.src
on u { set n[host] new (ip.dst)  when n > 5 { log "many" } }
`
	p, list, err := codegen.Compile(context.Background(), "t.smon", []byte(text), codegen.Options{})
	if err != nil || list.HasErrors() {
		t.Fatal(err, list)
	}
	e := Of(table, p.IR, Memory{[]int64{1}, []int64{1}, nil, []int64{1}, []int64{0}})
	if ns := e.Events[0].Each.Low; ns < 1000 {
		t.Errorf("u costs %v, without what its column costs", ns)
	}
}

// TestExamples: there is an estimate for every shipped program, and its bounds are bounds.
func TestExamples(t *testing.T) {
	files, _ := filepath.Glob("../../examples/*/*.smon")
	if len(files) == 0 {
		t.Fatal("no examples")
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		opt := codegen.Options{Files: os.DirFS(filepath.Dir(file))}
		p, list, err := codegen.Compile(context.Background(), file, src, opt)
		if err != nil || p == nil {
			t.Fatal(file, err, list)
		}
		n := len(p.IR.Metrics)
		e := Of(Recorded(), p.IR, Memory{make([]int64, n), make([]int64, n), make([]int64, len(p.IR.Tables)), make([]int64, len(p.IR.Entities)), make([]int64, len(p.IR.Events))})
		for _, x := range e.Events {
			if !(0 < x.Each.Low && x.Each.Low <= x.Each.Usual && x.Each.Usual <= x.Each.High) {
				t.Errorf("%s: event %s costs %+v", filepath.Base(file), x.Name, x.Each)
			}
			if x.Kind == ir.PacketEvent && (x.Decode <= 0 || e.Reject.Low > x.Each.Low) {
				t.Errorf("%s: event %s costs %+v and %v to decode, a packet without event %v", filepath.Base(file), x.Name, x.Each, x.Decode, e.Reject)
			}
			if strings.HasPrefix(x.Name, "dns") && x.Decode < Recorded().at("decode/udp", 0) {
				t.Errorf("%s: event %s decodes in %v", filepath.Base(file), x.Name, x.Decode)
			}
		}
	}
}
