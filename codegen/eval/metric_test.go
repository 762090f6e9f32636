package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/packet"
)

var one = integer(types.Int, 1)

func at(d time.Duration) packet.Time { return packet.Time(d) }

func TestPair(t *testing.T) {
	p := &pair{window: int64(10 * time.Second), capacity: 3}
	p.clear()
	steps := []struct {
		at   time.Duration
		key  string
		seen bool
	}{
		{1 * time.Second, "a", false},
		{2 * time.Second, "a", true},
		{12 * time.Second, "a", true},   // from the period before; kept in this one
		{29 * time.Second, "a", true},   // so it is known in the next
		{50 * time.Second, "a", false},  // two periods later nothing is
		{59 * time.Second, "b", false},  //
		{60 * time.Second, "a", true},   // next period: a and b are those before
		{61 * time.Second, "c", false},  //
		{61 * time.Second, "d", false},  //
		{61 * time.Second, "e", false},  // third new key: rotation by fill
		{61 * time.Second, "b", false},  // b was in the filter that fell away
		{61 * time.Second, "c", true},   // c is in the one before
		{200 * time.Second, "c", false}, //
	}
	for i, s := range steps {
		if got := p.get(s.key, at(s.at)); got != s.seen {
			t.Errorf("step %d: get(%s) at %v = %v, want %v", i, s.key, s.at, got, s.seen)
		}
		if got := p.set(s.key, at(s.at)); got != s.seen {
			t.Errorf("step %d: set(%s) at %v = %v, want %v", i, s.key, s.at, got, s.seen)
		}
	}
	p.clear()
	if p.get("c", at(200*time.Second)) {
		t.Error("seen after clear")
	}
}

// A windowed sum is what arrived in the present half-window and the one before,
// counted by a second, dumber program: the list of all arrivals.
func TestSumsAgainstList(t *testing.T) {
	const half = 5 * time.Second
	type arrival struct {
		key    string
		amount int64
		at     time.Duration
	}
	r := rand.New(rand.NewPCG(1, 2))
	m := newMonitor(&ir.Structure{Kind: "cbf", Window: 2 * half})
	m.clear()
	var all []arrival
	now := time.Duration(0)
	for range 3000 {
		now += time.Duration(r.Int64N(int64(time.Second)))
		if r.IntN(100) == 0 {
			now += 17 * time.Second
		}
		a := arrival{fmt.Sprint(r.IntN(5)), r.Int64N(4) - 1, now}
		all = append(all, a)
		got := m.add(a.key, nil, "", integer(types.Int, a.amount), at(now))
		var want int64
		for _, b := range all {
			if b.key == a.key && b.amount > 0 && now/half-b.at/half <= 1 {
				want += b.amount
			}
		}
		if got.i != want {
			t.Fatalf("at %v: sum of %s = %d, want %d", now, a.key, got.i, want)
		}
	}
}

func TestDecay(t *testing.T) {
	const w = 60 * time.Second
	tbf := newMonitor(&ir.Structure{Kind: "tbf", Window: w, Memory: 4 * w})
	tbf.clear()
	// τ = 60 s, so an arrival adds W/τ = 1 and e^(−1) of it is left after 60 s.
	if v := tbf.add("k", nil, "", one, 0); v.f != 1 {
		t.Errorf("first arrival reads %v, want 1", v.f)
	}
	if v := tbf.get("k", at(w)); math.Abs(v.f-math.Exp(-1)) > 1e-15 {
		t.Errorf("after τ %v, want %v", v.f, math.Exp(-1))
	}
	if v := tbf.get("k", at(4*w)); v.f >= 0.02 {
		t.Errorf("after the memory %v, want below 0.02", v.f)
	}
	// A steady rate r reads r·W.
	tbf.clear()
	var v value
	for i := range 20000 {
		v = tbf.add("k", nil, "", one, at(time.Duration(i)*100*time.Millisecond))
	}
	if math.Abs(v.f-600)/600 > 0.002 {
		t.Errorf("10 per second read %v over 60 s, want 600", v.f)
	}
	if v := tbf.get("k", at(3000*time.Second)); v.f == 0 {
		t.Error("forgotten too early")
	}
	if v := tbf.get("k", at(6000*time.Second)); v.f != 0 {
		t.Errorf("long after, %v is left", v.f)
	}

	// tewma: β = 54/66 per second; a steady rate reads about itself.
	tewma := newMonitor(&ir.Structure{Kind: "tewma", Window: w})
	tewma.clear()
	beta := 54.0 / 66
	if v := tewma.add("k", nil, "", one, 0); math.Abs(v.f+math.Log(beta)) > 1e-15 {
		t.Errorf("first arrival reads %v, want %v", v.f, -math.Log(beta))
	}
	if v := tewma.get("k", at(time.Second)); math.Abs(v.f+beta*math.Log(beta)) > 1e-15 {
		t.Errorf("after a second %v, want %v", v.f, -beta*math.Log(beta))
	}
	ticked := newMonitor(&ir.Structure{Kind: "tewma", Window: w, Tick: time.Second})
	ticked.clear()
	a := ticked.add("k", nil, "", one, at(1900*time.Millisecond))
	if b := ticked.get("k", at(1999*time.Millisecond)); a != b {
		t.Errorf("within a tick %v becomes %v", a, b)
	}
	if b := ticked.get("k", at(2*time.Second)); math.Abs(b.f/a.f-beta) > 1e-12 {
		t.Errorf("next tick: factor %v, want %v", b.f/a.f, beta)
	}
}

func TestOtherMonitors(t *testing.T) {
	hll := newMonitor(&ir.Structure{Kind: "hll", Window: 20 * time.Second})
	hll.clear()
	for i := range 10 {
		hll.add("", nil, fmt.Sprint(i%4), one, at(time.Duration(i)*time.Second))
	}
	if v := hll.add("", nil, "9", one, at(10*time.Second)); v.f != 5 {
		t.Errorf("different keys = %v, want 5", v.f)
	}
	if v := hll.get("", at(20*time.Second)); v.f != 1 {
		t.Errorf("a half-window later = %v, want 1", v.f)
	}

	dleft := newMonitor(&ir.Structure{Kind: "dleft"})
	dleft.clear()
	dleft.add("k", nil, "", integer(types.Int, math.MaxInt64), 0)
	if v := dleft.add("k", nil, "", one, at(1e6*time.Second)); v.i != math.MaxInt64 {
		t.Errorf("dleft = %v, want the largest int", v.i)
	}
	if v := dleft.add("k", nil, "", integer(types.Int, -5), 0); v.i != math.MaxInt64-5 {
		t.Errorf("dleft = %v after -5", v.i)
	}
	dleft.reset("k")
	if v := dleft.get("k", 0); v.i != 0 {
		t.Errorf("dleft = %v after reset", v.i)
	}

	top := newMonitor(&ir.Structure{Kind: "topk", Window: 20 * time.Second, K: 2}).(*sums)
	top.clear()
	for i, n := range []int64{3, 7, 7, 1} {
		k := integer(types.Int, int64(i))
		key, _ := keyOf([]value{k})
		top.add(key, []value{k}, "", integer(types.Int, n), 0)
	}
	list := top.top(at(9 * time.Second))
	if len(list) != 2 || list[0].parts[0].i != 1 || list[1].parts[0].i != 2 || list[0].count != 7 {
		t.Errorf("top = %v, want keys 1 and 2 with 7", list)
	}
	if list := top.top(at(30 * time.Second)); len(list) != 0 {
		t.Errorf("top = %v after the window", list)
	}
}
