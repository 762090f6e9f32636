package program

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/streamon/streamon/runtime/flow"
)

// TestRoutesRows compares what is given by row with what is given packet by packet.
func TestRoutesRows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, shards := range []int{1, 2, 3, 4, 7, 64} {
		m := &Manifest{Events: make([]EventInfo, 2), Partition: PartitionInfo{OK: true, Writes: 3}}
		got, want := NewRoutes(m, shards), NewRoutes(m, shards)
		for _, c := range fillMasks {
			var column [64]uint64
			for i := range column {
				column[i] = r.Uint64()
			}
			got.Reset()
			want.Reset()
			rows, add, chunk := c.next(r), r.Uint64(), r.IntN(chunks)
			n := 0
			for todo := rows; todo != 0; todo &= todo - 1 {
				owner := flow.Shard(column[n]+add, shards)
				want.Give(chunk, owner, 1, todo&-todo)
				want.Pass(chunk, owner, 0, todo&-todo)
				want.Pass(chunk, owner, 2, todo&-todo)
				n++
			}
			got.GiveRows(chunk, 1, rows, &column, add)
			got.PassRows(chunk, 0, rows, &column, add)
			got.PassAlso(chunk, 2, 0)
			if !slices.Equal(got.bits, want.bits) {
				t.Errorf("%d shards, rows %#x: %x, want %x", shards, rows, got.bits, want.bits)
			}
		}
	}
}

//go:noinline
func giveEach(r *Routes, rows uint64, column *[64]uint64, shards int) {
	n := 0
	for todo := rows; todo != 0; todo &= todo - 1 {
		r.Give(0, flow.Shard(column[n&63], shards), 0, todo&-todo)
		n++
	}
}

func BenchmarkGiveRows(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	var column [64]uint64
	for i := range column {
		column[i] = random.Uint64()
	}
	for _, c := range fillMasks {
		if c.name == "run" {
			continue
		}
		var masks [256]uint64
		for i := range masks {
			masks[i] = c.next(random)
		}
		for _, shards := range []int{1, 2, 3, 8, 64} {
			r := NewRoutes(&Manifest{Events: make([]EventInfo, 1), Partition: PartitionInfo{OK: true}}, shards)
			run := func(name string, f func(rows uint64)) {
				b.Run(fmt.Sprintf("%s/%d/%s", c.name, shards, name), func(b *testing.B) {
					for b.Loop() {
						for _, m := range masks {
							f(m)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(masks)), "ns/chunk")
					b.ReportMetric(0, "ns/row")
				})
			}
			run("each", func(rows uint64) { giveEach(r, rows, &column, shards) })
			run("rows", func(rows uint64) { r.GiveRows(0, 0, rows, &column, 0) })
		}
	}
}
