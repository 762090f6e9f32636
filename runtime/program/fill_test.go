package program

import (
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/packet"
)

// fillMasks are rows of a chunk: all, runs, most, half, few, one.
var fillMasks = []struct {
	name string
	next func(r *rand.Rand) uint64
}{
	{"64", func(*rand.Rand) uint64 { return ^uint64(0) }},
	{"run", func(r *rand.Rand) uint64 { return ^uint64(0) >> r.UintN(64) << r.UintN(64) }},
	{"56", func(r *rand.Rand) uint64 { return ^few(r) }},
	{"32", (*rand.Rand).Uint64},
	{"8", few},
	{"2", func(r *rand.Rand) uint64 { return 1<<r.UintN(64) | 1<<(r.Uint32()&63) }},
	{"1", func(r *rand.Rand) uint64 { return 1 << r.UintN(64) }},
}

// few returns one bit in eight.
func few(r *rand.Rand) uint64 {
	bits := ^uint64(0)
	for range 3 {
		bits &= r.Uint64()
	}
	return bits
}

// fillPackets returns packets, one in six of which is one of IPv6, and their heads.
func fillPackets(r *rand.Rand, n int, ip6 bool) ([]packet.Packet, []packet.Head) {
	packets, heads := make([]packet.Packet, n), make([]packet.Head, n)
	for i := range packets {
		p := &packets[i]
		for _, ip := range []*packet.IP{&p.Src, &p.Dst} {
			ip[10], ip[11] = 0xff, 0xff
			from := 12
			if ip6 && r.UintN(6) == 0 {
				from = 0
			}
			for k := from; k < len(ip); k++ {
				ip[k] = byte(r.Uint32())
			}
		}
		p.Time = packet.Time(r.Int64())
		heads[i] = p.Head()
	}
	return packets, heads
}

// TestFill compares Fill, and what it is where there is no kernel, with what it says that it
// does, of all kinds of rows.
func TestFill(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range fillMasks {
		for range 300 {
			packets, heads := fillPackets(r, 1+r.IntN(64), true)
			if r.UintN(2) == 0 {
				packets, heads = fillPackets(r, 64, true)
			}
			seed, rows, want := r.Uint64(), c.next(r), r.UintN(8)
			var columns [5][64]uint64
			var times [5][64]int64
			var other [5][64]uint64
			n := 0
			for i := range packets {
				if p := &packets[i]; rows>>i&1 != 0 {
					if want&1 != 0 {
						columns[0][n] = flow.OfIP(seed, (*[16]byte)(&p.Src))
					}
					if want&2 != 0 {
						other[0][n] = flow.OfIP(seed, (*[16]byte)(&p.Dst))
					}
					if want&4 != 0 {
						times[0][n] = int64(p.Time)
					}
					n++
				}
			}
			for k, f := range []func(src, dst *[64]uint64, times *[64]int64) int{
				func(src, dst *[64]uint64, times *[64]int64) int { return Fill(packets, rows, seed, src, dst, times) },
				func(src, dst *[64]uint64, times *[64]int64) int { return FillHeads(heads, rows, seed, src, dst, times) },
				func(src, dst *[64]uint64, times *[64]int64) int {
					return fillRows(packets, rows&First(len(packets)), seed, src, dst, times)
				},
				func(src, dst *[64]uint64, times *[64]int64) int {
					return fillHeadRows(heads, rows&First(len(heads)), seed, src, dst, times)
				},
			} {
				k++
				var src, dst *[64]uint64
				var at *[64]int64
				if want&1 != 0 {
					src = &columns[k]
				}
				if want&2 != 0 {
					dst = &other[k]
				}
				if want&4 != 0 {
					at = &times[k]
				}
				if got := f(src, dst, at); got != n || columns[k] != columns[0] || other[k] != other[0] || times[k] != times[0] {
					t.Fatalf("%s: rows %#x of %d, wanted %d, way %d: %d rows, want %d", c.name, rows, len(packets), want, k, got, n)
				}
			}
		}
	}
}

func TestFillAllocs(t *testing.T) {
	packets, heads := fillPackets(rand.New(rand.NewPCG(1, 2)), 64, true)
	r := NewRoutes(&Manifest{Events: make([]EventInfo, 1), Partition: PartitionInfo{OK: true, Writes: 2}}, 3)
	if n := testing.AllocsPerRun(10, func() {
		Fill(packets, 5, 1, &fillSrc, &fillDst, &fillTimes)
		FillHeads(heads, 5, 1, &fillSrc, &fillDst, &fillTimes)
		r.GiveRows(0, 0, 5, &fillSrc, 1)
		r.PassRows(0, 0, 5, &fillSrc, 1)
		r.PassAlso(0, 1, 0)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

var fillSrc, fillDst [64]uint64
var fillTimes [64]int64

// BenchmarkFill sets the kernel beside what it is where there is none.
func BenchmarkFill(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	packets, heads := fillPackets(r, 64, false)
	var masks [256]uint64
	for _, c := range fillMasks {
		n := 0
		for i := range masks {
			masks[i] = c.next(r)
			n += bits.OnesCount64(masks[i])
		}
		run := func(name string, f func(rows uint64)) {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					for _, m := range masks {
						f(m)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/row")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(masks)), "ns/chunk")
			})
		}
		for _, src := range []*[64]uint64{nil, &fillSrc} {
			addresses := map[bool]string{false: "1", true: "2"}[src != nil]
			run("packets"+addresses+"/rows", func(rows uint64) { fillRows(packets, rows, 1, src, &fillDst, &fillTimes) })
			run("packets"+addresses+"/kernel", func(rows uint64) { Fill(packets, rows, 1, src, &fillDst, &fillTimes) })
			run("heads"+addresses+"/rows", func(rows uint64) { fillHeadRows(heads, rows, 1, src, &fillDst, &fillTimes) })
			run("heads"+addresses+"/kernel", func(rows uint64) { FillHeads(heads, rows, 1, src, &fillDst, &fillTimes) })
		}
	}
}
