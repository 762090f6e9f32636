package eval

import (
	"maps"
	"math"
	"sort"
	"time"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// metric is one declared metric with exact structures in place of its sketches.
type metric struct {
	seen    *pair   // nil = no detector
	monitor monitor // nil = detector only
}

// monitor is an exact monitor. key is a packed flow key and parts its values;
// distinct is the packed distinct key, for hll.
type monitor interface {
	add(key string, parts []value, distinct string, amount value, now packet.Time) value
	get(key string, now packet.Time) value
	reset(key string)
	clear()
	len() int // keys held
}

func newMetric(d *ir.Metric) *metric {
	m := new(metric)
	if d.Detector != nil {
		m.seen = &pair{window: int64(d.Detector.Window), capacity: d.Detector.Capacity}
		m.seen.clear()
	}
	if s := d.Monitor; s != nil {
		m.monitor = newMonitor(s)
		m.monitor.clear()
	}
	return m
}

func newMonitor(s *ir.Structure) monitor {
	switch s.Kind {
	case "cbf":
		return &sums{halves: halves{length: int64(s.Window / 2)}}
	case "topk":
		return &sums{halves: halves{length: int64(s.Window / 2)}, k: s.K}
	case "tbf":
		tau := float64(s.Memory) / 4
		return &decaying{rate: 1 / tau, gain: float64(s.Window) / tau}
	case "tewma":
		w := s.Window.Seconds()
		minusLnBeta := -math.Log((w - 6) / (w + 6))
		return &decaying{rate: minusLnBeta / float64(time.Second), gain: minusLnBeta, tick: int64(s.Tick)}
	case "dleft":
		return &counters{}
	case "hll":
		return &cardinality{halves: halves{length: int64(s.Window / 2)}}
	}
	panic("eval: unknown monitor " + s.Kind)
}

// periodOf is floor(now/length).
func periodOf(now packet.Time, length int64) int64 {
	q := int64(now) / length
	if int64(now)%length < 0 {
		q--
	}
	return q
}

// pair is the detector: the keys of the present period and of the one before. A
// key is seen if either holds it.
type pair struct {
	window    int64
	capacity  int
	started   bool
	period    int64
	cur, prev map[string]bool
	fresh     int // insertions of keys not yet seen into cur
}

// advance enters the period of now: one further, the present keys become those
// before; more, all are forgotten.
func (p *pair) advance(now packet.Time) {
	if p.window <= 0 {
		return
	}
	period := periodOf(now, p.window)
	if !p.started {
		p.started, p.period = true, period
	}
	for range min(period-p.period, 2) {
		p.rotate()
	}
	p.period = max(p.period, period)
}

func (p *pair) rotate() { p.prev, p.cur, p.fresh = p.cur, map[string]bool{}, 0 }

// set inserts a key and reports whether it was seen before.
func (p *pair) set(key string, now packet.Time) bool {
	p.advance(now)
	seen := p.cur[key] || p.prev[key]
	p.cur[key] = true
	if !seen {
		if p.fresh++; p.fresh >= p.capacity {
			p.rotate()
		}
	}
	return seen
}

func (p *pair) get(key string, now packet.Time) bool {
	p.advance(now)
	return p.cur[key] || p.prev[key]
}

func (p *pair) clear() { p.cur, p.prev, p.fresh = map[string]bool{}, map[string]bool{}, 0 }

// halves tells a structure of two half-windows when to move on.
type halves struct {
	length  int64 // of a half-window; 0 = for ever
	started bool
	period  int64
}

// steps returns how many half-windows now is further than the last call: 0, 1 or
// 2, which stands for more as well.
func (h *halves) steps(now packet.Time) int {
	if h.length <= 0 {
		return 0
	}
	period := periodOf(now, h.length)
	if !h.started {
		h.started, h.period = true, period
	}
	n := max(0, min(period-h.period, 2))
	h.period = max(h.period, period)
	return int(n)
}

// sums is cbf and topk: sums per key in the present half-window and the last one.
type sums struct {
	halves
	k         int // topk: length of the list
	cur, prev map[string]int64
	parts     map[string][]value // of every key met, for the list
}

func (s *sums) advance(now packet.Time) {
	for range s.steps(now) {
		s.prev, s.cur = s.cur, map[string]int64{}
	}
	if len(s.parts) > 2*(len(s.cur)+len(s.prev))+1000 {
		maps.DeleteFunc(s.parts, func(key string, _ []value) bool {
			_, inCur := s.cur[key]
			_, inPrev := s.prev[key]
			return !inCur && !inPrev
		})
	}
}

func (s *sums) add(key string, parts []value, _ string, amount value, now packet.Time) value {
	s.advance(now)
	s.cur[key] = program.Add(s.cur[key], max(whole(amount), 0))
	s.parts[key] = parts
	return s.get(key, now)
}

// whole returns an amount as an integer.
func whole(v value) int64 {
	if v.t == types.Float {
		return program.ToInt(v.f)
	}
	return v.i
}

func (s *sums) get(key string, now packet.Time) value {
	s.advance(now)
	return integer(types.Int, program.Add(s.cur[key], s.prev[key]))
}

func (s *sums) reset(key string) { delete(s.cur, key); delete(s.prev, key) }

func (s *sums) clear() {
	s.cur, s.prev, s.parts = map[string]int64{}, map[string]int64{}, map[string][]value{}
}

func (s *sums) len() int { return len(s.keys()) }

// keys returns every key that is held, sorted.
func (s *sums) keys() []string {
	all := maps.Clone(s.cur)
	maps.Copy(all, s.prev)
	return sortedKeys(all)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// entry is one line of a top-k list.
type entry struct {
	parts []value
	count int64
}

// top returns the k largest keys, by falling count, then by key.
func (s *sums) top(now packet.Time) []entry {
	s.advance(now)
	var list []entry
	for _, key := range s.keys() {
		list = append(list, entry{s.parts[key], program.Add(s.cur[key], s.prev[key])})
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].count > list[j].count })
	return list[:min(s.k, len(list))]
}

// negligible is the value below which a decayed sum counts as zero.
const negligible = 1e-9

// decaying is tbf and tewma: per key a value and the time it is of.
type decaying struct {
	rate  float64 // of decay, per nanosecond: value·e^(−rate·Δt)
	gain  float64 // what an arrival of amount 1 adds
	tick  int64   // times are rounded down to a multiple; below 2 = not
	cells map[string]decayed
}

type decayed struct {
	value float64
	at    packet.Time
}

func (d *decaying) round(now packet.Time) packet.Time {
	if d.tick > 1 {
		return now - now%packet.Time(d.tick)
	}
	return now
}

// at returns the value of a key at a time that is already rounded.
func (d *decaying) at(key string, now packet.Time) float64 {
	c, ok := d.cells[key]
	if !ok {
		return 0
	}
	v := c.value * math.Exp(-d.rate*float64(now-c.at))
	if v < negligible {
		return 0
	}
	return v
}

func (d *decaying) add(key string, _ []value, _ string, amount value, now packet.Time) value {
	now = d.round(now)
	v := d.at(key, now)
	if a := amount.number(); a > 0 {
		v = min(v+a*d.gain, math.MaxFloat64)
	}
	d.cells[key] = decayed{v, now}
	return float(v)
}

func (d *decaying) get(key string, now packet.Time) value { return float(d.at(key, d.round(now))) }
func (d *decaying) reset(key string)                      { delete(d.cells, key) }
func (d *decaying) clear()                                { d.cells = map[string]decayed{} }
func (d *decaying) len() int                              { return len(d.cells) }

// counters is dleft: a sum per key that never ages.
type counters struct{ sum map[string]int64 }

func (c *counters) add(key string, _ []value, _ string, amount value, now packet.Time) value {
	c.sum[key] = program.Add(c.sum[key], whole(amount))
	return c.get(key, now)
}

func (c *counters) get(key string, _ packet.Time) value { return integer(types.Int, c.sum[key]) }
func (c *counters) reset(key string)                    { delete(c.sum, key) }
func (c *counters) clear()                              { c.sum = map[string]int64{} }
func (c *counters) len() int                            { return len(c.sum) }

// cardinality is hll: the different distinct keys of two half-windows.
type cardinality struct {
	halves
	cur, prev map[string]map[string]bool // by flow key
	both      map[string]int             // of each flow key: how many of cur are in prev as well
}

func (c *cardinality) advance(now packet.Time) {
	for range c.steps(now) {
		c.prev, c.cur, c.both = c.cur, map[string]map[string]bool{}, map[string]int{}
	}
}

func (c *cardinality) add(key string, _ []value, distinct string, _ value, now packet.Time) value {
	c.advance(now)
	if c.cur[key] == nil {
		c.cur[key] = map[string]bool{}
	}
	if !c.cur[key][distinct] && c.prev[key][distinct] {
		c.both[key]++
	}
	c.cur[key][distinct] = true
	return c.get(key, now)
}

func (c *cardinality) get(key string, now packet.Time) value {
	c.advance(now)
	return float(float64(len(c.cur[key]) + len(c.prev[key]) - c.both[key]))
}

func (c *cardinality) reset(key string) {
	delete(c.cur, key)
	delete(c.prev, key)
	delete(c.both, key)
}

func (c *cardinality) clear() {
	c.cur, c.prev, c.both = map[string]map[string]bool{}, map[string]map[string]bool{}, map[string]int{}
}
func (c *cardinality) len() int { return len(c.cur) }
