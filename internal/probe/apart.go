package probe

// apart leaves room on the heap: what the caller allocates next, on the same goroutine, is
// not on the cache lines of what was allocated before, nor on those beside them. The Go
// allocator puts small objects of a size one after the other; those of two shards, counters
// of events and heads of structures, would share lines that two processors write to for
// each packet. What it returns must live until the next caller has allocated.
//
// If the garbage collector runs or the goroutine moves to another processor in between,
// objects may come to lie side by side nevertheless: that costs time, no more.
func apart() (room []any) {
	const lines = 128 // bytes: processors take lines in pairs
	for range 2 * lines / 16 {
		room = append(room, new(uint64)) // blocks of 16 bytes that small objects without pointers share
	}
	for size := 8; size <= 512; size += 8 { // all size classes, some more often than others
		for n := 0; n < lines+size; n += size {
			room = append(room, make([]byte, size), make([]*byte, size/8))
		}
	}
	return room
}
