package flow

// Second derives from h a hash for a second place: a multiplicative mix in which the
// upper bits, which choose a line, depend on all of h.
func Second(h uint64) uint64 { return (h ^ h>>32) * 0x9E3779B97F4A7C15 }
