package timer

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

const second = int64(1e9)

func TestOrder(t *testing.T) {
	tests := []struct {
		name      string
		deadlines []int64 // armed in this order
		limit     int64
		want      []int // slots popped
	}{
		{"empty", nil, math.MaxInt64, nil},
		{"by deadline", []int64{30, 10, 20}, 30, []int{1, 2, 0}},
		{"limit included", []int64{30, 10, 20}, 20, []int{1, 2}},
		{"equal deadlines by arming", []int64{5, 5, 4, 5}, 5, []int{2, 0, 1, 3}},
		{"same tick", []int64{second + 2, second + 1, second}, 2 * second, []int{2, 1, 0}},
		{"far apart", []int64{math.MaxInt64 - 1, second * 86400 * 365, 1, math.MinInt64}, math.MaxInt64, []int{3, 2, 1, 0}},
		{"never", []int64{Never, Never - 1}, math.MaxInt64, []int{1}},
		{"before 1970", []int64{-second, -2 * second, 0}, 0, []int{1, 0, 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := NewWheel(8)
			for i, d := range tt.deadlines {
				w.Arm(i, d, uint64(i))
			}
			var got []int
			for {
				slot, deadline, ok := w.Pop(tt.limit)
				if !ok {
					break
				}
				if deadline != tt.deadlines[slot] {
					t.Errorf("Pop = slot %d, deadline %d, want deadline %d", slot, deadline, tt.deadlines[slot])
				}
				got = append(got, slot)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("popped %v, want %v", got, tt.want)
			}
		})
	}
}

func TestCancelAndArmAnew(t *testing.T) {
	w := NewWheel(4)
	if w.Cancel(2) {
		t.Error("Cancel of an idle slot = true")
	}
	w.Arm(0, 100*second, 1)
	w.Arm(1, 50*second, 2)
	w.Arm(0, 10*second, 3) // anew, earlier
	w.Arm(2, 20*second, 4)
	if !w.Cancel(2) || w.Len() != 2 {
		t.Errorf("after Cancel: Len = %d, want 2", w.Len())
	}
	if slot, d, ok := w.Pop(Never); slot != 0 || d != 10*second || !ok {
		t.Errorf("Pop = %d, %d, %v; want 0, 10s, true", slot, d, ok)
	}
	if slot, _, ok := w.Pop(Never); slot != 1 || !ok {
		t.Errorf("Pop = %d, %v; want 1, true", slot, ok)
	}
	if _, _, ok := w.Pop(Never); ok || w.Len() != 0 || w.Earliest() != Never {
		t.Errorf("wheel not empty: Len %d, Earliest %d", w.Len(), w.Earliest())
	}
}

// A jump over 200 years must not walk through the ticks between: this test would
// not end.
func TestJump(t *testing.T) {
	const n = 10000
	w := NewWheel(n)
	for i := range n {
		w.Arm(i, int64(i)*second, uint64(i))
	}
	for i := range n {
		if slot, _, ok := w.Pop(200 * 365 * 86400 * second); !ok || slot != i {
			t.Fatalf("Pop %d = %d, %v", i, slot, ok)
		}
	}
}

func TestAgenda(t *testing.T) {
	var a Agenda
	x, y := NewWheel(4), NewWheel(4)
	if i, j := a.Attach(x), a.Attach(y); i != 0 || j != 1 {
		t.Fatalf("Attach = %d, %d; want 0, 1", i, j)
	}
	y.Arm(0, 10, a.Seq())
	x.Arm(0, 10, a.Seq())
	x.Arm(1, 5, a.Seq())
	y.Arm(1, 99, a.Seq())
	if got := a.Earliest(); got > 5 {
		t.Errorf("Earliest = %d, want ≤ 5", got)
	}
	wheels := []*Wheel{x, y}
	var got []int
	for {
		i, deadline, ok := a.Next(50)
		if !ok {
			break
		}
		if _, d, ok := wheels[i].Pop(50); !ok || d != deadline {
			t.Errorf("wheel %d: Pop = %d, %v, Next said %d", i, d, ok, deadline)
		}
		got = append(got, i)
	}
	if want := []int{0, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("wheels in order %v, want %v", got, want)
	}
	if e := a.Earliest(); e <= 0 || e > 99 {
		t.Errorf("Earliest = %d, want in (0, 99]", e)
	}

	// A second agenda goes on counting, so that order survives a new generation.
	var b Agenda
	b.Attach(x)
	b.Attach(y)
	if s := b.Seq(); s != 5 {
		t.Errorf("Seq after Attach = %d, want 5", s)
	}
	y.Arm(2, 1, b.Seq())
	if b.Earliest() > 1 {
		t.Errorf("Earliest = %d, want ≤ 1: the wheel reports to its last agenda", b.Earliest())
	}
}

func TestZeroAlloc(t *testing.T) {
	w := NewWheel(1000)
	var a Agenda
	a.Attach(w)
	now := int64(0)
	i := 0
	got := testing.AllocsPerRun(10000, func() {
		now += second / 100
		w.Arm(i%1000, now+int64(i%77)*second, a.Seq())
		w.Cancel((i * 7) % 1000)
		if a.Earliest() <= now {
			for {
				if _, _, ok := a.Next(now); !ok {
					break
				}
				w.Pop(now)
			}
		}
		i++
	})
	if got != 0 {
		t.Errorf("allocations per run = %v, want 0", got)
	}
}

// oracle is the obvious implementation.
type oracle struct {
	armed []entry
}

type entry struct {
	slot     int
	deadline int64
	seq      uint64
}

func (o *oracle) cancel(slot int) bool {
	i := slices.IndexFunc(o.armed, func(e entry) bool { return e.slot == slot })
	if i >= 0 {
		o.armed = slices.Delete(o.armed, i, i+1)
	}
	return i >= 0
}

func (o *oracle) arm(slot int, deadline int64, seq uint64) {
	o.cancel(slot)
	o.armed = append(o.armed, entry{slot, deadline, seq})
	slices.SortFunc(o.armed, func(a, b entry) int {
		if a.deadline != b.deadline {
			if a.deadline < b.deadline {
				return -1
			}
			return 1
		}
		return int(int64(a.seq) - int64(b.seq))
	})
}

func (o *oracle) pop(limit int64) (slot int, deadline int64, ok bool) {
	if len(o.armed) == 0 || o.armed[0].deadline > limit || o.armed[0].deadline == Never {
		return 0, 0, false
	}
	e := o.armed[0]
	o.armed = o.armed[1:]
	return e.slot, e.deadline, true
}

// run reads operations of ten bytes: op and slot, distance exponent, and eight
// bytes of mantissa; time moves forward by some of them.
func run(t *testing.T, data []byte) {
	const slots = 32
	w, o := NewWheel(slots), &oracle{}
	var a Agenda
	a.Attach(w)
	now := int64(0)
	for ; len(data) >= 10; data = data[10:] {
		op, slot := data[0]>>6, int(data[0])%slots
		dist := int64(binary.LittleEndian.Uint64(data[2:]) >> (data[1]%63 + 1))
		switch op {
		case 0, 1:
			seq := a.Seq()
			d := now + dist
			if d < now {
				d = Never
			}
			w.Arm(slot, d, seq)
			o.arm(slot, d, seq)
		case 2:
			if g, want := w.Cancel(slot), o.cancel(slot); g != want {
				t.Fatalf("Cancel(%d) = %v, want %v", slot, g, want)
			}
		case 3:
			if now+dist > now {
				now += dist
			}
			if len(o.armed) > 0 && a.Earliest() > o.armed[0].deadline {
				t.Fatalf("Earliest = %d, later than %d", a.Earliest(), o.armed[0].deadline)
			}
			for {
				_, nd, nok := a.Next(now)
				gs, gd, gok := w.Pop(now)
				ws, wd, wok := o.pop(now)
				if gs != ws || gd != wd || gok != wok || nok != gok || nok && nd != gd {
					t.Fatalf("Pop(%d) = %d, %d, %v; want %d, %d, %v (Next %d, %v)", now, gs, gd, gok, ws, wd, wok, nd, nok)
				}
				if !gok {
					break
				}
			}
		}
		if w.Len() != len(o.armed) {
			t.Fatalf("Len = %d, want %d", w.Len(), len(o.armed))
		}
	}
	w.checkInvariants(t)
}

// checkInvariants states the invariants of the package's first comment.
func (w *Wheel) checkInvariants(t *testing.T) {
	n := len(w.heap)
	for i, s := range w.heap {
		if nd := &w.nodes[s]; nd.where != inHeap || int(nd.next) != i || tickOf(nd.deadline) > w.cur {
			t.Errorf("heap[%d]: node %+v at tick %d", i, *nd, w.cur)
		}
	}
	for b, s := range w.heads {
		if used := w.used[b/buckets]>>(b%buckets)&1 == 1; used != (s != none) {
			t.Errorf("bucket %d: bit %v, head %d", b, used, s)
		}
		for ; s != none; s = w.nodes[s].next {
			n++
			nd := &w.nodes[s]
			start := w.start(b/buckets, b%buckets)
			if tick := tickOf(nd.deadline); nd.where != int32(b+1) || tick < start || tick <= w.cur {
				t.Errorf("bucket %d (from %d): node %+v, tick %d, cur %d", b, start, *nd, tick, w.cur)
			}
		}
	}
	if n != w.armed {
		t.Errorf("%d timers linked, armed = %d", n, w.armed)
	}
}

func FuzzWheel(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 8 {
		b := make([]byte, 2000)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		f.Add(b)
	}
	f.Fuzz(run)
}

func TestRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		b := make([]byte, 4000)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		run(t, b)
	}
}

func BenchmarkWheel(b *testing.B) {
	b.Run("arm-anew", func(b *testing.B) {
		w := NewWheel(1 << 16)
		b.ReportAllocs()
		for i := range b.N {
			w.Arm(i&0xffff, int64(i)*1000+60*second, uint64(i))
		}
	})
	b.Run("arm-and-fire", func(b *testing.B) { // every timer is armed for 60 s and fires
		w := NewWheel(1 << 16)
		var a Agenda
		a.Attach(w)
		now, fired := int64(0), 0
		b.ReportAllocs()
		for i := range b.N {
			now += 60 * second / (1 << 16)
			if a.Earliest() <= now {
				for {
					if _, _, ok := a.Next(now); !ok {
						break
					}
					w.Pop(now)
					fired++
				}
			}
			w.Arm(i&0xffff, now+60*second, a.Seq())
		}
	})
}
