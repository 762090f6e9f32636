package capture

import (
	mathbits "math/bits"

	"github.com/streamon/streamon/runtime/packet"
)

// Blocks of pcapng files in runs.

func (s *ngSource) running() stepper {
	if s.err != nil || !s.w.inMapping() {
		return nil
	}
	return s
}

func (s *ngSource) begin() (form, []byte) { return s.ngForm, s.w.buf[s.w.lo:] }

func (s *ngSource) step(to *steps) {
	for left := batchBytes; to.n < packet.BatchSize && left > 0; {
		h := s.w.lookAt(to.end, 12)
		if h == nil || s.u32(h) != blockEnhanced {
			return
		}
		n := s.u32(h[4:])
		if n < 12 || n%4 != 0 || n > maxBlockBytes {
			return
		}
		b := s.w.lookAt(to.end, int(n))
		if b == nil || s.u32(b[n-4:]) != n || s.packet(b[:n], &s.frame) != "" {
			return
		}
		to.to(int(n), s.frame.Time)
		left -= len(s.frame.Data)
	}
}

func (s *ngSource) over(by *steps) {
	s.w.pass(by.end)
	s.w.asked = s.isPlain() && packet.AsksAhead(s.ifaces[0].link, uint16(s.base)) && isDense(by.n, by.end)
	s.packets += int64(by.n)
	if by.n > 0 {
		s.last = s.frame.Time
	}
}

// isPlain reports whether the blocks of packets are laid out as those of pcap are.
func (form *ngForm) isPlain() bool { return !form.swapped && len(form.ifaces) == 1 }

func (form *ngForm) plain(r *run) (_ packet.Records, ok bool) {
	if !form.isPlain() {
		return packet.Records{}, false
	}
	return packet.Records{Data: r.data, Head: 28, At: &r.at, Times: &r.times, Link: form.ifaces[0].link, Iface: uint16(form.base)}, true
}

func (form *ngForm) decode(r *run, dec *packet.Decoder, batch *packet.Batch, from int, bits uint64) {
	var f Frame
	for ; bits != 0; bits &= bits - 1 {
		i := from + mathbits.TrailingZeros64(bits)
		batch.N = i
		rec := r.data[r.at[i]:]
		form.packet(rec[:form.u32(rec[4:])], &f)
		p := &batch.Packets[i]
		dec.Decode(p, f.Link, f.Data, f.WireLen, r.times[i])
		p.Iface = f.Iface
	}
}
