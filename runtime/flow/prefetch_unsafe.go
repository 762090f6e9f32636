package flow

import "unsafe"

// A column holds the hashes of the keys of one packet after the other. All functions
// over columns take a constant that is added to each hash: what the constant parts of
// the key contribute.

// WarmFirst asks the processor to bring the line base[hi(h)] into the cache for each
// hash h of a column, where hi maps the upper bits to [0, lines) and a line has 64
// bytes: so the waits of the operations that follow overlap. It is a hint, changes
// nothing and never faults.
func WarmFirst[L any](base []L, column []uint64, add uint64) {
	if len(base) > 0 && len(column) > 0 {
		prefetch(unsafe.Pointer(unsafe.SliceData(base)), uint64(len(base)), &column[0], add, len(column), far)
	}
}

// WarmSecond is WarmFirst for the second line of a key, whose place comes from
// Second(h).
func WarmSecond[L any](base []L, column []uint64, add uint64) {
	if len(base) > 0 && len(column) > 0 {
		prefetchSecond(unsafe.Pointer(unsafe.SliceData(base)), uint64(len(base)), &column[0], add, len(column), far)
	}
}
