package capture

import (
	"github.com/streamon/streamon/runtime/packet"
)

// A run is records of a mapped file that follow each other. Whoever reads them only
// steps from one to the next; whoever decodes them reads their headers again. So what
// one processor hands to another is a line a batch, not one a packet, and neither of
// them waits for the other's cache. Its memory is not written to.
type run struct {
	form   form
	data   []byte      // from the first record on
	newest packet.Time // of all packets before
}

// form is how the records of a file are laid out. It does not change.
type form interface {
	// decode decodes the first records of a run, until batch has n packets. Of those that
	// are not wanted it notes the time.
	decode(r *run, dec *packet.Decoder, batch *packet.Batch, n int, want *Wanted)
}

// A runner is a source that may have records in runs.
type runner interface {
	// running returns the file being read, nil if it is none that has runs.
	running() stepper
}

// stepper is a file whose records may be stepped over.
type stepper interface {
	// begin returns the run that begins with the next record.
	begin() run
	// step steps over records, up to a batch of them. It ends before one that is no
	// packet or no whole one: that is left to Next.
	step(n *steps)
}

// steps is what was stepped over.
type steps struct {
	n      int         // records
	late   int64       // that were older than one before them
	newest packet.Time // of all packets up to there
}

// to counts a record.
func (n *steps) to(t packet.Time) {
	n.n++
	if t < n.newest {
		n.late++
	} else {
		n.newest = t
	}
}

// running is that of the source being read.
func (c *concatSource) running() stepper {
	if c.at < len(c.srcs) {
		if r, ok := c.srcs[c.at].(runner); ok {
			return r.running()
		}
	}
	return nil
}

// nextRun fills f with a run, if there is one.
func (b *Batcher) nextRun(f *Frames) bool {
	if b.runs == nil || !b.lasts || b.pace != nil || b.err != nil {
		return false
	}
	s := b.runs.running()
	if s == nil {
		return false
	}
	f.run = s.begin()
	f.run.newest = b.newest
	b.steps = steps{newest: b.newest}
	defer func() { // a fault ends the batch, see caught
		f.N, b.newest = b.steps.n, b.steps.newest
		b.late += b.steps.late
		if f.N == 0 {
			f.run = run{}
		}
	}()
	s.step(&b.steps)
	return b.steps.n > 0
}

func (s *pcapSource) running() stepper {
	if s.err != nil || !s.w.inMapping() {
		return nil
	}
	return s
}

func (s *pcapSource) begin() run { return run{form: &s.pcapForm, data: s.w.buf[s.w.lo:]} }

func (s *pcapSource) step(to *steps) {
	w, form := s.w, s.pcapForm
	for bytes := 0; to.n < packet.BatchSize && bytes < batchBytes; {
		rest := w.rest()
		if len(rest) < form.recBytes {
			if rest = w.look(form.recBytes); rest == nil {
				return
			}
		}
		n, _ := form.lengths(rest)
		if n > maxPacketBytes {
			return
		}
		end := form.recBytes + int(n)
		if len(rest) < end {
			if rest = w.look(end); rest == nil {
				return
			}
		}
		to.to(form.time(rest))
		bytes += int(n)
		w.skip(end)
		s.packets++
	}
}

func (form *pcapForm) decode(r *run, dec *packet.Decoder, batch *packet.Batch, n int, want *Wanted) {
	rest, newest := r.data, r.newest
	for ; batch.N < n; batch.N++ {
		length, wire := form.lengths(rest)
		newest = max(newest, form.time(rest))
		end := form.recBytes + int(length)
		p := &batch.Packets[batch.N]
		if want.has(batch.N) {
			dec.Decode(p, form.link, rest[form.recBytes:end:end], wire, newest)
			p.Iface = 0
		} else {
			p.Time, p.Has = newest, 0
		}
		rest = rest[end:]
	}
}

func (s *ngSource) running() stepper {
	if s.err != nil || !s.w.inMapping() {
		return nil
	}
	return s
}

func (s *ngSource) begin() run { return run{form: s.ngForm, data: s.w.buf[s.w.lo:]} }

func (s *ngSource) step(to *steps) {
	for bytes := 0; to.n < packet.BatchSize && bytes < batchBytes; {
		h := s.w.look(12)
		if h == nil || s.u32(h) != blockEnhanced {
			return
		}
		n := s.u32(h[4:])
		if n < 12 || n%4 != 0 || n > maxBlockBytes {
			return
		}
		b := s.w.look(int(n))
		if b == nil || s.u32(b[n-4:]) != n || s.packet(b, &s.frame) != "" {
			return
		}
		s.w.skip(len(b))
		s.packets++
		s.last = s.frame.Time
		to.to(s.last)
		bytes += len(s.frame.Data)
	}
}

func (form *ngForm) decode(r *run, dec *packet.Decoder, batch *packet.Batch, n int, want *Wanted) {
	rest, newest := r.data, r.newest
	var f Frame
	for ; batch.N < n; batch.N++ {
		b := rest[:form.u32(rest[4:])]
		form.packet(b, &f)
		newest = max(newest, f.Time)
		p := &batch.Packets[batch.N]
		if want.has(batch.N) {
			dec.Decode(p, f.Link, f.Data, f.WireLen, newest)
			p.Iface = f.Iface
		} else {
			p.Time, p.Has = newest, 0
		}
		rest = rest[len(b):]
	}
}
