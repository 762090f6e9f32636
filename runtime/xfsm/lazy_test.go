package xfsm

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/runtime/timer"
)

// lazyABC are the durations of the states abc: a and c are lazy.
var lazyABC = []int64{-1, 10 * second, -1, 0}

func newLazy(capacity int, full Policy) (*Table[key], *timer.Agenda) {
	t, a := newTable(capacity, full)
	t.BindLazy(lazyABC)
	return t, a
}

func TestLook(t *testing.T) {
	tab, _ := newLazy(100, Evict)
	h, k := keyOf(7)
	if s, ended := tab.Look(h, k, 5*second); s != 0 || ended {
		t.Errorf("Look of a new key = %d, %v, want the default state", s, ended)
	}
	for _, tt := range []struct {
		state        int
		since, now   int64
		ended        bool
		name, reason string
	}{
		{1, 5 * second, 15 * second, false, "at its end", "a lazy state lasts that long"},
		{1, 5 * second, 15*second + 1, true, "after its end", "it is over"},
		{1, 5 * second, 5 * second, false, "at once", "it has just begun"},
		{2, 0, 1000 * second, false, "not lazy", "another state has no end here"},
		{3, second, second, false, "no duration, at once", "it lasts for the moment"},
		{3, second, second + 1, true, "no duration, later", "it is over"},
		{1, math.MinInt64, math.MaxInt64, true, "from end to end of time", "it is over"},
	} {
		tab.Move(h, k, tt.state, tt.since, 0)
		if s, ended := tab.Look(h, k, tt.now); s != tt.state || ended != tt.ended {
			t.Errorf("%s: Look = %d, %v, want %d, %v: %s", tt.name, s, ended, tt.state, tt.ended, tt.reason)
		}
	}
	if tab.expiries.Len() != 0 {
		t.Errorf("%d timers run for lazy states", tab.expiries.Len())
	}
}

// A key that entered its state when that was not lazy has a timer; the next
// generation, to which it is lazy, does without, and the one after knows no more of
// lazy states.
func TestBindLazy(t *testing.T) {
	tab, a := newTable(100, Evict)
	h1, k1 := keyOf(1)
	h2, k2 := keyOf(2)
	tab.Move(h1, k1, 1, 0, 20*second)
	tab.Move(h2, k2, 2, 0, 20*second)
	tab.Bind(a, abc)
	tab.BindLazy(lazyABC)
	var k key
	if s, _, ok := tab.Expire(30*second, &k); s != 2 || !ok || k != *k2 {
		t.Errorf("Expire = %d, %v, want state 2 of the second key", s, ok)
	}
	if s, _, ok := tab.Expire(30*second, &k); ok {
		t.Errorf("state %d expired, which is lazy", s)
	}
	if s, ended := tab.Look(h1, k1, 11*second); s != 1 || !ended {
		t.Errorf("Look = %d, %v, want 1 and its end", s, ended)
	}
	if tab.Bind(a, abc); tab.lazy != nil || tab.keys.IsOver != nil {
		t.Error("states are lazy that the present generation did not declare so")
	}
}

// In a full table keys whose lazy state is over give way first, if the policy is to
// refuse new keys too; the others are idle longer.
func TestLazyGivesWay(t *testing.T) {
	for _, full := range []Policy{Evict, Reject} {
		tab, _ := newLazy(100, full)
		i := 0
		for ; tab.Usage().Evicted+tab.Usage().Rejected == 0; i++ {
			h, k := keyOf(i)
			tab.Move(h, k, 2, int64(i)*second, 0) // not lazy
		}
		for j := range i {
			if j%2 == 1 {
				h, k := keyOf(j)
				tab.Move(h, k, 1, int64(i)*second, 0)
			}
		}
		kept := 0
		for j := 0; j < i; j += 2 {
			h, k := keyOf(j)
			kept += min(tab.State(h, k), 1)
		}
		now := int64(i+100) * second
		for j := range 30 {
			h, k := keyOf(100_000 + j)
			if !tab.Move(h, k, 3, now, 0) && full == Evict {
				t.Errorf("%v: a new key was refused", full)
			}
		}
		for j := 0; j < i; j += 2 {
			h, k := keyOf(j)
			kept -= min(tab.State(h, k), 1)
		}
		if kept > 3 { // two buckets without any that is over are rare
			t.Errorf("%v: %d keys gave way whose state is not over", full, kept)
		}
		u := tab.Usage()
		if u.Rejected > 5 {
			t.Errorf("%v: %d keys refused although others are over", full, u.Rejected)
		}
		occ := make([]int, 4)
		tab.Occupied(occ)
		if occ[1]+occ[2]+occ[3] != tab.Len() {
			t.Errorf("%v: occupied %v with %d keys", full, occ, tab.Len())
		}
	}
}

// TestLazyOracle compares with a plain map over random moves.
func TestLazyOracle(t *testing.T) {
	type entry struct {
		state int
		since int64
	}
	tab, _ := newLazy(1000, Evict)
	model := map[uint64]entry{}
	r := rand.New(rand.NewPCG(7, 8))
	now := int64(0)
	for range 50000 {
		now += r.Int64N(second / 10)
		h, k := keyOf(r.IntN(500))
		i := binary.BigEndian.Uint64(k[:])
		e := model[i]
		over := (e.state == 1 || e.state == 3) && now-e.since > lazyABC[e.state]
		s, ended := tab.Look(h, k, now)
		if s != e.state || ended != over {
			t.Fatalf("Look(%d) = %d, %v, want %d, %v", i, s, ended, e.state, over)
		}
		to := s
		if ended {
			to = (s + 1) % 4
		} else if r.IntN(3) == 0 {
			to = r.IntN(4)
		} else {
			continue
		}
		tab.Move(h, k, to, now, 0)
		model[i] = entry{to, now}
	}
}

func TestLookZeroAlloc(t *testing.T) {
	tab, _ := newLazy(1000, Evict)
	i := 0
	k := new(key)
	got := testing.AllocsPerRun(5000, func() {
		h := putKey(k, i%3000)
		tab.Look(h, k, int64(i)*second)
		tab.Move(h, k, i%4, int64(i)*second, 0)
		i++
	})
	if got != 0 {
		t.Errorf("allocations per run = %v, want 0", got)
	}
}
