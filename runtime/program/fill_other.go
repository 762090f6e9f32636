//go:build !amd64

package program

import "github.com/streamon/streamon/runtime/packet"

func fill(packets []packet.Packet, rows, seed uint64, src, dst *[64]uint64, times *[64]int64) int {
	return fillRows(packets, rows, seed, src, dst, times)
}

func fillHeads(heads []packet.Head, rows, seed uint64, src, dst *[64]uint64, times *[64]int64) int {
	return fillHeadRows(heads, rows, seed, src, dst, times)
}
