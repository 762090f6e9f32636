package sketch

import "github.com/streamon/streamon/runtime/cpu"

// useKernel is changed by tests, to compare.
var useKernel = cpu.HasAVX2

// setRows does the rows from number from on, up to one that is not of the common
// kind (its block was last touched in an earlier turn), which it returns. A column in
// which the filters rotate, by time or perhaps by fill, is not of the common kind.
func (p *Pair) setRows(column []uint64, add uint64, times []int64, seen []uint8, from int) int {
	rows := len(column)
	if !useKernel && from == 0 {
		p.Warm(column, add)
	}
	if !useKernel || times[rows-1] >= p.end || p.fresh+rows-from >= p.cap {
		return from
	}
	next, cur, fresh := setColumn(&p.blocks[0], uint64(len(p.blocks)), &column[0], add, &seen[0], from, rows, p.turn, &pairLanes)
	p.cur += cur
	p.fresh += fresh
	return next
}

// pairLanes says, for each of the eight words of a block, how far a hash is shifted
// to get the bit of the key in that word, and what is or-ed to its number: word 0
// holds no bits, and a shift by 64 or more gives none.
var pairLanes = [16]uint64{0, 0, 5, 10, 15, 20, 25, 30, 8: 64}

// setColumn is the kernel. cur is the number of keys that the current filter took,
// fresh the number of those that had not been seen.
//
//go:noescape
func setColumn(blocks *pairBlock, n uint64, column *uint64, add uint64, seen *uint8, from, rows int, turn uint32, lanes *[16]uint64) (next, cur, fresh int)
