package main

import (
	"math/rand/v2"
	"sort"
	"time"

	"github.com/streamon/streamon/runtime/dleft"
	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/sketch"
)

const (
	chunk  = 64 // packets that generated code prepares at a time
	window = int64(time.Minute)
	failed = 0.01 // error of the sketches
	hashes = 1 << 20
	start  = int64(1_700_000_000) * int64(time.Second)
)

// column is the memory's share of the keys: their hashes, in the order in which they
// come.
type column []uint64

// keys returns hashes of n keys that come at random.
func keys(n int) column {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	c := make(column, hashes)
	for i := range c {
		c[i] = flow.OfInt(1, r.Int64N(int64(n)))
	}
	return c
}

// skewed returns hashes of n keys of which few come often, as hosts and flows do: half
// of the time one of a hundredth of them.
func skewed(n int) column {
	r := rand.New(rand.NewPCG(2, uint64(n)))
	c := keys(n)
	for i := range c {
		if r.IntN(2) == 0 {
			c[i] = c[r.IntN(n/100)]
		}
	}
	return c
}

// each calls f for n hashes, a chunk at a time, after warm.
func (c column) each(n int, warm func([]uint64, uint64), f func(h uint64, now int64)) {
	now := start
	for i := 0; i < n; i += chunk {
		rows := c[i&(hashes-1):][:chunk]
		if warm != nil {
			warm(rows, 0)
		}
		for _, h := range rows {
			f(h, now)
		}
		now += 64_000
	}
}

// capacityFor is for how many keys a structure is of so many bytes.
func capacityFor(size int64, bytes func(n int) int64) int {
	return max(sort.Search(1<<28, func(n int) bool { return bytes(n+16) > size }), 64)
}

// sized measures an operation on structures of each size. make returns what makes n
// operations on one.
func (r *recorder) sized(name string, make func(size int64) func(n int)) {
	if !r.wants(name) {
		return
	}
	var ns []float64
	for _, size := range sizes {
		run := make(size)
		run(hashes) // the structure is in use, and its pages are there
		ns = append(ns, r.time(run)-r.loop)
	}
	r.put(name, ns...)
}

// after measures an operation that needs another one before it each time: both, without
// the other one alone.
func (r *recorder) after(other, name string, make func(size int64) func(n int)) {
	if r.sized(name, make); r.wants(name) && r.ns[other] != nil {
		ns := r.ns[name]
		for i := range ns {
			ns[i] -= r.ns[other][i]
		}
		r.put(name, ns...)
	}
}

func (r *recorder) structures() {
	sum, c := uint64(0), keys(hashes)
	r.loop = r.time(func(n int) { c.each(n, nil, func(h uint64, _ int64) { sum += h }) })
	r.bloom()
	r.cbf()
	r.tbf()
	r.tewma()
	r.dleft()
	r.whole()
	r.table()
	r.states()
	r.timers()
}

func (r *recorder) bloom() {
	pair := func(size int64) (*sketch.Pair, column) {
		n := capacityFor(size, func(n int) int64 { return sketch.PairBytes(n, failed) })
		return sketch.NewPair(window, n, failed), keys(n / 2)
	}
	r.sized("set/bloom", func(size int64) func(int) {
		s, c := pair(size)
		return func(n int) { c.each(n, s.Warm, func(h uint64, now int64) { s.Set(h, now) }) }
	})
	r.sized("get/bloom", func(size int64) func(int) {
		s, c := pair(size)
		return func(n int) { c.each(n, s.Warm, func(h uint64, now int64) { s.Get(h, now) }) }
	})
	r.sized("columns/bloom", func(size int64) func(int) {
		s, c := pair(size)
		times, seen := make([]int64, chunk), make([]uint8, chunk)
		return func(n int) {
			for i := 0; i < n; i += chunk {
				rows := c[i&(hashes-1):][:chunk]
				s.Warm(rows[:16], 0)
				for j := range times {
					times[j] = start + int64(i)
				}
				s.SetColumn(rows, 0, times, seen)
			}
		}
	})
	r.sized("reset/bloom", func(size int64) func(int) { // of the whole structure, which is all that there is
		s, _ := pair(size)
		return func(n int) {
			for range n / chunk {
				s.Clear()
			}
		}
	})
	if ns := r.ns["reset/bloom"]; ns != nil {
		for i := range ns {
			ns[i] *= chunk
		}
	}
}

func (r *recorder) cbf() {
	cbf := func(size int64) (*sketch.CBF, column) {
		n := capacityFor(size, func(n int) int64 { return sketch.CBFBytes(n, failed) })
		return sketch.NewCBF(window, n, failed), keys(n / 2)
	}
	r.sized("set/cbf", func(size int64) func(int) {
		s, c := cbf(size)
		return func(n int) { c.each(n, s.Warm, func(h uint64, now int64) { s.Add(h, 1, now) }) }
	})
	r.sized("get/cbf", func(size int64) func(int) {
		s, c := cbf(size)
		c.each(hashes, s.Warm, func(h uint64, now int64) { s.Add(h, 1, now) })
		return func(n int) { c.each(n, s.Warm, func(h uint64, now int64) { s.Get(h, now) }) }
	})
	r.sized("reset/cbf", func(size int64) func(int) {
		s, c := cbf(size)
		return func(n int) { c.each(n, s.Warm, func(h uint64, now int64) { s.Reset(h) }) }
	})
}

// decaying is a monitor whose values decay.
type decaying interface {
	Warm(column []uint64, add uint64)
	AddColumn(column []uint64, add uint64, amount float64, times []int64, seen []uint8, out []float64)
}

// columns adds n hashes to s, a chunk at a time. The packets of a chunk come 1 us apart.
func (c column) columns(n int, s decaying) {
	var times [chunk]int64
	var seen [chunk]uint8
	var out [chunk]float64
	for i := 0; i < n; i += chunk {
		rows := c[i&(hashes-1):][:chunk]
		s.Warm(rows[:16], 0)
		for j := range times {
			times[j] = start + int64(i+j)*1000
		}
		s.AddColumn(rows, 0, 1, times[:], seen[:], out[:])
	}
}

func (r *recorder) tbf() {
	tbf := func(size int64) (*sketch.TBF, column) {
		n := capacityFor(size, func(n int) int64 { return sketch.DecayBytes(n, failed) })
		return sketch.NewTBF(window, 0, n, failed), keys(n / 2)
	}
	r.sized("set/tbf", func(size int64) func(int) {
		s, c := tbf(size)
		return func(n int) { c.each(n, s.Warm, func(h uint64, now int64) { s.Add(h, 1, now) }) }
	})
	r.sized("get/tbf", func(size int64) func(int) {
		s, c := tbf(size)
		c.each(hashes, s.Warm, func(h uint64, now int64) { s.Add(h, 1, now) })
		return func(n int) { c.each(n, s.Warm, func(h uint64, now int64) { s.Get(h, now) }) }
	})
	r.sized("reset/tbf", func(size int64) func(int) {
		s, c := tbf(size)
		return func(n int) { c.each(n, s.Warm, func(h uint64, now int64) { s.Reset(h, now) }) }
	})
	r.sized("columns/tbf", func(size int64) func(int) {
		s, c := tbf(size)
		return func(n int) { c.columns(n, s) }
	})
}

func (r *recorder) tewma() {
	tewma := func(size int64) (*sketch.TEWMA, column) {
		n := capacityFor(size, func(n int) int64 { return sketch.DecayBytes(n, failed) })
		return sketch.NewTEWMA(window, 0, n, failed), keys(n / 2)
	}
	r.sized("set/tewma", func(size int64) func(int) {
		s, c := tewma(size)
		return func(n int) { c.each(n, s.Warm, func(h uint64, now int64) { s.Add(h, 1, now) }) }
	})
	r.sized("get/tewma", func(size int64) func(int) {
		s, c := tewma(size)
		c.each(hashes, s.Warm, func(h uint64, now int64) { s.Add(h, 1, now) })
		return func(n int) { c.each(n, s.Warm, func(h uint64, now int64) { s.Get(h, now) }) }
	})
	r.sized("reset/tewma", func(size int64) func(int) {
		s, c := tewma(size)
		return func(n int) { c.each(n, s.Warm, func(h uint64, now int64) { s.Reset(h, now) }) }
	})
	r.sized("columns/tewma", func(size int64) func(int) {
		s, c := tewma(size)
		return func(n int) { c.columns(n, s) }
	})
}

func (r *recorder) dleft() {
	counters := func(size int64) (*dleft.Counters, column) {
		n := capacityFor(size, dleft.CountersBytes)
		return dleft.NewCounters(n, dleft.Evict), keys(n / 2)
	}
	r.sized("set/dleft", func(size int64) func(int) {
		s, c := counters(size)
		return func(n int) { c.each(n, s.Warm, func(h uint64, now int64) { s.Add(h, 1, now) }) }
	})
	r.sized("get/dleft", func(size int64) func(int) {
		s, c := counters(size)
		c.each(hashes, s.Warm, func(h uint64, now int64) { s.Add(h, 1, now) })
		return func(n int) { c.each(n, s.Warm, func(h uint64, _ int64) { s.Get(h) }) }
	})
	r.sized("reset/dleft", func(size int64) func(int) {
		s, c := counters(size)
		return func(n int) { c.each(n, s.Warm, func(h uint64, _ int64) { s.Delete(h) }) }
	})
	r.sized("columns/dleft", func(size int64) func(int) {
		s, c := counters(size)
		times, seen, out := make([]int64, chunk), make([]uint8, chunk), make([]int64, chunk)
		return func(n int) {
			for i := 0; i < n; i += chunk {
				rows := c[i&(hashes-1):][:chunk]
				s.Warm(rows[:16], 0)
				for j := range times {
					times[j] = start + int64(i)
				}
				s.AddColumn(rows, 0, 1, times, seen, out)
			}
		}
	})
}

// whole measures the structures that a program has once. Their size follows from what
// they promise, so that all sizes have one figure.
func (r *recorder) whole() {
	same := func(name string, run func(n int)) {
		if r.wants(name) {
			ns := r.time(run)
			r.put(name, ns, ns, ns)
		}
	}
	c := keys(1 << 16)
	hll := sketch.NewHLL(window, failed)
	same("set/hll", func(n int) { c.each(n, nil, hll.Add) })
	same("get/hll", func(n int) { c.each(n, nil, func(_ uint64, now int64) { hll.Estimate(now) }) })
	same("reset/hll", func(n int) {
		for range n {
			hll.Clear()
		}
	})
	top := sketch.NewTopK[key](10, 10_000, window)
	c = skewed(1 << 16)
	same("set/topk", func(n int) { c.each(n, nil, func(h uint64, now int64) { k := keyOf(h); top.Add(&k, h, 1, now) }) })
	same("get/topk", func(n int) { c.each(n, nil, func(h uint64, now int64) { k := keyOf(h); top.Get(&k, h, now) }) })
	same("reset/topk", func(n int) {
		for range n {
			top.Clear()
		}
	})
	var list []sketch.Entry[key]
	if r.wants("toplist") {
		c.each(1<<16, nil, func(h uint64, now int64) { k := keyOf(h); top.Add(&k, h, 1, now) })
		r.put("toplist", r.time(func(n int) {
			for range n {
				list = top.List(start, list[:0])
			}
		}))
	}
}
