package program

import "github.com/streamon/streamon/runtime/packet"

// fill is Fill for rows of which there are some, and none beyond the packets.
func fill(packets []packet.Packet, rows, seed uint64, src, dst *[64]uint64, times *[64]int64) int {
	return fillKernel(&packets[0], rows, seed, src, dst, times)
}

func fillHeads(heads []packet.Head, rows, seed uint64, src, dst *[64]uint64, times *[64]int64) int {
	return fillHeadsKernel(&heads[0], rows, seed, src, dst, times)
}

// fillKernel is fillRows.
//
//go:noescape
func fillKernel(first *packet.Packet, rows, seed uint64, src, dst *[64]uint64, times *[64]int64) (n int)

// fillHeadsKernel is fillHeadRows.
//
//go:noescape
func fillHeadsKernel(first *packet.Head, rows, seed uint64, src, dst *[64]uint64, times *[64]int64) (n int)
