package dleft

import "unsafe"

// TableBytes is the memory that NewTable would take, in bytes.
func TableBytes[K comparable, V any](capacity int) int64 {
	n := int64(buckets(min(max(capacity, 1), 1<<31)))
	return n * (64 + bucketCells*int64(unsafe.Sizeof(cell[K, V]{})))
}
