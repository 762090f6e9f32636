package dleft

import "unsafe"

// TableBytes is the memory that NewTable would take, in bytes.
func TableBytes[K comparable, V any](capacity int) int64 {
	return tableBytes(capacity, int64(unsafe.Sizeof(cell[K, V]{})))
}

// TableBytesOf is TableBytes for a key of so many bytes and a value with that size and
// alignment, for who has no types: the compiler.
func TableBytesOf(capacity, keyBytes, valueBytes, align int) int64 {
	up := func(n int) int { return (n + align - 1) / align * align }
	return tableBytes(capacity, int64(up(up(keyBytes)+valueBytes)))
}

// TableSlots is the number of cells of such a table.
func TableSlots(capacity int) int64 {
	return bucketCells * int64(buckets(min(max(capacity, 1), 1<<31)))
}

func tableBytes(capacity int, cellBytes int64) int64 {
	return TableSlots(capacity) / bucketCells * (64 + bucketCells*cellBytes)
}
