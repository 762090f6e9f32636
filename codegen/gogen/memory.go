package gogen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// structure is one piece of the program's memory: how it is named, laid out,
// made, and under which name and kind it is shown.
type structure struct {
	field  string // of the machine
	doc    string
	adopt  string // name in Memory
	layout string
	typ    *jen.Statement // without the pointer
	make   *jen.Statement
	show   string // name in the manifest and in Stats; "" = not shown
	kind   string
}

// memory lists the structures of the program: metrics and tables in order of
// declaration, then states, timers and ticks.
func (g *gen) memory() []structure {
	var out []structure
	for i, d := range g.p.Metrics {
		if d.Detector != nil {
			out = append(out, g.detector(i))
		}
		if d.Monitor != nil {
			out = append(out, g.monitorOf(i))
		}
	}
	for i, d := range g.p.Tables {
		k, v := keyType(keySizes(d.Key)), storedType(d.Value)
		layout := fmt.Sprintf("table %s %v capacity=%d full=%v", keyText(d.Key), d.Value, d.Capacity, d.Full)
		out = append(out, structure{
			field: g.tables[i], doc: "table " + d.Name, adopt: "table " + d.Name, layout: layout, show: d.Name, kind: "table",
			typ:  rt("dleft", "Table").Types(k, v),
			make: rt("dleft", "NewTable").Types(k, v).Call(jen.Lit(d.Capacity), fullPolicy(d.Full)),
		})
	}
	for i, d := range g.p.Entities {
		k := keyType(g.entitySize(i))
		layout := fmt.Sprintf("states %s capacity=%d full=%v", g.entityKeyText(i), d.Capacity, d.Full)
		out = append(out, structure{
			field: g.entities[i], doc: "states of entity " + d.Name, adopt: "states " + d.Name, layout: layout,
			show: d.Name, kind: "states",
			typ: rt("xfsm", "Table").Types(k), make: rt("xfsm", "NewTable").Types(k).Call(jen.Lit(d.Capacity), fullPolicy(d.Full)),
		})
	}
	for i, e := range g.p.Events {
		switch e.Kind {
		case ir.TimeoutEvent:
			d := g.p.Entities[e.Entity]
			k, c := keyType(g.entitySize(e.Entity)), g.captures[i].typ()
			layout := fmt.Sprintf("timers %s capacity=%d full=%v keep(%s)", g.entityKeyText(e.Entity), d.Capacity, d.Full, strings.Join(g.captures[i].names, ","))
			out = append(out, structure{
				field: g.timeouts[i], doc: "armed timers of event " + e.Name, adopt: "timers " + e.Name, layout: layout,
				show: e.Name, kind: "timers",
				typ:  rt("xfsm", "Timeouts").Types(k, c),
				make: rt("xfsm", "NewTimeouts").Types(k, c).Call(jen.Lit(d.Capacity), fullPolicy(d.Full)),
			})
		case ir.TickEvent:
			out = append(out, structure{
				field: g.ticks[i], doc: "timer of event " + e.Name, adopt: "tick " + e.Name, layout: "tick",
				typ: rt("xfsm", "Ticks"), make: rt("xfsm", "NewTicks").Call(jen.Lit(1)),
			})
		}
	}
	return out
}

func fullPolicy(p ir.Policy) *jen.Statement {
	return rt("dleft", map[ir.Policy]string{ir.Evict: "Evict", ir.Reject: "Reject"}[p])
}

func keyText(ts []types.Type) string {
	words := make([]string, len(ts))
	for i, t := range ts {
		words[i] = t.String()
	}
	return "key(" + strings.Join(words, ",") + ")"
}

func (g *gen) entityKeyText(entity int) string {
	var ts []types.Type
	for _, k := range g.p.Entities[entity].Fields {
		ts = append(ts, k.Type)
	}
	return keyText(ts)
}

func (g *gen) detector(i int) structure {
	d := g.p.Metrics[i]
	return structure{
		field: g.detectors[i], doc: "detector of metric " + d.Name, adopt: "metric " + d.Name + " distinct",
		layout: specText(d.Detector, keyText(d.Distinct)), show: d.Name, kind: d.Detector.Kind,
		typ: rt("sketch", "Pair"), make: rt("metric", "NewDistinct").Call(spec(d.Detector, 0)),
	}
}

// monitorMakers are the Go type and the constructor of each kind of monitor.
var monitorMakers = map[string][3]string{
	"cbf": {"sketch", "CBF", "NewCBF"}, "tbf": {"sketch", "TBF", "NewTBF"}, "tewma": {"sketch", "TEWMA", "NewTEWMA"},
	"dleft": {"dleft", "Counters", "NewCounters"}, "hll": {"sketch", "HLL", "NewHLL"}, "topk": {"sketch", "TopK", "NewTopK"},
}

func (g *gen) monitorOf(i int) structure {
	d := g.p.Metrics[i]
	mk, ok := monitorMakers[d.Monitor.Kind]
	if !ok {
		g.fail(fmt.Errorf("metric %s: monitor of kind %q", d.Name, d.Monitor.Kind))
	}
	key := d.Key
	if d.Monitor.Kind == "hll" {
		key = d.Distinct
	}
	s := structure{
		field: g.metrics[i], doc: "metric " + d.Name, adopt: "metric " + d.Name, layout: specText(d.Monitor, keyText(key)),
		show: d.Name, kind: d.Monitor.Kind, typ: rt(mk[0], mk[1]), make: rt("metric", mk[2]),
	}
	bytes := 0
	if d.Monitor.Kind == "topk" {
		bytes = keySizes(key)
		s.typ.Types(keyType(bytes))
		s.make.Types(keyType(bytes))
	}
	s.make.Call(spec(d.Monitor, bytes))
	return s
}

// spec writes metric.Spec{Kind: metric.TBF, Window: 60000000000, Capacity: 65536}.
func spec(s *ir.Structure, keyBytes int) *jen.Statement {
	kinds := map[string]string{
		"bloom": "Bloom", "cbf": "CBF", "tbf": "TBF", "tewma": "TEWMA", "dleft": "DLeft", "hll": "HLL", "topk": "TopK",
	}
	var full, failure *jen.Statement
	if s.Kind == "dleft" {
		full = fullPolicy(s.Full)
	}
	if s.Error != 0 {
		failure = jen.Lit(s.Error)
	}
	return rt("metric", "Spec").Add(composite(
		pair{"Kind", rt("metric", kinds[s.Kind])},
		pair{"Window", number(int64(s.Window))},
		pair{"Memory", number(int64(s.Memory))},
		pair{"Tick", number(int64(s.Tick))},
		pair{"K", number(int64(s.K))},
		pair{"Capacity", number(int64(s.Capacity))},
		pair{"Error", failure},
		pair{"KeyBytes", number(int64(keyBytes))},
		pair{"Full", full},
	))
}

// specText is the layout of a sketch: every declared property that its bytes
// depend on.
func specText(s *ir.Structure, key string) string {
	t := s.Kind + " " + key
	if s.Window != 0 {
		t += " window=" + s.Window.String()
	}
	if s.Memory != 0 {
		t += " memory=" + s.Memory.String()
	}
	if s.Tick != 0 {
		t += " tick=" + s.Tick.String()
	}
	if s.K != 0 {
		t += " k=" + strconv.Itoa(s.K)
	}
	if s.Capacity != 0 {
		t += " capacity=" + strconv.Itoa(s.Capacity)
	}
	if s.Error != 0 {
		t += " error=" + strconv.FormatFloat(s.Error, 'g', -1, 64)
	}
	if s.Kind == "dleft" {
		t += " full=" + s.Full.String()
	}
	return t
}
