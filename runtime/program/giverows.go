package program

import (
	"math/bits"

	"github.com/streamon/streamon/runtime/flow"
)

// GiveRows gives an event for those packets of a chunk that rows has to the owners of their
// keys: of each row in order column has the hash, without what is added to all.
func (r *Routes) GiveRows(chunk, event int, rows uint64, column *[64]uint64, add uint64) {
	r.deal(chunk, event, rows, column, add)
}

// PassRows passes a write of those packets of a chunk that rows has, likewise.
func (r *Routes) PassRows(chunk, write int, rows uint64, column *[64]uint64, add uint64) {
	r.deal(chunk, r.events+write, rows, column, add)
}

// PassAlso passes a write to the same shards as another one of the same event.
func (r *Routes) PassAlso(chunk, write, other int) {
	at := r.bits[chunk*r.shards*r.width+r.events:]
	for s := range r.shards {
		at[s*r.width+write] |= at[s*r.width+other]
	}
}

// deal puts each of rows into the word with that number of its shard.
func (r *Routes) deal(chunk, word int, rows uint64, column *[64]uint64, add uint64) {
	at := r.bits[chunk*r.shards*r.width+word:]
	switch r.shards {
	case 1:
		at[0] |= rows
	case 2:
		second := seconds(rows, column, add)
		at[0] |= rows &^ second
		at[r.width] |= second
	default:
		n := 0
		for todo := rows; todo != 0; todo &= todo - 1 {
			at[flow.Shard(column[n&63]+add, r.shards)*r.width] |= todo & -todo
			n++
		}
	}
}

// seconds are those of rows that the second of two shards owns.
func seconds(rows uint64, column *[64]uint64, add uint64) (second uint64) {
	if rows&(rows+1) == 0 { // the first ones, as all of a chunk are
		n := bits.Len64(rows)
		for _, h := range column[:n] {
			second = second>>1 | flow.OfTwo(h+add)<<63
		}
		return second >> (64 - n)
	}
	n := 0
	for todo := rows; todo != 0; todo &= todo - 1 {
		second |= todo & -todo & -flow.OfTwo(column[n&63]+add)
		n++
	}
	return second
}
