// Package sketch holds the probabilistic structures of the metric layer: they
// answer "seen?", "how many?" and "how fast?" about millions of flow keys in
// memory that is fixed when they are made.
//
//	Pair    seen within a window?               Bloom filter pair
//	CBF     sum within a window                 counting Bloom filter
//	TBF     sum, decaying exponentially         time-decaying Bloom filter
//	TEWMA   rate per second, decaying           the same cells, other constants
//	HLL     number of distinct keys             HyperLogLog
//	TopK    keys with the largest sums          space-saving
//
// It leaves keys and their hash to package flow and the choice and defaults of
// a structure to package metric. Every operation takes the key's 64-bit hash
// (seeded, all bits good) and packet time in nanoseconds since the Unix epoch:
//
//	distinct := sketch.NewPair(window, 65536, 0.01)
//	if !distinct.Set(flow.OfIP(seed, &src)+flow.OfIP(seed, &dst)*flow.Odd1, now) {
//		n = count.Add(flow.OfIP(seed, &src), 1, now)
//	}
//
// Common rules. One writer and no concurrent reader: a structure belongs to one
// program instance. Time never runs backwards; an older time is taken as the
// newest met. Nothing allocates after construction, except what a comment says.
// Windows are aligned on packet time. A hash that also chooses the worker must
// be made with another seed, or a worker would use a slice of its cells only.
//
// The cells of a key lie in one cache line (Pair) or in two (CBF, TBF, TEWMA).
// A filter cut into lines errs more often than the textbook's, because some
// lines hold more keys than others; sizing takes that into account, so the
// declared error holds and the price is memory: see bloomError and lineError.
package sketch
