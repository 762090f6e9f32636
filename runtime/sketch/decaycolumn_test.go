package sketch

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/streamon/streamon/runtime/flow"
)

// byColumn is what TBF and TEWMA have in common here.
type byColumn interface {
	decaying
	AddColumn(column []uint64, add uint64, amount float64, times []int64, seen []uint8, out []float64)
	Warm(column []uint64, add uint64)
}

// decayPair is two structures that are alike: one to be worked on row by row, one by
// column.
type decayPair struct {
	row, col   byColumn
	drow, dcol *decay
}

func tbfPair(window int64, capacity int) decayPair {
	a, b := NewTBF(window, 0, capacity, 0.01), NewTBF(window, 0, capacity, 0.01)
	return decayPair{a, b, &a.decay, &b.decay}
}

func tewmaPair(window, tick int64, capacity int) decayPair {
	a, b := NewTEWMA(window, tick, capacity, 0.01), NewTEWMA(window, tick, capacity, 0.01)
	return decayPair{a, b, &a.decay, &b.decay}
}

// decayColumn is a column of keys and times.
type decayColumn struct {
	hashes []uint64
	times  []int64
	seen   []uint8
}

func (c *decayColumn) put(h uint64, now int64, seen uint8) {
	c.hashes, c.times, c.seen = append(c.hashes, h), append(c.times, now), append(c.seen, seen)
}

// compare does the rows on both structures and returns what differs.
func (p decayPair) compare(c *decayColumn, add uint64, amount float64) error {
	column, got := make([]uint64, len(c.hashes)), make([]float64, len(c.hashes))
	for i, h := range c.hashes {
		column[i] = h - add
	}
	p.col.AddColumn(column, add, amount, c.times, c.seen, got)
	for i, h := range c.hashes {
		var want float64
		if c.seen[i] != 0 {
			want = p.row.Get(h, c.times[i])
		} else {
			want = p.row.Add(h, amount, c.times[i])
		}
		if math.Float64bits(got[i]) != math.Float64bits(want) {
			return fmt.Errorf("row %d of %d, at %d, seen %d, amount %v: %v, want %v", i, len(got), c.times[i], c.seen[i], amount, got[i], want)
		}
	}
	return p.same()
}

// same compares all that the structures hold.
func (p decayPair) same() error {
	a, b := *p.drow, *p.dcol
	if !slices.Equal(a.lines, b.lines) {
		return fmt.Errorf("the cells differ")
	}
	if a.last != b.last || a.origin != b.origin || a.next != b.next || a.number != b.number || a.step != b.step ||
		a.up != b.up || a.down != b.down || a.coarse != b.coarse || a.inverse != b.inverse {
		return fmt.Errorf("the units differ: %d %d %v %v, want %d %d %v %v", b.last, b.step, b.up, b.down, a.last, a.step, a.up, a.down)
	}
	return nil
}

// TestAddColumn compares the kernels and their twins in Go with operations row by row:
// results, every bit of the cells, and the unit. Times stand still, run back, go on within
// a step, over many and over many origins; keys come again in a column, and after they
// have become negligible.
func TestAddColumn(t *testing.T) {
	defer func(old bool) { useKernel = old }(useKernel)
	if !useKernel {
		t.Log("no AVX2 here: only the twins are compared")
	}
	gaps := []int64{0, 1, 700, 100_000, sec / 50, sec, 30 * sec, 3600 * sec}
	for _, kernel := range []bool{useKernel, false} {
		useKernel = kernel
		for name, make := range map[string]func() decayPair{
			"tbf 60s":           func() decayPair { return tbfPair(60*sec, 300) },
			"tbf 60s, one line": func() decayPair { return tbfPair(60*sec, 1) },
			"tbf 1s":            func() decayPair { return tbfPair(sec, 50) }, // a new origin every 256 s
			"tbf 1us":           func() decayPair { return tbfPair(1000, 50) },
			"tbf 100 years":     func() decayPair { return tbfPair(math.MaxInt64/4, 50) },
			"tewma 60s":         func() decayPair { return tewmaPair(60*sec, 0, 300) },
			"tewma 10s, tick":   func() decayPair { return tewmaPair(10*sec, sec, 300) },
			"tewma tick 7ns":    func() decayPair { return tewmaPair(MinTEWMAWindow, 7, 20) },
		} {
			for _, amount := range []float64{1, 0.3, 1500, 1e-12, 0, -1, math.NaN(), 1e300, math.MaxFloat64, math.Inf(1)} {
				p, r := make(), rand.New(rand.NewPCG(7, math.Float64bits(amount)))
				now, add := t0, r.Uint64()
				for step := range 60 {
					c, gap, keys := new(decayColumn), gaps[r.IntN(len(gaps))], 1+r.Int64N([]int64{1, 4, 30, 1000}[r.IntN(4)])
					for range r.IntN(150) / (1 + r.IntN(3)) {
						at := now
						switch r.IntN(12) {
						case 0:
							at -= r.Int64N(100 * sec)
						case 1:
							now += r.Int64N(gaps[r.IntN(len(gaps))] + 1)
						default:
							now += r.Int64N(gap + 1)
							at = now
						}
						c.put(flow.OfInt(3, r.Int64N(keys)), at, uint8(r.IntN(5)/4))
					}
					if err := p.compare(c, add, amount); err != nil {
						t.Fatalf("%s, kernel %v, step %d: %v", name, kernel, step, err)
					}
					if r.IntN(8) == 0 && len(c.hashes) > 0 {
						p.row.Reset(c.hashes[0], now)
						p.col.Reset(c.hashes[0], now)
					}
				}
			}
		}
	}
}

// TestAddColumnEnds: at both ends of time, and before any was met.
func TestAddColumnEnds(t *testing.T) {
	defer func(old bool) { useKernel = old }(useKernel)
	for _, kernel := range []bool{useKernel, false} {
		useKernel = kernel
		for name, p := range map[string]decayPair{"tbf": tbfPair(10*sec, 20), "long tbf": tbfPair(math.MaxInt64/4, 20), "tewma": tewmaPair(10*sec, sec, 20)} {
			for _, begin := range []int64{math.MinInt64, math.MinInt64 + 1, math.MinInt64 + 2000*sec, -1, 0, math.MaxInt64 - 3000*sec, math.MaxInt64 - 20} {
				c := new(decayColumn)
				for i := range int64(40) {
					c.put(flow.OfInt(1, i%7), begin+i/2, uint8(i)%3/2)
				}
				if err := p.compare(c, 9, 2); err != nil {
					t.Fatalf("%s, kernel %v, from %d: %v", name, kernel, begin, err)
				}
			}
		}
	}
}

// FuzzAddColumn turns bytes into rows, three bytes each, in columns of up to 16.
func FuzzAddColumn(f *testing.F) {
	f.Add([]byte{}, int64(60*sec), int64(0), 1.0)
	f.Add([]byte{5, 0, 1, 0, 0, 1, 0, 30, 1, 200, 40, 2, 1, 50, 1, 3, 3, 3, 9, 60, 1, 0, 0, 1}, int64(sec), int64(sec), 0.5)
	f.Add([]byte{15, 62, 1, 0, 63, 1, 0, 0, 1, 0, 61, 2, 255, 20, 1, 7, 10, 1}, int64(1000), int64(-1), 1e300)
	f.Fuzz(func(t *testing.T, rows []byte, window, tick int64, amount float64) {
		p := tbfPair(window, 20)
		if tick >= 0 {
			p = tewmaPair(window, tick, 20)
		}
		now := t0
		for len(rows) > 2 {
			n := min(1+int(rows[0]&15), len(rows)/3)
			c := new(decayColumn)
			for i := range n {
				b := rows[3*i:][:3]
				if d := int64(b[0]&31) << (b[1] & 63); b[1]&64 != 0 {
					now -= d
				} else {
					now += d // over the end of time, too
				}
				c.put(flow.OfInt(1, int64(b[2])), now, b[0]>>7)
			}
			rows = rows[3*n:]
			if err := p.compare(c, 5, amount); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAddColumnAllocatesNothing(t *testing.T) {
	for name, p := range map[string]decayPair{"tbf": tbfPair(sec, 100), "tewma": tewmaPair(10*sec, sec, 100)} {
		times, seen, out, now := make([]int64, 64), make([]uint8, 64), make([]float64, 64), t0
		column := make([]uint64, 64)
		for i := range column {
			column[i], seen[i] = flow.OfInt(1, int64(i)), uint8(i&1)
		}
		wantNoAllocs(t, name, func() {
			for i := range times {
				now += 100_000_000
				times[i] = now
			}
			p.col.AddColumn(column, 0, 1, times, seen, out)
		})
	}
}

// BenchmarkDecayAddColumn is per key, beside Add row by row. Packets come every 300 ns of
// packet time, or, slow, every 2 ms.
func BenchmarkDecayAddColumn(b *testing.B) {
	for _, tt := range []struct {
		name string
		keys int
		gap  int64
	}{{"1", 1, 300}, {"500", 500, 300}, {"4k", 4096, 300}, {"4k slow", 4096, 2_000_000}, {"120k", 120_000, 300}, {"300k", 300_000, 300}, {"4M", 4 << 20, 300}} {
		for _, kind := range []string{"tbf", "tewma"} {
			p := tbfPair(60*sec, tt.keys)
			if kind == "tewma" {
				p = tewmaPair(60*sec, sec, tt.keys)
			}
			r := rand.New(rand.NewPCG(1, 1))
			hashes := make([]uint64, 1<<20)
			for i := range hashes {
				hashes[i] = flow.OfInt(1, r.Int64N(int64(tt.keys)))
			}
			times, seen, out, now := make([]int64, 64), make([]uint8, 64), make([]float64, 64), t0
			columns := func(b *testing.B, do func(column []uint64)) {
				for i := 0; i < b.N; i += 64 {
					for j := range times {
						now += tt.gap
						times[j] = now
					}
					do(hashes[i&(1<<20-1):][:64])
				}
			}
			for i := range hashes { // in use, and its pages are there
				p.row.Add(hashes[i], 1, now)
				p.col.Add(hashes[i], 1, now)
			}
			b.Run(kind+"/"+tt.name+"/row", func(b *testing.B) {
				columns(b, func(column []uint64) {
					p.row.Warm(column, 0)
					for j, h := range column {
						out[j] = p.row.Add(h, 1, times[j])
					}
				})
			})
			for _, kernel := range []string{"go", "kernel"} {
				b.Run(kind+"/"+tt.name+"/"+kernel, func(b *testing.B) {
					defer func(old bool) { useKernel = old }(useKernel)
					useKernel = useKernel && kernel == "kernel"
					columns(b, func(column []uint64) {
						p.col.Warm(column[:16], 0)
						p.col.AddColumn(column, 0, 1, times, seen, out)
					})
				})
			}
		}
	}
}
