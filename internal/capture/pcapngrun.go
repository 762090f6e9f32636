package capture

import (
	"encoding/binary"
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
	last, alike := uint32(0), 0 // length of the block before, and how many had it
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
		if alike++; n != last {
			last, alike = n, 1
		}
		if alike >= manyAlike && left > 0 {
			left -= s.stepAlike(to, b, int(n), left)
			alike = 0
		}
	}
}

// stepAlike is step for blocks like the first of b, which has so many bytes and has been
// stepped over: of its interface, and as long as it is, and so are their packets. It goes up to
// one that is none or is older than the one before, and returns the bytes of their packets.
func (s *ngSource) stepAlike(to *steps, b []byte, size, left int) (bytes int) {
	le, i, length := binary.LittleEndian, &s.ifaces[s.u32(b[8:])], len(s.frame.Data)
	kind, id, captured, trailer := le.Uint64(b), le.Uint32(b[8:]), le.Uint32(b[20:]), le.Uint32(b[size-4:])
	rest := b[size:]
	most := to.room(rest, size, length, left)
	for k := range most {
		h := (*[24]byte)(rest)
		if le.Uint64(h[:]) != kind || le.Uint32(h[8:]) != id || le.Uint32(h[20:]) != captured || le.Uint32(rest[size-4:]) != trailer {
			return k * length
		}
		t := i.time(uint64(s.u32(h[12:]))<<32 | uint64(s.u32(h[16:])))
		if t < to.newest {
			return k * length
		}
		to.to(size, t)
		s.frame.Time = t
		rest = rest[size:]
	}
	return most * length
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
