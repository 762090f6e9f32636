package sketch

import (
	"math"
	"slices"

	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/image"
)

// TopK finds the keys with the largest sums: space-saving, windowed in two
// half-windows like CBF, or for ever. K is a key of package flow: an array of
// bytes.
//
// Accuracy, per half-window with N the sum of all amounts and C the capacity: an
// estimate is never below the true sum of a key that is held, and above it by at
// most N/C; a key with more than N/C is always held. A key that is held in one
// half-window only counts 0 in the other. Memory: see TopKBytes. Cost: Add finds
// the key in an index and moves it in a heap of C entries, O(log C); with the
// usual C of some hundreds all of it stays in the first two caches.
//
// Source: A. Metwally, D. Agrawal and A. El Abbadi, "Efficient Computation of
// Frequent and Top-k Elements in Data Streams", 2005; a binary heap in place of
// their stream summary, since amounts differ.
type TopK[K comparable] struct {
	sum  [2]summary[K] // by parity of the turn
	all  []Entry[K]    // scratch space of List
	turn uint32
	k    int
	half int64
	end  int64
}

// Entry is one line of a top-k list.
type Entry[K comparable] struct {
	Key   K
	Count int64 // estimated sum, never below the true one of the half-windows that hold the key
	Error int64 // by how much Count may be above the true sum
}

// NewTopK returns a list of the k largest keys out of capacity counters (below k
// means 10·k) over a window in ns; 0 = for ever.
func NewTopK[K comparable](k, capacity int, window int64) *TopK[K] {
	k = max(k, 1)
	capacity = topKCapacity(k, capacity)
	t := &TopK[K]{k: k, half: window / 2, end: math.MinInt64, all: make([]Entry[K], 0, 2*capacity)}
	if t.half <= 0 {
		t.end = math.MaxInt64
	}
	t.sum[0].init(capacity)
	t.sum[1].init(capacity)
	return t
}

// TopKBytes is the memory that NewTopK would take for keys of keyBytes, in bytes.
func TopKBytes(k, capacity, keyBytes int) int64 {
	c := topKCapacity(max(k, 1), capacity)
	entry := (keyBytes+7)&^7 + 16
	return int64(2*(c*(entry+16)+4*indexSize(c)) + 2*c*entry)
}

func topKCapacity(k, capacity int) int {
	if capacity < k {
		return 10 * k
	}
	return capacity
}

// Add adds amount to the key with hash h and returns the estimate of its sum. An
// amount below zero counts as zero.
func (t *TopK[K]) Add(key *K, h uint64, amount int64, now int64) (estimate int64) {
	if now >= t.end {
		t.advance(now)
	}
	return satAdd(t.sum[t.turn&1].add(key, h, max(amount, 0)), t.sum[t.turn&1^1].get(key, h))
}

// Get returns the estimate of the key's sum; 0 if the key is not held.
func (t *TopK[K]) Get(key *K, h uint64, now int64) (estimate int64) {
	if now >= t.end {
		t.advance(now)
	}
	return satAdd(t.sum[0].get(key, h), t.sum[1].get(key, h))
}

// List appends the k largest keys to dst[:0], by falling count, then by the bytes
// of the key, and returns it. It allocates iff dst is too small.
func (t *TopK[K]) List(now int64, dst []Entry[K]) []Entry[K] {
	if now >= t.end {
		t.advance(now)
	}
	cur, prev := &t.sum[t.turn&1], &t.sum[t.turn&1^1]
	t.all = t.all[:0]
	for i := range cur.slots {
		s := &cur.slots[i]
		e := s.Entry
		if j := prev.find(&s.Key, s.hash); j >= 0 {
			e.Count = satAdd(e.Count, prev.slots[j].Count)
			e.Error = satAdd(e.Error, prev.slots[j].Error)
		}
		t.all = append(t.all, e)
	}
	for i := range prev.slots {
		if s := &prev.slots[i]; cur.find(&s.Key, s.hash) < 0 {
			t.all = append(t.all, s.Entry)
		}
	}
	slices.SortFunc(t.all, compareEntries[K])
	return append(dst[:0], t.all[:min(t.k, len(t.all))]...)
}

// Clear forgets every key.
func (t *TopK[K]) Clear() { t.sum[0].clear(); t.sum[1].clear() }

// Usage reports the fill of the current half-window. Error is the largest
// over-count as a share of the sum of all amounts; Evicted counts keys that made
// room for others.
func (t *TopK[K]) Usage() flow.Usage {
	s := &t.sum[t.turn&1]
	u := flow.Usage{
		Used: len(s.slots), Capacity: cap(s.slots),
		Bytes:   TopKBytes(t.k, cap(s.slots), int(sizeOf[K]())),
		Evicted: t.sum[0].evicted + t.sum[1].evicted,
	}
	if len(s.slots) == cap(s.slots) && s.total > 0 {
		u.Error = float64(s.slots[s.heap[0]].Count) / s.total
	}
	return u
}

func (t *TopK[K]) advance(now int64) {
	if t.end != math.MinInt64 {
		t.turn++
		t.sum[t.turn&1].clear()
		if now-t.end >= t.half {
			t.sum[t.turn&1^1].clear()
		}
	}
	t.end = periodEnd(now, t.half)
}

func compareEntries[K comparable](a, b Entry[K]) int {
	switch {
	case a.Count > b.Count:
		return -1
	case a.Count < b.Count:
		return 1
	}
	return compareKeys(&a.Key, &b.Key)
}

// satAdd adds two sums that are not negative, up to the largest int64.
func satAdd(a, b int64) int64 {
	if s := a + b; s >= 0 {
		return s
	}
	return math.MaxInt64
}

// Form implements program.Saver.
func (t *TopK[K]) Form() string {
	return image.Form("topk", 1, cap(t.sum[0].slots), image.SizeOf[slot[K]]())
}

// Save implements program.Saver.
func (t *TopK[K]) Save(w *image.Writer) {
	w.Int(t.end)
	w.Uint(uint64(t.turn))
	t.sum[0].save(w)
	t.sum[1].save(w)
}

// Load implements program.Saver.
func (t *TopK[K]) Load(r *image.Reader) error {
	t.end, t.turn = r.Int(), uint32(r.Uint())
	r.Refuse(t.half > 0 || t.end == math.MaxInt64)
	t.sum[0].load(r)
	t.sum[1].load(r)
	return r.End()
}
