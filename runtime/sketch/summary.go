package sketch

import "github.com/streamon/streamon/runtime/image"

// summary is one space-saving summary: the counters of one half-window of TopK.
//
//	slot    a counter: key, sum, over-count, hash, place in the heap
//	heap    slots, the least sum first
//	index   open addressing with linear probing: slot + 1, or 0 for empty
type summary[K comparable] struct {
	slots   []slot[K]
	heap    []uint32
	index   []uint32 // a power of two, at least twice the capacity
	total   float64  // of all amounts
	evicted uint64
}

type slot[K comparable] struct {
	Entry[K]
	hash uint64
	pos  uint32 // in the heap
}

func (s *summary[K]) init(capacity int) {
	s.slots = make([]slot[K], 0, capacity)
	s.heap = make([]uint32, 0, capacity)
	s.index = make([]uint32, indexSize(capacity))
}

func indexSize(capacity int) int {
	n := 4
	for n < 2*capacity {
		n *= 2
	}
	return n
}

func (s *summary[K]) clear() {
	s.slots, s.heap, s.total = s.slots[:0], s.heap[:0], 0
	clear(s.index)
}

// find returns the slot of the key, or -1.
func (s *summary[K]) find(key *K, h uint64) int {
	mask := uint64(len(s.index) - 1)
	for i := h & mask; s.index[i] != 0; i = (i + 1) & mask {
		j := s.index[i] - 1
		if e := &s.slots[j]; e.hash == h && e.Key == *key {
			return int(j)
		}
	}
	return -1
}

func (s *summary[K]) get(key *K, h uint64) int64 {
	if j := s.find(key, h); j >= 0 {
		return s.slots[j].Count
	}
	return 0
}

// add adds amount to the key, which takes the place of the least key if there is
// no other.
func (s *summary[K]) add(key *K, h uint64, amount int64) int64 {
	s.total += float64(amount)
	j := s.find(key, h)
	if j < 0 {
		j = s.place(key, h)
	}
	e := &s.slots[j]
	e.Count = satAdd(e.Count, amount)
	s.sink(int(e.pos))
	return s.slots[j].Count
}

// place gives the key a slot: a free one with sum 0, or that of the least key
// with its sum as the over-count.
func (s *summary[K]) place(key *K, h uint64) int {
	if n := len(s.slots); n < cap(s.slots) {
		s.slots = s.slots[:n+1]
		s.slots[n] = slot[K]{Entry: Entry[K]{Key: *key}, hash: h, pos: uint32(n)}
		s.heap = append(s.heap, uint32(n))
		s.rise(n)
		s.enter(h, n)
		return n
	}
	j := int(s.heap[0])
	e := &s.slots[j]
	s.leave(e.hash, j)
	e.Key, e.hash, e.Error = *key, h, e.Count
	s.enter(h, j)
	s.evicted++
	return j
}

// enter puts slot j into the index.
func (s *summary[K]) enter(h uint64, j int) {
	mask := uint64(len(s.index) - 1)
	i := h & mask
	for s.index[i] != 0 {
		i = (i + 1) & mask
	}
	s.index[i] = uint32(j) + 1
}

// leave takes slot j out of the index and closes the gap, so that every slot is
// still found on the way from its home (Knuth, TAOCP 3, §6.4, algorithm R).
func (s *summary[K]) leave(h uint64, j int) {
	mask := uint64(len(s.index) - 1)
	i := h & mask
	for s.index[i] != uint32(j)+1 {
		i = (i + 1) & mask
	}
	gap := i
	for {
		i = (i + 1) & mask
		if s.index[i] == 0 {
			break
		}
		home := s.slots[s.index[i]-1].hash & mask
		if (i-home)&mask >= (i-gap)&mask {
			s.index[gap] = s.index[i]
			gap = i
		}
	}
	s.index[gap] = 0
}

// sink restores the heap below position i, whose sum may have grown.
func (s *summary[K]) sink(i int) {
	for {
		c := 2*i + 1
		if c >= len(s.heap) {
			return
		}
		if c+1 < len(s.heap) && s.less(c+1, c) {
			c++
		}
		if !s.less(c, i) {
			return
		}
		s.swap(i, c)
		i = c
	}
}

// rise restores the heap above position i, which is new.
func (s *summary[K]) rise(i int) {
	for i > 0 {
		up := (i - 1) / 2
		if !s.less(i, up) {
			return
		}
		s.swap(i, up)
		i = up
	}
}

func (s *summary[K]) less(i, j int) bool {
	return s.slots[s.heap[i]].Count < s.slots[s.heap[j]].Count
}

func (s *summary[K]) swap(i, j int) {
	s.heap[i], s.heap[j] = s.heap[j], s.heap[i]
	s.slots[s.heap[i]].pos, s.slots[s.heap[j]].pos = uint32(i), uint32(j)
}

// save writes the slots and the heap; the index follows from the slots.
func (s *summary[K]) save(w *image.Writer) {
	w.Uint(uint64(len(s.slots)))
	w.Float(s.total)
	w.Uint(s.evicted)
	image.Put(w, s.slots)
	image.Put(w, s.heap)
}

// load reads them into a summary that is empty.
func (s *summary[K]) load(r *image.Reader) {
	n := r.Count(cap(s.slots))
	s.total, s.evicted = r.Float(), r.Uint()
	s.slots, s.heap = s.slots[:n], s.heap[:n]
	image.Get(r, s.slots)
	image.Get(r, s.heap)
	for i, j := range s.heap { // every slot stands once in the heap, where it says
		r.Refuse(int(j) < n && s.slots[min(int(j), n-1)].pos == uint32(i))
	}
	for j := range s.slots {
		r.Refuse(s.slots[j].Count >= 0)
		s.enter(s.slots[j].hash, j)
	}
}
