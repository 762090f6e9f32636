package program

import (
	"math/bits"

	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/packet"
)

// Fill does what most keys begin with. Of those of at most 64 packets that rows has, a bit
// each, it puts in order
//
//	flow.OfIP(seed, (*[16]byte)(&p.Src))
//
// into src, the same of Dst into dst, and Time into times; nil is for what is not wanted. It
// returns how many they are.
func Fill(packets []packet.Packet, rows, seed uint64, src, dst *[64]uint64, times *[64]int64) int {
	if rows &= First(len(packets)); rows == 0 {
		return 0
	}
	return fill(packets, rows, seed, src, dst, times)
}

// FillHeads is Fill for heads.
func FillHeads(heads []packet.Head, rows, seed uint64, src, dst *[64]uint64, times *[64]int64) int {
	if rows &= First(len(heads)); rows == 0 {
		return 0
	}
	return fillHeads(heads, rows, seed, src, dst, times)
}

// fillRows is what the kernel of Fill does.
func fillRows(packets []packet.Packet, rows, seed uint64, src, dst *[64]uint64, times *[64]int64) (n int) {
	for ; rows != 0; rows &= rows - 1 {
		p := &packets[bits.TrailingZeros64(rows)]
		fillRow(n, &p.Src, &p.Dst, p.Time, seed, src, dst, times)
		n++
	}
	return n
}

func fillHeadRows(heads []packet.Head, rows, seed uint64, src, dst *[64]uint64, times *[64]int64) (n int) {
	for ; rows != 0; rows &= rows - 1 {
		p := &heads[bits.TrailingZeros64(rows)]
		fillRow(n, &p.Src, &p.Dst, p.Time, seed, src, dst, times)
		n++
	}
	return n
}

func fillRow(n int, from, to *packet.IP, at packet.Time, seed uint64, src, dst *[64]uint64, times *[64]int64) {
	if src != nil {
		src[n&63] = flow.OfIP(seed, (*[16]byte)(from))
	}
	if dst != nil {
		dst[n&63] = flow.OfIP(seed, (*[16]byte)(to))
	}
	if times != nil {
		times[n&63] = int64(at)
	}
}
