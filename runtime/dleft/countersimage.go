package dleft

import "github.com/streamon/streamon/runtime/image"

// Form implements program.Saver.
func (c *Counters) Form() string { return image.Form("counters", 1, len(c.buckets)) }

// Save implements program.Saver.
func (c *Counters) Save(w *image.Writer) {
	w.Uint(c.evicted)
	w.Uint(c.rejected)
	w.Uint(uint64(len(c.wide)))
	image.Put(w, c.wide)
	w.Uint(uint64(len(c.free)))
	image.Put(w, c.free)
	image.Put(w, c.buckets)
}

// Load implements program.Saver.
func (c *Counters) Load(r *image.Reader) error {
	c.evicted, c.rejected = r.Uint(), r.Uint()
	c.wide = make([]int64, r.Count(len(c.buckets)*countCells)) // there never are more than cells
	image.Get(r, c.wide)
	c.free = make([]int32, r.Count(len(c.wide)))
	image.Get(r, c.free)
	image.Get(r, c.buckets)
	owned := make([]bool, len(c.wide)) // by a cell or by the list of free ones
	own := func(at int32) {
		ok := at >= 0 && int(at) < len(owned) && !owned[at]
		if r.Refuse(ok); ok {
			owned[at] = true
		}
	}
	for _, at := range c.free {
		own(at)
	}
	for b := range c.buckets {
		k := &c.buckets[b]
		r.Refuse(k.flags&^(wideCells|spilled) == 0)
		for i, fp := range k.fp {
			if fp != 0 {
				c.n++
			}
			if k.flags>>i&1 != 0 {
				r.Refuse(fp != 0)
				own(k.v[i])
			}
		}
	}
	for _, is := range owned {
		r.Refuse(is)
	}
	return r.End()
}
