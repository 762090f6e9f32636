package gogen

import (
	"errors"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
)

// Words. The *rows* of an event are the packets of a chunk that it happens for, in
// order. A *column* holds one value for each row: the hash of a key without what its
// constant parts contribute. A *slot* is a column and that constant. A metric is
// *columnar* if its operations can be done for all rows of a chunk at once, before
// the first handler runs.

// slot is where the hash of a key is kept.
type slot struct {
	column int
	fixed  int // number of the constant addend; -1 = none
}

// at writes m.columns[3][row&63] + m.fixed[0].
func (s slot) at(row string) *jen.Statement {
	column := jen.Id("m").Dot("columns").Index(jen.Lit(s.column)).Index(jen.Id(row).Op("&").Lit(chunkPackets - 1))
	return plus(column, fixedAddend(s.fixed))
}

// args writes the arguments that stand for the first rows of s:
// m.columns[3][:n], m.fixed[0].
func (s slot) args(rows string) []jen.Code {
	add := fixedAddend(s.fixed)
	if add == nil {
		add = jen.Lit(0)
	}
	return []jen.Code{column("columns", s.column, rows), add}
}

// whole writes the arguments that stand for all of s: &m.columns[3], m.fixed[0].
func (s slot) whole() []jen.Code {
	return []jen.Code{jen.Op("&").Id("m").Dot("columns").Index(jen.Lit(s.column)), s.args("")[1]}
}

// column writes m.values[3][:n].
func column(field string, i int, rows string) *jen.Statement {
	return jen.Id("m").Dot(field).Index(jen.Lit(i)).Index(jen.Op(":").Id(rows))
}

// batched is what is prepared for one packet event, or for its writes.
type batched struct {
	fill  filled          // what program.Fill fills, before the row loop
	row   []jen.Code      // fills the other columns of one row
	all   []jen.Code      // done once they are filled
	mine  []jen.Code      // in a shard in place of all: nothing for what may be left to others
	slots map[string]slot // where the hash of a key is, by content; nil = nothing is prepared
}

// columnar is a metric that is done column by column.
type columnar struct {
	set    *ir.Set
	event  int
	values int  // column of the monitor's values; -1 = there is no monitor
	rates  bool // those are floats
	seen   int  // column of the detector's answers; 0 is shared by metrics whose values alone matter
}

// value writes what the operation yields for a row.
func (c columnar) value(row string) *jen.Statement {
	at := jen.Id(row).Op("&").Lit(chunkPackets - 1)
	if c.values < 0 {
		return jen.Int64().Call(jen.Id("m").Dot("seen").Index(jen.Lit(c.seen)).Index(at))
	}
	return jen.Id("m").Dot(c.field()).Index(jen.Lit(c.values)).Index(at)
}

// field is the machine's field that the monitor's values are in.
func (c columnar) field() string {
	if c.rates {
		return "rates"
	}
	return "values"
}

// planColumns decides what is prepared for each packet event.
func (g *gen) planColumns() {
	g.batches = make([]batched, len(g.p.Events))
	g.planColumnar()
	for _, i := range g.packetEvents() {
		if len(g.p.Events[i].Handlers) > 0 {
			g.batches[i] = g.planEvent(i)
		}
	}
	g.writeBatches = make([]batched, len(g.p.Events))
	if !g.shards() {
		return
	}
	for _, i := range g.packetEvents() {
		g.writeBatches[i] = g.planWrites(i)
	}
}

func (g *gen) hasColumns() bool {
	return slices.ContainsFunc(g.batches, func(b batched) bool { return b.slots != nil })
}

// columnFields are the machine's fields for columns.
func (g *gen) columnFields() (fields []jen.Code) {
	add := func(name string, t *jen.Statement, doc string) {
		fields = append(fields, jen.Id(name).Add(t).Comment(doc))
	}
	rows := func() *jen.Statement { return jen.Index(jen.Lit(chunkPackets)) }
	if len(g.packetEvents()) > 0 {
		add("matched", jen.Index(jen.Lit(len(g.p.Events))).Uint64(), "packets of the chunk that an event happens for, a bit each")
	}
	if len(g.fixed) > 0 {
		add("fixed", jen.Index(jen.Lit(len(g.fixed))).Uint64(), "what the constant parts of keys contribute to their hashes")
	}
	if g.columns > 0 {
		add("columns", jen.Index(jen.Lit(g.columns)).Add(rows()).Uint64(), "of hashes, by row")
	}
	if len(g.columnar) > 0 {
		add("times", rows().Int64(), "of the rows")
		add("seen", jen.Index(jen.Lit(g.seen)).Add(rows()).Uint8(), "answers of detectors, by row")
		if g.values > 0 {
			add("values", jen.Index(jen.Lit(g.values)).Add(rows()).Int64(), "of metrics, by row")
		}
		if g.rates > 0 {
			add("rates", jen.Index(jen.Lit(g.rates)).Add(rows()).Float64(), "of metrics that decay, by row")
		}
	}
	return fields
}

// planEvent plans the columns of event i.
func (g *gen) planEvent(i int) batched {
	var w batched
	p := g.columnPlan(i, &w, &g.columns)
	f := p.f
	for _, h := range f.event.Handlers {
		p.isRare = !inDefault(h)
		ops := h.Body.Ops
		if len(h.Body.Arms) > 0 {
			ops = append(ops[:len(ops):len(ops)], h.Body.Arms[0].Pre...)
		}
		for _, s := range ops {
			p.travels = g.shards() && g.plan.Write(i, h.Body, s) >= 0
			p.operation(s)
		}
	}
	p.travels, p.isRare = false, false
	if len(p.warm) == 0 && len(p.kernels) == 0 {
		return batched{}
	}
	if f.entity >= 0 {
		p.entity()
	}
	w.all, w.mine = p.code()
	return w
}

// planWrites plans the columns of the writes of event i, for the shards that make
// those without handling the event.
func (g *gen) planWrites(i int) batched {
	from, to := g.plan.WritesOf(i)
	var w batched
	p := g.columnPlan(i, &w, &g.columns)
	for _, write := range g.plan.Writes[from:to] {
		p.operation(write.Stmt)
	}
	if len(p.warm) == 0 {
		return batched{}
	}
	w.all, _ = p.code()
	return w
}

// columnPlan collects what is prepared for an event.
type columnPlan struct {
	f       *fn
	slots   map[string]slot
	byText  map[string]int // columns, by the text of what is put there
	warm    []touch
	kernels []kernel
	travels bool // the operation at hand may be another shard's
	isRare  bool // and is none of the default state
}

// touch asks for lines that the handlers will need.
type touch struct {
	call    *jen.Statement
	travels bool // for operations alone that may be another shard's
}

// columnPlan begins the plan of the columns of event i, whose rows w fills. next counts the
// columns.
func (g *gen) columnPlan(i int, w *batched, next *int) *columnPlan {
	w.slots, w.fill = map[string]slot{}, filled{src: -1, dst: -1, next: next}
	f := g.eventFn(&w.row, i)
	f.packet, f.silent, f.filled = "p", true, &w.fill
	f.assume(f.selector())
	return &columnPlan{f: f, slots: w.slots, byText: map[string]int{}}
}

// kernel is the call of an operation over a column, and that which asks for the lines
// of its first rows.
type kernel struct {
	field *jen.Statement
	slot  slot
	call  jen.Code
}

// slot returns where the hash of a key is kept; false for a key that cannot be made
// as soon as the event has matched, that not all packets have, or that is constant.
func (p *columnPlan) slot(key []ir.Expr) (slot, bool) {
	f := p.f
	if len(key) == 0 || !f.isPlain(key) {
		return slot{}, false
	}
	id := f.keyID(key)
	if s, ok := p.slots[id]; ok {
		return s, true
	}
	terms, fixed := f.terms(key)
	sum := f.sum(terms)
	if sum == nil {
		return slot{}, false
	}
	s := slot{p.column(sum), fixed}
	p.slots[id] = s
	return s, true
}

// guarded is slot for a key that not all packets have, too, unless it is rarely used: texts
// take long to hash. The column of packets that have none holds anything, which is asked for in
// vain; handlers do not use it.
func (p *columnPlan) guarded(key []ir.Expr) (s slot, ok bool) {
	f := p.f
	if s, ok = p.slot(key); ok || p.isRare || f.isPlain(key) || !f.isEarly(key) {
		return s, ok
	}
	id := f.keyID(key)
	if s, ok = p.slots[id]; ok {
		return s, true
	}
	f.guard(f.event.Pos, f.all(key), func() {
		terms, fixed := f.terms(key)
		s = slot{f.filled.add(), fixed}
		f.add(hashAt(s.column).Op("=").Add(f.sum(terms)))
	})
	p.slots[id] = s
	return s, true
}

// column returns the column that holds sum.
func (p *columnPlan) column(sum *jen.Statement) int {
	f := p.f
	if c := f.filled.holds(sum); c >= 0 {
		return c
	}
	c, ok := p.byText[text(sum)]
	if !ok {
		c = f.filled.add()
		p.byText[text(sum)] = c
		f.add(hashAt(c).Op("=").Add(sum))
	}
	return c
}

// entity keeps the hash of the entity's key too, and asks for its state.
func (p *columnPlan) entity() {
	f := p.f
	id := f.entityID()
	s, ok := p.slots[id]
	if !ok {
		if f.event.Sorted {
			f.bindKey()
			s = slot{p.column(f.entityHash()), -1}
		} else {
			terms, fixed := f.terms(f.event.Bind)
			sum := f.sum(terms)
			if sum == nil { // a constant
				return
			}
			s = slot{p.column(sum), fixed}
		}
		p.slots[id] = s
	}
	p.touch(f.g.entities[f.entity], s)
}

// touch asks for the lines of a structure.
func (p *columnPlan) touch(field string, s slot) {
	call := p.f.m(field).Dot("Warm").Call(s.args("n")...)
	for i := range p.warm {
		if w := &p.warm[i]; same(w.call, call) {
			w.travels = w.travels && p.travels
			return
		}
	}
	p.warm = append(p.warm, touch{call, p.travels})
}

// warmKinds are the monitors whose cells can be asked for.
var warmKinds = map[string]bool{"cbf": true, "tbf": true, "tewma": true, "dleft": true}

// operation plans for one operation of a handler.
func (p *columnPlan) operation(s ir.Stmt) {
	g := p.f.g
	read := func(field string, key []ir.Expr) {
		if slot, ok := p.guarded(key); ok {
			p.touch(field, slot)
		}
	}
	metric := func(i int, key, distinct []ir.Expr) {
		d := g.p.Metrics[i]
		if d.Detector != nil {
			read(g.detectors[i], distinct)
		}
		if d.Monitor != nil && warmKinds[d.Monitor.Kind] {
			read(g.metrics[i], key)
		}
	}
	switch s := s.(type) {
	case *ir.Set:
		if c, ok := g.columnar[s.Metric]; ok {
			if c.set == s {
				p.kernel(c)
			}
			return
		}
		metric(s.Metric, s.Key, s.Distinct)
	case *ir.Get:
		metric(s.Metric, s.Key, s.Distinct)
	case *ir.Load:
		read(g.tables[s.Table], s.Key)
	case *ir.Has:
		read(g.tables[s.Table], s.Key)
	}
}

// kernel plans the calls of a columnar metric:
//
//	m.seenM0.SetColumn(m.columns[0][:n], m.fixed[0], m.times[:n], m.seen[0][:n])
//	m.metricM0.AddColumn(m.columns[1][:n], m.fixed[1], 1, m.times[:n], m.seen[0][:n], m.values[0][:n])
func (p *columnPlan) kernel(c columnar) {
	g := p.f.g
	d := g.p.Metrics[c.set.Metric]
	times, seen := p.f.m("times").Index(jen.Op(":").Id("n")), column("seen", c.seen, "n")
	if d.Detector != nil {
		s := p.kernelSlot(c.set.Distinct)
		field := p.f.m(g.detectors[c.set.Metric])
		p.kernels = append(p.kernels, kernel{field, s, field.Clone().Dot("SetColumn").Call(append(s.args("n"), times, seen)...)})
	}
	if d.Monitor != nil {
		s := p.kernelSlot(c.set.Key)
		field := p.f.m(g.metrics[c.set.Metric])
		amount := p.f.literal(amountOf(c.set.By)).code
		p.kernels = append(p.kernels, kernel{field, s, field.Clone().Dot("AddColumn").Call(append(s.args("n"), amount, times.Clone(), seen.Clone(), column(c.field(), c.values, "n"))...)})
	}
}

// kernelSlot is slot for the key of a columnar metric, which has one.
func (p *columnPlan) kernelSlot(key []ir.Expr) slot {
	s, ok := p.slot(key)
	if !ok {
		p.f.fail(errors.New("a metric by column whose key has none"))
	}
	return s
}

// code writes the calls: all, and those of a shard, which asks for nothing that may be
// another's. Before each kernel the lines of the first rows of the next one are asked
// for; a kernel asks for those of its later rows itself.
func (p *columnPlan) code() (all, mine []jen.Code) {
	for i := range p.kernels {
		if i == 0 {
			all = append(all, jen.Id("head").Op(":=").Min(jen.Id("n"), jen.Lit(16)), p.kernels[0].ask())
		}
		if i+1 < len(p.kernels) {
			all = append(all, p.kernels[i+1].ask())
		}
		all = append(all, p.kernels[i].call)
	}
	switch fill := p.f.filled; {
	case len(p.kernels) == 0:
	case fill.any():
		fill.times = true
	default:
		p.f.add(jen.Id("m").Dot("times").Index(jen.Id("n").Op("&").Lit(chunkPackets - 1)).Op("=").Int64().Call(jen.Id("p").Dot("Time")))
	}
	mine = slices.Clone(all)
	for _, w := range p.warm {
		all = append(all, w.call)
		if !w.travels {
			mine = append(mine, w.call)
		}
	}
	return all, mine
}

func (k kernel) ask() jen.Code { return k.field.Clone().Dot("Warm").Call(k.slot.args("head")...) }

// isClock reports whether a call reads the time: now, elapsed and age.
func isClock(x *ir.Call) bool { return len(x.Args) == 0 }

// isPlain reports whether a key can be made as soon as the event has matched.
func (f *fn) isPlain(key []ir.Expr) bool {
	return f.isEarly(key) && len(f.guards(f.all(key))) == 0
}

// isEarly reports whether a key can be made as soon as the event has matched, if the packet has
// all of it.
func (f *fn) isEarly(key []ir.Expr) bool {
	plain := true
	for _, e := range key {
		ir.Walk(e, func(x ir.Expr) bool {
			switch x := x.(type) {
			case *ir.LocalRef:
				plain = false
			case *ir.EntityField:
				plain = plain && !f.event.Sorted
			case *ir.Call:
				plain = plain && !isClock(x)
			}
			return plain
		})
	}
	return plain
}
