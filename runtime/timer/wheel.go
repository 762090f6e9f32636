package timer

import "math/bits"

// Words. A tick is 2^16 ns (65.5 µs). A timer's tick is its deadline's, read as a
// number of eight digits of six bits. The wheel stands at tick cur. A timer whose
// tick is cur or earlier is in the due heap; any other is in the bucket (level,
// digit), where level is the highest digit in which its tick differs from cur
// and digit is that digit of its tick.
//
// Invariants. All timers of level l are due before those of level l+1, and within
// a level by digit, so the earliest bucket is found by two bit scans. The heap is
// ordered by (deadline, seq), so order is exact although buckets are coarse.
//
// Advancing. When the heap is empty and the earliest bucket has begun, cur jumps
// to the bucket's first tick, and its timers move to lower levels or to the heap:
// at most eight moves in a timer's life, however far time jumps.
//
// Source: G. Varghese and A. Lauck, "Hashed and Hierarchical Timing Wheels",
// SOSP 1987, scheme 7; the digits by highest difference are those of a radix heap
// (Ahuja et al. 1990).
const (
	tickBits  = 16
	digitBits = 6
	levels    = (64 - tickBits) / digitBits
	buckets   = 1 << digitBits
)

// Values of node.where besides buckets. A node that was never armed is zero: making a wheel
// writes none.
const (
	idle   = 0
	inHeap = -1
)

const none = -1 // end of a list

// node is one timer: 40 bytes.
type node struct {
	deadline   int64
	seq        uint64
	next, prev int32  // neighbours in the bucket; next is the heap position if where == inHeap
	where      int32  // 1 + bucket number, idle or inHeap
	root       uint32 // agenda's when it was armed
	armed      int64  // when, if by the handler of a timer; else 0
}

// Wheel holds up to one armed timer for each of a fixed number of slots. One
// writer. Nothing is allocated after NewWheel. Arm and Cancel take constant
// time, or logarithmic if the timer is due already.
type Wheel struct {
	cur    uint64 // tick
	used   [levels]uint64
	heads  [levels * buckets]int32
	nodes  []node
	heap   []int32
	armed  int
	maxSeq uint64
	agenda *Agenda
}

// NewWheel returns a wheel for slots 0 … capacity-1. Memory: see
// WheelBytes; the pages of slots that were never armed need not be there yet.
func NewWheel(capacity int) *Wheel {
	w := &Wheel{nodes: make([]node, capacity), heap: make([]int32, 0, capacity)}
	for i := range w.heads {
		w.heads[i] = none
	}
	return w
}

// Len returns the number of armed timers.
func (w *Wheel) Len() int { return w.armed }

// Cap returns the number of slots.
func (w *Wheel) Cap() int { return len(w.nodes) }

// Bytes returns the memory the wheel holds.
func (w *Wheel) Bytes() int64 { return WheelBytes(int64(len(w.nodes))) }

// WheelBytes is the memory that NewWheel would take, in bytes.
func WheelBytes(slots int64) int64 { return slots*44 + levels*buckets*4 }

// Deadline returns when the timer in slot is due, if it is armed.
func (w *Wheel) Deadline(slot int) (deadline int64, ok bool) {
	n := &w.nodes[slot]
	return n.deadline, n.where != idle
}

// Arm sets the timer in slot, or sets it anew. seq decides between equal
// deadlines; it comes from the agenda's Seq.
func (w *Wheel) Arm(slot int, deadline int64, seq uint64) {
	n := &w.nodes[slot]
	if n.where != idle {
		w.unlink(int32(slot), n)
	}
	w.armed++
	n.deadline, n.seq = deadline, seq
	w.maxSeq = max(w.maxSeq, seq)
	w.link(int32(slot), n)
	if a := w.agenda; a != nil {
		n.root, n.armed = a.root, a.at
		a.earliest = min(a.earliest, deadline)
	}
}

// Cancel stops the timer in slot and reports whether it was armed.
func (w *Wheel) Cancel(slot int) bool {
	n := &w.nodes[slot]
	if n.where == idle {
		return false
	}
	w.unlink(int32(slot), n)
	return true
}

// Resume arms the timer in slot as it was armed before it was cancelled, its place among
// equal deadlines included. Nothing else may have been done about the slot since.
func (w *Wheel) Resume(slot int) {
	n := &w.nodes[slot]
	w.armed++
	w.link(int32(slot), n)
	if a := w.agenda; a != nil {
		a.earliest = min(a.earliest, n.deadline)
	}
}

// Earliest returns a time before which no timer of the wheel is due; Never if none
// is armed.
func (w *Wheel) Earliest() int64 {
	if len(w.heap) > 0 {
		return w.nodes[w.heap[0]].deadline
	}
	if level, digit, ok := w.first(); ok {
		return timeOf(w.start(level, digit))
	}
	return Never
}

// Pop takes the earliest timer with deadline ≤ limit; its slot is free to be armed
// again.
func (w *Wheel) Pop(limit int64) (slot int, deadline int64, ok bool) {
	s := w.due(limit)
	if s < 0 {
		return 0, 0, false
	}
	n := &w.nodes[s]
	w.unlink(s, n)
	return int(s), n.deadline, true
}

// due returns the earliest timer with deadline ≤ limit, which is then at the top of
// the heap, or none.
func (w *Wheel) due(limit int64) int32 {
	limit = min(limit, Never-1)
	for len(w.heap) == 0 {
		level, digit, ok := w.first()
		if !ok || timeOf(w.start(level, digit)) > limit {
			w.cur = max(w.cur, tickOf(limit)) // later timers start on a low level
			return none
		}
		w.cascade(level, digit)
	}
	if s := w.heap[0]; w.nodes[s].deadline <= limit {
		return s
	}
	return none
}

// cascade moves to the first tick of a bucket and spreads the bucket.
func (w *Wheel) cascade(level, digit int) {
	w.cur = w.start(level, digit)
	b := level*buckets + digit
	s := w.heads[b]
	w.heads[b] = none
	w.used[level] &^= 1 << digit
	for s != none {
		n := &w.nodes[s]
		next := n.next
		w.link(s, n)
		s = next
	}
}

// first returns the earliest bucket.
func (w *Wheel) first() (level, digit int, ok bool) {
	for level := range w.used {
		if u := w.used[level]; u != 0 {
			return level, bits.TrailingZeros64(u), true
		}
	}
	return 0, 0, false
}

// start returns the first tick of a bucket.
func (w *Wheel) start(level, digit int) uint64 {
	shift := digitBits * level
	return w.cur>>(shift+digitBits)<<(shift+digitBits) | uint64(digit)<<shift
}

// tickOf and timeOf map the signed time to ticks that order alike.
func tickOf(t int64) uint64    { return (uint64(t) ^ 1<<63) >> tickBits }
func timeOf(tick uint64) int64 { return int64(tick<<tickBits ^ 1<<63) }

// link puts an unlinked timer where it belongs relative to cur.
func (w *Wheel) link(s int32, n *node) {
	tick := tickOf(n.deadline)
	if tick <= w.cur {
		w.push(s)
		return
	}
	level := (bits.Len64(tick^w.cur) - 1) / digitBits
	digit := int(tick>>(digitBits*level)) & (buckets - 1)
	b := level*buckets + digit
	head := w.heads[b]
	n.next, n.prev, n.where = head, none, int32(b+1)
	if head != none {
		w.nodes[head].prev = s
	}
	w.heads[b] = s
	w.used[level] |= 1 << digit
}

// unlink makes a timer idle.
func (w *Wheel) unlink(s int32, n *node) {
	w.armed--
	if n.where == inHeap {
		w.remove(int(n.next))
		n.where = idle
		return
	}
	if n.next != none {
		w.nodes[n.next].prev = n.prev
	}
	if n.prev != none {
		w.nodes[n.prev].next = n.next
	} else {
		b := n.where - 1
		if w.heads[b] = n.next; n.next == none {
			w.used[b/buckets] &^= 1 << (b % buckets)
		}
	}
	n.where = idle
}
