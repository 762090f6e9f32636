package xfsm

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/streamon/streamon/runtime/dleft"
	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/timer"
)

const second = int64(1e9)

type key = [8]byte

func keyOf(i int) (uint64, *key) {
	k := new(key)
	return putKey(k, i), k
}

// putKey is keyOf without an allocation.
func putKey(k *key, i int) uint64 {
	binary.BigEndian.PutUint64(k[:], uint64(i))
	return flow.Hash(1, k[:])
}

var abc = []string{"default", "a", "b", "c"}

func newTable(capacity int, full Policy) (*Table[key], *timer.Agenda) {
	t, a := NewTable[key](capacity, full), &timer.Agenda{}
	t.Bind(a, abc)
	return t, a
}

func TestMove(t *testing.T) {
	tab, _ := newTable(100, Evict)
	h, k := keyOf(7)
	if s := tab.State(h, k); s != 0 {
		t.Errorf("State of a new key = %d, want 0", s)
	}
	if _, ok := tab.Since(h, k); ok {
		t.Error("Since in the default state is defined")
	}
	tab.Move(h, k, 2, 5*second, 0)
	tab.Move(h, k, 3, 8*second, 20*second)
	if s, v := tab.State(h, k), tab.Visit(h, k, 9*second); s != 3 || v != 3 {
		t.Errorf("State, Visit = %d, %d, want 3", s, v)
	}
	if since, ok := tab.Since(h, k); since != 8*second || !ok {
		t.Errorf("Since = %d, %v, want 8s", since, ok)
	}
	occ := make([]int, 4)
	if tab.Occupied(occ); !slices.Equal(occ, []int{0, 0, 0, 1}) {
		t.Errorf("Occupied = %v", occ)
	}

	// Entering the same state again restarts age and duration.
	tab.Move(h, k, 3, 15*second, 27*second)
	var got key
	if _, _, ok := tab.Expire(20*second, &got); ok {
		t.Error("the expiry of the first stay happened")
	}
	if s, d, ok := tab.Expire(30*second, &got); s != 3 || d != 27*second || !ok || got != *k {
		t.Errorf("Expire = %d, %d, %v, key %v; want 3, 27s", s, d, ok, got)
	}
	if s := tab.State(h, k); s != 3 {
		t.Errorf("State after Expire = %d, want 3: the caller moves it", s)
	}
	tab.Move(h, k, 0, 27*second, 0)
	if tab.Len() != 0 || tab.State(h, k) != 0 {
		t.Errorf("after leaving: Len %d, state %d", tab.Len(), tab.State(h, k))
	}
	if tab.Occupied(occ); !slices.Equal(occ, []int{0, 0, 0, 0}) {
		t.Errorf("Occupied = %v, want none", occ)
	}
}

func TestMoveCancelsExpiry(t *testing.T) {
	tab, _ := newTable(100, Evict)
	for i, to := range []int{0, 1} {
		h, k := keyOf(i)
		tab.Move(h, k, 2, 0, 10*second)
		tab.Move(h, k, to, second, 0)
	}
	var k key
	if _, _, ok := tab.Expire(timer.Never-1, &k); ok {
		t.Errorf("key %v expired in a state without duration", k)
	}
}

// Two states of no duration that follow each other must not hang the probe.
func TestCircle(t *testing.T) {
	tab, _ := newTable(100, Evict)
	h, k := keyOf(1)
	tab.Move(h, k, 1, 0, 5*second)
	count := func(limit int64) (n int) {
		for {
			s, d, ok := tab.Expire(limit, k)
			if !ok {
				return n
			}
			n++
			tab.Move(h, k, 3-s, d, d)
		}
	}
	if n := count(10 * second); n != MaxFirings || tab.Skipped() != 1 {
		t.Errorf("%d expiries, %d skipped, want %d and 1", n, tab.Skipped(), MaxFirings)
	}
	if n := count(20 * second); n != MaxFirings {
		t.Errorf("%d expiries in the next advance, want %d", n, MaxFirings)
	}
}

func TestBindRenumbers(t *testing.T) {
	tab, _ := newTable(100, Evict)
	for i := range 30 {
		h, k := keyOf(i)
		tab.Move(h, k, i%3+1, int64(i), int64(i+1)*second)
	}
	var a timer.Agenda
	tab.Bind(&a, []string{"default", "new", "c", "a"}) // b is gone, c and a change places
	occ := make([]int, 4)
	if tab.Occupied(occ); !slices.Equal(occ, []int{0, 0, 10, 10}) {
		t.Errorf("Occupied = %v, want [0 0 10 10]", occ)
	}
	want := []int{3, 0, 2}
	for i := range 30 {
		h, k := keyOf(i)
		if s := tab.State(h, k); s != want[i%3] {
			t.Errorf("key %d in state %d, want %d", i, s, want[i%3])
		}
	}
	n := 0
	var k key
	for {
		if _, _, ok := a.Next(100 * second); !ok {
			break
		}
		tab.Expire(100*second, &k)
		n++
	}
	if n != 20 {
		t.Errorf("%d expiries, want those of the 20 entries that are left", n)
	}
}

func TestFull(t *testing.T) {
	const n = 5000
	for _, full := range []Policy{Evict, Reject} {
		tab, _ := newTable(100, full)
		for i := range n {
			h, k := keyOf(i)
			ok := tab.Move(h, k, 1+i%3, int64(i)*second, int64(i)*second+n*second)
			if full == Evict && !ok {
				t.Fatalf("evict: Move(%d) = false", i)
			}
			if got := tab.State(h, k); ok && got != 1+i%3 || !ok && got != 0 {
				t.Fatalf("%v: key %d in state %d, Move = %v", full, i, got, ok)
			}
		}
		u := tab.Usage()
		if full == Evict && (u.Evicted != uint64(n-tab.Len()) || u.Rejected != 0) || full == Reject && (u.Rejected != uint64(n-tab.Len()) || u.Evicted != 0) {
			t.Errorf("%v: %d keys of %d held, %+v", full, tab.Len(), n, u)
		}
		if u.Used != tab.Len() || u.Capacity != 100 || u.Bytes < 100*40 {
			t.Errorf("%v: usage %+v with %d keys", full, u, tab.Len())
		}
		// Occupancy and timers belong to the keys that are left.
		occ := make([]int, 4)
		tab.Occupied(occ)
		if occ[1]+occ[2]+occ[3] != tab.Len() || tab.expiries.Len() != tab.Len() {
			t.Errorf("%v: occupied %v, %d timers, %d keys", full, occ, tab.expiries.Len(), tab.Len())
		}
	}
}

// An entry that is visited is not idle, so it outlives those that are not.
func TestVisitKeeps(t *testing.T) {
	tab, _ := newTable(100, Evict)
	h, k := keyOf(0)
	tab.Move(h, k, 3, 0, 0)
	for i := 1; i < 5000; i++ {
		oh, ok := keyOf(i)
		tab.Move(oh, ok, 1, int64(i)*second, 0)
		tab.Visit(h, k, int64(i)*second)
	}
	if s := tab.State(h, k); s != 3 {
		t.Errorf("the visited key was evicted: state %d", s)
	}
}

// TestOracle compares with a plain map over random moves.
func TestOracle(t *testing.T) {
	type entry struct {
		state          int
		since, expires int64
	}
	tab, a := newTable(1000, Evict)
	model := map[int]entry{}
	r := rand.New(rand.NewPCG(5, 6))
	now := int64(0)
	for range 50000 {
		now += r.Int64N(second)
		for a.Earliest() <= now {
			if _, _, ok := a.Next(now); !ok {
				break
			}
			var k key
			s, d, _ := tab.Expire(now, &k)
			i := int(binary.BigEndian.Uint64(k[:]))
			if e := model[i]; e.state != s || e.expires != d {
				t.Fatalf("Expire = key %d, state %d at %d, want %+v", i, s, d, e)
			}
			h, _ := keyOf(i)
			tab.Move(h, &k, 0, d, 0)
			delete(model, i)
		}
		for i, e := range model {
			if e.expires != 0 && e.expires <= now {
				t.Fatalf("key %d should have expired at %d, now %d", i, e.expires, now)
			}
			break // one at random is enough
		}
		i := r.IntN(500)
		h, k := keyOf(i)
		to := r.IntN(4)
		expires := int64(0)
		if r.IntN(2) == 0 {
			expires = now + 1 + r.Int64N(1000*second)
		}
		tab.Move(h, k, to, now, expires)
		if to == 0 {
			delete(model, i)
		} else {
			model[i] = entry{to, now, expires}
		}
	}
	if tab.Len() != len(model) {
		t.Errorf("Len = %d, want %d", tab.Len(), len(model))
	}
	n := 0
	tab.Range(func(k *key, state int, since int64) bool {
		n++
		e := model[int(binary.BigEndian.Uint64(k[:]))]
		if e.state != state || e.since != since {
			t.Errorf("key %v: state %d since %d, want %+v", k, state, since, e)
		}
		return true
	})
	if n != len(model) {
		t.Errorf("Range met %d keys, want %d", n, len(model))
	}
}

func TestTableZeroAlloc(t *testing.T) {
	tab, _ := newTable(1000, Evict)
	i := 0
	k := new(key)
	got := testing.AllocsPerRun(5000, func() {
		h := putKey(k, i%3000)
		tab.Visit(h, k, int64(i)*second)
		tab.Move(h, k, i%4, int64(i)*second, int64(i+10)*second)
		tab.Expire(int64(i)*second, k)
		i++
	})
	if got != 0 {
		t.Errorf("allocations per run = %v, want 0", got)
	}
}

func BenchmarkTable(b *testing.B) {
	var a timer.Agenda
	tab := NewTable[key](1<<16, dleft.Evict)
	tab.Bind(&a, abc)
	k := new(key)
	b.Run("state-absent", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			tab.State(putKey(k, i), k)
		}
	})
	b.Run("move-with-expiry", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			tab.Move(putKey(k, i&0xffff), k, 1+i&1, int64(i), int64(i)+60*second)
		}
	})
}
