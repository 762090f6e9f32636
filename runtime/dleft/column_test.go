package dleft

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/streamon/streamon/runtime/flow"
)

// TestBucketLayout holds what the assembly knows.
func TestBucketLayout(t *testing.T) {
	var b bucket
	if unsafe.Sizeof(b) != 64 || unsafe.Offsetof(b.flags) != 24 || unsafe.Offsetof(b.v) != 28 || unsafe.Offsetof(b.used) != 52 {
		t.Errorf("a bucket has %d bytes, flags at %d, v at %d, used at %d", unsafe.Sizeof(b), unsafe.Offsetof(b.flags), unsafe.Offsetof(b.v), unsafe.Offsetof(b.used))
	}
	if spilled != 1<<31 || usedShift != 32 || preferred != 3 || countCells != 6 {
		t.Error("a constant that the assembly knows has changed")
	}
}

// columns are random rows over a number of keys.
type columns struct {
	column, hashes []uint64
	times          []int64
	seen           []uint8
	out            []int64
}

func newColumns(r *rand.Rand, rows, keys int, add uint64, now *int64) *columns {
	c := &columns{out: make([]int64, rows)}
	for range rows {
		key := r.Int64N(int64(keys))
		h := flow.OfInt(7, key)
		if key == 0 {
			h &^= math.MaxUint32 // fingerprint 0
		}
		*now += r.Int64N(5 * sec)
		c.hashes, c.column, c.times, c.seen = append(c.hashes, h), append(c.column, h-add), append(c.times, *now), append(c.seen, uint8(r.IntN(4)/3))
	}
	return c
}

// byRow does what AddColumn does, row by row.
func (c *columns) byRow(s *Counters, amount int64) {
	for i, h := range c.hashes {
		if c.seen[i] != 0 {
			c.out[i] = s.Get(h)
		} else {
			c.out[i], _ = s.Add(h, amount, c.times[i])
		}
	}
}

// TestAddColumn compares the kernel and its twin in Go with operations row by row:
// results, every byte of the buckets, and the counters. Amounts make values wide, and
// loads fill buckets, so every way out of the kernel is taken.
func TestAddColumn(t *testing.T) {
	defer func(old bool) { useKernel = old }(useKernel)
	if !useKernel {
		t.Log("no AVX2 here: only the twin is compared")
	}
	for _, kernel := range []bool{useKernel, false} {
		useKernel = kernel
		for _, tt := range []struct {
			capacity, keys int
			amount         int64
			full           Policy
		}{
			{1000, 500, 1, Evict}, {1000, 1300, 1, Evict}, {100, 1000, 1, Reject}, {100, 1000, 1, Evict}, {1, 40, 3, Evict},
			{500, 400, 1 << 30, Evict}, {50, 300, 1 << 30, Evict}, {200, 200, 1<<30 - 1, Reject},
		} {
			r := rand.New(rand.NewPCG(uint64(tt.capacity), uint64(tt.keys)))
			a, b, now, add := NewCounters(tt.capacity, tt.full), NewCounters(tt.capacity, tt.full), t0, r.Uint64()
			for step := range 400 {
				rows := newColumns(r, r.IntN(65), tt.keys, add, &now)
				rows.byRow(a, tt.amount)
				want := slices.Clone(rows.out)
				clear(rows.out)
				b.AddColumn(rows.column, add, tt.amount, rows.times, rows.seen, rows.out)
				if !slices.Equal(rows.out, want) {
					t.Fatalf("%+v, kernel %v, step %d: %v, want %v", tt, kernel, step, rows.out, want)
				}
				if r.IntN(8) == 0 && len(rows.hashes) > 0 {
					a.Delete(rows.hashes[0])
					b.Delete(rows.hashes[0])
				}
			}
			if !slices.Equal(a.buckets, b.buckets) || a.Usage() != b.Usage() || !slices.Equal(a.wide, b.wide) {
				t.Errorf("%+v, kernel %v: the structures differ: %+v, want %+v", tt, kernel, b.Usage(), a.Usage())
			}
			if err := b.checkInvariants(); err != nil {
				t.Errorf("%+v, kernel %v: %v", tt, kernel, err)
			}
		}
	}
}

// FuzzAddColumn turns bytes into rows, two bytes each, in columns of up to 16.
func FuzzAddColumn(f *testing.F) {
	f.Add([]byte{}, false, int64(1))
	f.Add([]byte{1, 2, 3, 4, 1, 2, 1, 200, 9, 9}, true, int64(1<<30))
	f.Fuzz(func(t *testing.T, rows []byte, evict bool, amount int64) {
		full := Reject
		if evict {
			full = Evict
		}
		amount = 1 + (amount & (1<<30 - 1))
		a, b := NewCounters(20, full), NewCounters(20, full)
		now := t0
		for len(rows) > 1 {
			n := min(1+int(rows[0]&15), len(rows)/2)
			c := &columns{out: make([]int64, n)}
			for i := range n {
				now += int64(rows[2*i]) * sec
				h := flow.OfInt(1, int64(rows[2*i+1]))
				c.hashes, c.column, c.times, c.seen = append(c.hashes, h), append(c.column, h-5), append(c.times, now), append(c.seen, rows[2*i]>>7)
			}
			rows = rows[2*n:]
			c.byRow(a, amount)
			want := slices.Clone(c.out)
			b.AddColumn(c.column, 5, amount, c.times, c.seen, c.out)
			if !slices.Equal(c.out, want) {
				t.Fatalf("%v, want %v", c.out, want)
			}
		}
		if !slices.Equal(a.buckets, b.buckets) || a.Usage() != b.Usage() {
			t.Error("the structures differ")
		}
	})
}

// A value beyond 32 bits is exact, its place is given back, and it costs no second one.
func TestWide(t *testing.T) {
	c, m := NewCounters(2000, Reject), map[uint64]int64{}
	r := rand.New(rand.NewPCG(3, 3))
	for i := range 100_000 {
		h := flow.OfInt(1, r.Int64N(1000))
		switch r.IntN(8) {
		case 0:
			c.Delete(h)
			delete(m, h)
		default:
			a := r.Int64N(1<<33) - 1<<31
			m[h] = saturate(m[h], a)
			if got, ok := c.Add(h, a, t0); got != m[h] || !ok {
				t.Fatalf("step %d: Add = %d, %v, want %d", i, got, ok, m[h])
			}
		}
		if got := c.Get(h); got != m[h] {
			t.Fatalf("step %d: Get = %d, want %d", i, got, m[h])
		}
	}
	if err := c.checkInvariants(); err != nil {
		t.Error(err)
	}
	if len(c.wide) > 1000 {
		t.Errorf("%d wide values for 1000 keys", len(c.wide))
	}
	if got, want := c.Usage().Bytes, CountersBytes(2000)+8*int64(cap(c.wide)); got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
}

// TestCountersEvict: of twelve keys in one pair of buckets the one that was idle
// longest gives way.
func TestCountersEvict(t *testing.T) {
	c := NewCounters(1, Evict)
	c.buckets = c.buckets[:2]
	const hour = 3600 * sec
	var hashes []uint64
	for i := 0; len(hashes) < 12; i++ {
		h := flow.OfInt(1, int64(i))
		if before := c.Len(); before < 12 {
			c.Add(h, 1, t0+int64(len(hashes))*hour)
			if c.Len() > before {
				hashes = append(hashes, h)
			}
		}
	}
	c.Add(hashes[0], 1, t0+12*hour)
	fresh := flow.OfInt(2, 1)
	for c.buckets[0].index(uint32(fresh)) >= 0 || c.second(fresh) == func() *bucket { b, _ := c.home(fresh); return b }() {
		fresh++
		fresh *= 3
	}
	if got, ok := c.Add(fresh, 5, t0+13*hour); got != 5 || !ok {
		t.Errorf("Add of a key that makes room = %d, %v", got, ok)
	}
	if c.Get(hashes[0]) != 2 || c.Get(hashes[1]) != 0 || c.Usage().Evicted != 1 || c.Len() != 12 {
		t.Errorf("key used last: %d, key idle longest: %d, %+v", c.Get(hashes[0]), c.Get(hashes[1]), c.Usage())
	}
}

func TestAddColumnAllocatesNothing(t *testing.T) {
	c, now := NewCounters(1000, Evict), t0
	rows := newColumns(rand.New(rand.NewPCG(1, 1)), 64, 3000, 9, &now)
	if n := testing.AllocsPerRun(100, func() {
		c.Warm(rows.column, 9)
		c.AddColumn(rows.column, 9, 1, rows.times, rows.seen, rows.out)
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

// BenchmarkAddColumn is per key, beside Add row by row.
func BenchmarkAddColumn(b *testing.B) {
	for _, n := range []int{4096, 300_000, 4 << 20} {
		c := NewCounters(n, Evict)
		r := rand.New(rand.NewPCG(1, 1))
		hashes := make([]uint64, 1<<20)
		for i := range hashes {
			hashes[i] = flow.OfInt(1, r.Int64N(int64(n)))
		}
		times, seen, out := make([]int64, 64), make([]uint8, 64), make([]int64, 64)
		for _, kernel := range []bool{true, false} {
			name := map[bool]string{true: "kernel", false: "go"}[kernel]
			b.Run(name+"/"+map[int]string{4096: "4k", 300_000: "300k", 4 << 20: "4M"}[n], func(b *testing.B) {
				defer func(old bool) { useKernel = old }(useKernel)
				useKernel = useKernel && kernel
				for i := 0; i < b.N; i += 64 {
					c.AddColumn(hashes[i&(1<<20-1):][:64], 0, 1, times, seen, out)
				}
			})
		}
	}
}
