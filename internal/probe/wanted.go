package probe

import "slices"

// wanting is what Options.Wanted was told.
type wanting struct {
	filters []string // of the programs
	isOpen  bool     // it was told of all packets, and is to be told of the filters …
	since   uint64   // … when more than so many batches were shown
}

// want asks for all packets if programs came or went that want others than those before.
func (p *Probe) want() {
	if p.opt.Wanted == nil {
		return
	}
	var filters []string
	for _, in := range p.line {
		filters = append(filters, in.info.Manifest.Wanted)
	}
	if w := &p.wanting; w.filters == nil || !slices.Equal(filters, w.filters) {
		*w = wanting{append([]string{}, filters...), true, p.shown()}
		p.opt.Wanted(nil)
	}
}

// settle is called between two batches: once the programs were shown packets they need no
// others than they want.
func (p *Probe) settle() {
	w := &p.wanting
	if !w.isOpen || p.shown() == w.since {
		return
	}
	w.isOpen = false
	// Without programs packets are counted, and some programs want them all.
	if len(w.filters) > 0 && !slices.Contains(w.filters, "") {
		p.opt.Wanted(w.filters)
	}
}

// shown is the number of batches that were shown to programs.
func (p *Probe) shown() uint64 {
	if p.crew != nil {
		return p.crew.ring.written.n.Load()
	}
	return p.batches
}
