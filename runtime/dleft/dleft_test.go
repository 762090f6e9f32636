package dleft

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/runtime/flow"
)

const (
	sec = int64(1e9)
	t0  = 1_700_000_000 * sec
)

type key16 = [16]byte

func keyOf(i uint64) (k key16) {
	binary.BigEndian.PutUint64(k[8:], i)
	return k
}

func hash16(k *key16) uint64 { return flow.Hash16(5, k) }

// TestLoad holds the promise of the package comment: at the declared capacity
// fewer than 1 key in 1000 is refused, for small tables and large ones.
func TestLoad(t *testing.T) {
	for _, capacity := range []int{1, 8, 50, 100, 333, 1000, 10_000, 65536, 1 << 20} {
		tries, refused, cells := max(1, 200_000/capacity), 0, 0
		for seed := range tries {
			c := NewCounters(capacity, Reject)
			cells = len(c.buckets) * countCells
			for i := range capacity {
				k := keyOf(uint64(i))
				c.Add(flow.Hash16(uint64(seed), &k), 1, t0)
			}
			refused += int(c.Usage().Rejected)
		}
		rate := float64(refused) / float64(capacity*tries)
		t.Logf("%7d keys in %7d cells (%.2f a key, %.0f bytes a key): %.6f refused",
			capacity, cells, float64(cells)/float64(capacity), float64(CountersBytes(capacity))/float64(capacity), rate)
		if rate >= 0.001 {
			t.Errorf("%d keys: %.5f refused, want below 0.001", capacity, rate)
		}
	}
}

// TestCounters compares with a plain map, in counters with room to spare.
func TestCounters(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	c, m := NewCounters(2000, Reject), map[uint64]int64{}
	for i := range 200_000 {
		k := keyOf(r.Uint64N(1000))
		h := hash16(&k)
		switch r.IntN(10) {
		case 0:
			_, want := m[h]
			if got := c.Delete(h); got != want {
				t.Fatalf("step %d: Delete = %v, want %v", i, got, want)
			}
			delete(m, h)
		case 1, 2, 3:
			if got := c.Get(h); got != m[h] {
				t.Fatalf("step %d: Get = %d, want %d", i, got, m[h])
			}
		default:
			a := r.Int64N(3000) - 1000
			m[h] += a
			if got, ok := c.Add(h, a, t0+int64(i)); got != m[h] || !ok {
				t.Fatalf("step %d: Add = %d, %v, want %d, true", i, got, ok, m[h])
			}
		}
		if c.Len() != len(m) {
			t.Fatalf("step %d: Len = %d, want %d", i, c.Len(), len(m))
		}
	}
	if err := c.checkInvariants(); err != nil {
		t.Error(err)
	}
	c.Clear()
	if err := c.checkInvariants(); err != nil || c.Len() != 0 {
		t.Errorf("after Clear: %d keys, %v", c.Len(), err)
	}
}

func TestWarmChangesNothing(t *testing.T) {
	c := NewCounters(100, Evict)
	before := c.Usage()
	tab := NewTable[key16, int](100, Evict)
	for i := range uint64(1000) {
		h := i * 0x9E3779B97F4A7C15
		c.Warm([]uint64{h, ^h, 0, ^uint64(0)}, i)
		tab.Warm([]uint64{h, ^h, 0, ^uint64(0)}, i)
		if c.Get(h) != 0 || tab.Len() != 0 {
			t.Fatalf("key %d is there after Warm", i)
		}
	}
	if got := c.Usage(); got != before {
		t.Errorf("after Warm: %+v, want %+v", got, before)
	}
}

func TestCountersSaturate(t *testing.T) {
	c := NewCounters(10, Evict)
	for _, s := range []struct{ add, want int64 }{
		{math.MaxInt64, math.MaxInt64}, {1, math.MaxInt64}, {-1, math.MaxInt64 - 1},
		{math.MinInt64, -2}, {math.MinInt64, math.MinInt64}, {-1, math.MinInt64},
	} {
		if got, _ := c.Add(0, s.add, t0); got != s.want {
			t.Errorf("Add(%d) = %d, want %d", s.add, got, s.want)
		}
	}
	if got := c.Get(0); got != math.MinInt64 {
		t.Errorf("Get of hash 0 = %d", got)
	}
}

// TestEvictsOldestIdle fills the sixteen cells of one key's buckets: with one
// bucket per subtable every key has the same two.
func TestEvictsOldestIdle(t *testing.T) {
	tab := NewTable[key16, int](1, Evict)
	tab.half, tab.tags, tab.cells = 1, tab.tags[:2], tab.cells[:2*bucketCells]
	var gone []int
	tab.OnEvict = func(s Slot, k *key16, v *int) {
		if at, val := tab.At(s); *at != *k || *val != *v {
			t.Errorf("OnEvict(%d, %v, %v): the slot holds %v, %v", s, *k, *v, *at, *val)
		}
		gone = append(gone, *v)
	}
	put := func(i int, now int64) {
		k := keyOf(uint64(i))
		v, inserted := tab.Put(hash16(&k), &k, now)
		if inserted {
			*v = i
		}
	}
	for i := range 16 {
		put(i, t0+int64(i)*sec)
	}
	if len(gone) != 0 || tab.Len() != 16 {
		t.Fatalf("%v evicted from %d keys before the table was full", gone, tab.Len())
	}
	put(0, t0+20*sec) // the oldest is used again
	k2 := keyOf(2)
	s, _ := tab.Find(hash16(&k2), &k2)
	tab.Touch(s, t0+20*sec)
	put(100, t0+30*sec) // takes the place of 1
	put(101, t0+30*sec) // takes the place of 3, since 2 was touched
	if want := []int{1, 3}; fmt.Sprint(gone) != fmt.Sprint(want) {
		t.Errorf("evicted %v, want %v", gone, want)
	}
	if u := tab.Usage(); u.Evicted != 2 || u.Used != 16 || u.Rejected != 0 {
		t.Errorf("Usage = %+v, want 2 evicted, 16 used", u)
	}
	if err := tab.checkInvariants(hash16); err != nil {
		t.Error(err)
	}

	tab.full = Reject
	k := keyOf(500)
	if v, inserted := tab.Put(hash16(&k), &k, t0+40*sec); v != nil || inserted {
		t.Errorf("Put into a full table = %v, %v, want nil, false", v, inserted)
	}
	if u := tab.Usage(); u.Rejected != 1 || tab.Get(hash16(&k), &k) != nil {
		t.Errorf("a refused key: %d counted, value %v", u.Rejected, tab.Get(hash16(&k), &k))
	}
}

// TestEvictsAfterAGap: after years without a packet, and on a step back of time,
// the cell that is given up is still one of the key's own sixteen.
func TestEvictsAfterAGap(t *testing.T) {
	for _, gap := range []int64{2 * 365 * 86400 * sec, 3 * 365 * 86400 * sec, -86400 * sec} {
		tab := NewTable[key16, int](2000, Evict)
		for i := range 4000 {
			k := keyOf(uint64(i))
			tab.Put(hash16(&k), &k, t0)
		}
		for i := range 2000 {
			k := keyOf(uint64(10_000 + i))
			tab.Put(hash16(&k), &k, t0+gap)
		}
		if err := tab.checkInvariants(hash16); err != nil {
			t.Errorf("gap of %d s: %v", gap/sec, err)
		}
	}
}

// TestSlotsAreStable: a slot names its key until the key is deleted.
func TestSlotsAreStable(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	tab, slots := NewTable[key16, uint64](1000, Reject), map[key16]Slot{}
	for range 50_000 {
		k := keyOf(r.Uint64N(1500))
		h := hash16(&k)
		if r.IntN(3) == 0 {
			tab.Delete(h, &k)
			delete(slots, k)
		} else if s, inserted, ok := tab.PutSlot(h, &k, t0); ok {
			if was, held := slots[k]; held == inserted || held && was != s {
				t.Fatalf("PutSlot = %d, inserted %v; before: %d, %v", s, inserted, was, held)
			}
			slots[k] = s
		}
	}
	for k, s := range slots {
		if got, _ := tab.At(s); *got != k || !tab.InUse(s) {
			t.Fatalf("slot %d holds %v, want %v", s, *got, k)
		}
	}
	n := 0
	for s := range Slot(tab.Slots()) {
		if tab.InUse(s) {
			n++
		}
	}
	if n != len(slots) || n != tab.Len() {
		t.Errorf("%d slots in use, Len %d, want %d", n, tab.Len(), len(slots))
	}
	if err := tab.checkInvariants(hash16); err != nil {
		t.Error(err)
	}
}

// TestFingerprintCollision: with one hash for all keys whole keys still differ.
func TestFingerprintCollision(t *testing.T) {
	tab := NewTable[key16, int](100, Reject)
	for i := range 16 {
		k := keyOf(uint64(i))
		v, inserted := tab.Put(0, &k, t0)
		if v == nil || !inserted {
			t.Fatalf("Put of key %d = %v, %v", i, v, inserted)
		}
		*v = i
	}
	for i := range 16 {
		k := keyOf(uint64(i))
		if v := tab.Get(0, &k); v == nil || *v != i {
			t.Errorf("Get of key %d = %v", i, v)
		}
	}
}

func TestRangeAndDelete(t *testing.T) {
	tab := NewTable[key16, int](1000, Reject)
	for i := range 1000 {
		k := keyOf(uint64(i))
		if v, _ := tab.Put(hash16(&k), &k, t0); v != nil {
			*v = i
		}
	}
	n := tab.Len()
	met := 0
	tab.Range(func(k *key16, v *int) bool {
		met++
		if *v%2 == 0 {
			tab.Delete(hash16(k), k)
		}
		return true
	})
	if met != n || tab.Len() > n/2+5 {
		t.Errorf("Range met %d of %d keys; %d are left after half were deleted", met, n, tab.Len())
	}
	met = 0
	if tab.Range(func(*key16, *int) bool { met++; return met < 3 }); met != 3 {
		t.Errorf("Range went on to %d keys, want 3", met)
	}
	tab.DeleteSlot(0)
	tab.DeleteSlot(0)
	tab.Clear()
	if err := tab.checkInvariants(hash16); err != nil || tab.Len() != 0 {
		t.Errorf("after Clear: %d keys, %v", tab.Len(), err)
	}
}

func TestPolicyNames(t *testing.T) {
	for p, want := range map[Policy]string{Evict: "evict", Reject: "reject", 7: "unknown"} {
		if got := p.String(); got != want {
			t.Errorf("Policy(%d) = %q, want %q", p, got, want)
		}
	}
}

func TestMemory(t *testing.T) {
	tab, c, i := NewTable[key16, int64](1000, Evict), NewCounters(1000, Evict), uint64(0)
	tab.OnEvict = func(Slot, *key16, *int64) {}
	if n := testing.AllocsPerRun(5000, func() {
		i++
		k := keyOf(i)
		h := hash16(&k)
		tab.Put(h, &k, t0+int64(i)*sec)
		tab.Get(h, &k)
		c.Add(h, 60, t0)
		c.Get(h)
		if i%8 == 0 {
			c.Delete(h)
			tab.Delete(h, &k)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
	if tab.Usage().Evicted == 0 {
		t.Error("nothing was evicted: the test does not cover eviction")
	}
	if got, want := c.Usage().Bytes, CountersBytes(1000); got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
	if got, want := tab.Usage().Bytes, int64(len(tab.tags))*64+int64(len(tab.cells))*24; got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
}

func TestBucketsAreCacheLines(t *testing.T) {
	for _, n := range []int{1, 10, 100, 1000, 100_000} {
		c := NewCounters(n, Evict)
		var a uint64
		if fmt.Sscanf(fmt.Sprintf("%p", &c.buckets[0]), "0x%x", &a); a == 0 || a%64 != 0 {
			t.Errorf("capacity %d: buckets at %#x, want a multiple of 64", n, a)
		}
	}
}
