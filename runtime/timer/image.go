package timer

import "github.com/streamon/streamon/runtime/image"

// Form implements program.Saver.
func (w *Wheel) Form() string { return image.Form("wheel", 1, len(w.nodes)) }

// Save implements program.Saver: it writes the armed timers. Where each of them is in the
// wheel follows from its deadline and from where the wheel stands.
func (w *Wheel) Save(to *image.Writer) {
	to.Uint(w.cur)
	to.Uint(w.maxSeq)
	to.Uint(uint64(w.armed))
	for s := range w.nodes {
		n := &w.nodes[s]
		if n.where == idle {
			continue
		}
		to.Uint(uint64(s))
		to.Int(n.deadline)
		to.Uint(n.seq)
		to.Uint(uint64(n.root))
		to.Int(n.armed)
	}
}

// Read is Load for whoever has more to read after it.
func (w *Wheel) Read(r *image.Reader) {
	w.cur, w.maxSeq = r.Uint(), r.Uint()
	r.Refuse(w.cur>>(levels*digitBits) == 0)
	for range r.Count(len(w.nodes)) {
		s := int(min(r.Uint(), uint64(len(w.nodes))))
		deadline, seq, root, armed := r.Int(), r.Uint(), r.Uint(), r.Int()
		r.Refuse(s < len(w.nodes) && w.nodes[min(s, len(w.nodes)-1)].where == idle && seq <= w.maxSeq && root>>32 == 0)
		if r.Err() != nil {
			return
		}
		n := &w.nodes[s]
		n.deadline, n.seq, n.root, n.armed = deadline, seq, uint32(root), armed
		w.armed++
		w.link(int32(s), n)
	}
}

// Load implements program.Saver.
func (w *Wheel) Load(r *image.Reader) error {
	w.Read(r)
	return r.End()
}
