package timer

// The due heap: a binary heap of slots by (deadline, seq). Every node in it knows
// its position, so that a timer can be cancelled.

func (w *Wheel) less(a, b int32) bool {
	x, y := &w.nodes[a], &w.nodes[b]
	return x.deadline < y.deadline || x.deadline == y.deadline && x.seq < y.seq
}

// place writes slot s to position i.
func (w *Wheel) place(i int, s int32) {
	w.heap[i] = s
	w.nodes[s].next = int32(i)
}

func (w *Wheel) push(s int32) {
	w.heap = append(w.heap, s) // capacity is that of the slots
	w.nodes[s].where = inHeap
	w.up(len(w.heap)-1, s)
}

// remove takes the entry at position i out.
func (w *Wheel) remove(i int) {
	last := len(w.heap) - 1
	s := w.heap[last]
	w.heap = w.heap[:last]
	if i == last {
		return
	}
	if i > 0 && w.less(s, w.heap[(i-1)/2]) {
		w.up(i, s)
	} else {
		w.down(i, s)
	}
}

// up finds the place of s from position i towards the top.
func (w *Wheel) up(i int, s int32) {
	for i > 0 {
		parent := (i - 1) / 2
		if !w.less(s, w.heap[parent]) {
			break
		}
		w.place(i, w.heap[parent])
		i = parent
	}
	w.place(i, s)
}

// down finds the place of s from position i towards the leaves.
func (w *Wheel) down(i int, s int32) {
	for {
		child := 2*i + 1
		if child >= len(w.heap) {
			break
		}
		if r := child + 1; r < len(w.heap) && w.less(w.heap[r], w.heap[child]) {
			child = r
		}
		if !w.less(w.heap[child], s) {
			break
		}
		w.place(i, w.heap[child])
		i = child
	}
	w.place(i, s)
}
