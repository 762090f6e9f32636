package capture

import (
	"encoding/binary"
	mathbits "math/bits"

	"github.com/streamon/streamon/runtime/packet"
)

// Blocks of pcapng files in runs.

func (s *ngSource) running() stepper {
	if s.err != nil || !s.w.isFile {
		return nil
	}
	return s
}

func (s *ngSource) step(to *steps) {
	if !s.isThere() {
		return
	}
	last, alike := uint32(0), 0 // length of the block before, and how many had it
	rest := s.w.rest()
	for left := batchBytes; to.n < packet.BatchSize && left > 0 && len(rest) >= 12; {
		n := s.u32(rest[4:])
		if !s.mayBePacket(rest) || len(rest) < int(n) || s.u32(rest[n-4:]) != n || s.packet(rest[:n], &s.frame) != "" {
			return
		}
		to.to(int(n), s.frame.Time)
		left -= len(s.frame.Data)
		if alike++; n != last {
			last, alike = n, 1
		}
		before := to.end
		if alike >= manyAlike && left > 0 {
			left -= s.stepAlike(to, rest, int(n), left)
			alike = 0
		}
		rest = rest[int(n)+to.end-before:]
	}
}

// isThere reads until the next block is there, if it may be that of a packet.
func (s *ngSource) isThere() bool {
	h, ok := s.w.peek(12)
	if !ok || !s.mayBePacket(h) {
		return false
	}
	_, ok = s.w.peek(int(s.u32(h[4:])))
	return ok
}

// mayBePacket reports whether a block begins as one that is stepped over.
func (form *ngForm) mayBePacket(h []byte) bool {
	n := form.u32(h[4:])
	return form.u32(h) == blockEnhanced && n >= 12 && n%4 == 0 && n <= maxBlockBytes
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

func (s *ngSource) over(by *steps) (form, []byte, *block) {
	s.packets += int64(by.n)
	s.last = s.frame.Time
	data, block := s.w.lend(by.end)
	return s.ngForm, data, block
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
		rec := r.data[r.at[i]:]
		form.packet(rec[:form.u32(rec[4:])], &f)
		p := &batch.Packets[i]
		dec.Decode(p, f.Link, f.Data, f.WireLen, r.times[i])
		p.Iface = f.Iface
	}
}
