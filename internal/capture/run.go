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
	// decode decodes the first records of a run, until batch has n packets.
	decode(r *run, dec *packet.Decoder, batch *packet.Batch, n int)
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
	// step steps over the next record and returns the time and the length of its
	// packet. It reports false if there is none, or no packet in it, or no
	// whole one: that is left to Next.
	step() (t packet.Time, bytes int, ok bool)
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
	for bytes := 0; f.N < packet.BatchSize && bytes < batchBytes; f.N++ {
		t, n, ok := s.step()
		if !ok {
			break
		}
		bytes += n
		if t < b.newest {
			b.late++
		} else {
			b.newest = t
		}
	}
	if f.N == 0 {
		f.run = run{}
	}
	return f.N > 0
}

func (s *pcapSource) running() stepper {
	if s.err != nil || !s.w.inMapping() {
		return nil
	}
	return s
}

func (s *pcapSource) begin() run { return run{form: &s.pcapForm, data: s.w.buf[s.w.lo:]} }

func (s *pcapSource) step() (t packet.Time, bytes int, ok bool) {
	h, ok := s.w.look(s.recBytes)
	if !ok {
		return 0, 0, false
	}
	n, _ := s.lengths(h)
	if n > maxPacketBytes {
		return 0, 0, false
	}
	rec, ok := s.w.look(s.recBytes + int(n))
	if !ok {
		return 0, 0, false
	}
	s.w.skip(len(rec))
	s.packets++
	return s.time(rec), int(n), true
}

func (form *pcapForm) decode(r *run, dec *packet.Decoder, batch *packet.Batch, n int) {
	rest, newest := r.data, r.newest
	for ; batch.N < n; batch.N++ {
		length, wire := form.lengths(rest)
		newest = max(newest, form.time(rest))
		end := form.recBytes + int(length)
		p := &batch.Packets[batch.N]
		dec.Decode(p, form.link, rest[form.recBytes:end:end], wire, newest)
		p.Iface = 0
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

func (s *ngSource) step() (t packet.Time, bytes int, ok bool) {
	h, ok := s.w.look(12)
	if !ok || s.u32(h) != blockEnhanced {
		return 0, 0, false
	}
	n := s.u32(h[4:])
	if n < 12 || n%4 != 0 || n > maxBlockBytes {
		return 0, 0, false
	}
	b, ok := s.w.look(int(n))
	if !ok || s.u32(b[n-4:]) != n || s.packet(b, &s.frame) != "" {
		return 0, 0, false
	}
	s.w.skip(len(b))
	s.packets++
	s.last = s.frame.Time
	return s.frame.Time, len(s.frame.Data), true
}

func (form *ngForm) decode(r *run, dec *packet.Decoder, batch *packet.Batch, n int) {
	rest, newest := r.data, r.newest
	var f Frame
	for ; batch.N < n; batch.N++ {
		b := rest[:form.u32(rest[4:])]
		form.packet(b, &f)
		newest = max(newest, f.Time)
		p := &batch.Packets[batch.N]
		dec.Decode(p, f.Link, f.Data, f.WireLen, newest)
		p.Iface = f.Iface
		rest = rest[len(b):]
	}
}
