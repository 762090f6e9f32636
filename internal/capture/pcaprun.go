package capture

import (
	"encoding/binary"
	mathbits "math/bits"

	"github.com/streamon/streamon/runtime/packet"
)

// Records of classic pcap files in runs.

func (s *pcapSource) running() stepper {
	if s.err != nil || !s.w.isFile {
		return nil
	}
	return s
}

func (s *pcapSource) step(to *steps) {
	form, left := *s.pcapForm, batchBytes
	if !s.isThere(&form) {
		return
	}
	rest := s.w.rest()
	if form.isPlain() {
		form.stepPlain(to, rest, left)
		return
	}
	for to.n < packet.BatchSize && left > 0 && len(rest) >= form.recBytes {
		n, _ := form.lengths(rest)
		end := form.recBytes + int(n)
		if n > maxPacketBytes || len(rest) < end {
			return
		}
		to.to(end, form.time(rest))
		left -= int(n)
		rest = rest[end:]
	}
}

// isThere reads until the next record is there, if there is one.
func (s *pcapSource) isThere(form *pcapForm) bool {
	h, ok := s.w.peek(form.recBytes)
	if !ok {
		return false
	}
	n, _ := form.lengths(h)
	if n > maxPacketBytes {
		return false
	}
	_, ok = s.w.peek(form.recBytes + int(n))
	return ok
}

// isPlain reports whether records are those of a file that today's writers make on x86 and
// ARM: nothing has to be turned round.
func (form *pcapForm) isPlain() bool {
	return !form.swapped && form.recBytes == plainBytes && form.minor > 3
}

// plainBytes is the length of a plain record's header.
const plainBytes = 16

// stepPlain is step for plain records, up to one that is not there in whole or is longer
// than any may be, of at most so many bytes.
func (form *pcapForm) stepPlain(to *steps, rest []byte, left int) {
	run, n, end, newest, fracNS := to.run, to.n, to.end, to.newest, form.fracNS
	last, alike := 0, 0 // length of the record before, and how many had it
	for n < packet.BatchSize && left > 0 && len(rest) >= plainBytes {
		h := (*[plainBytes]byte)(rest)
		length := binary.LittleEndian.Uint32(h[8:])
		if length > maxPacketBytes {
			break
		}
		size := plainBytes + int(length)
		if len(rest) < size {
			break
		}
		x := binary.LittleEndian.Uint64(h[:])
		t := packet.Time(uint32(x))*1e9 + packet.Time(x>>32)*fracNS
		if t < newest {
			t = newest
			to.late++
		}
		newest = t
		run.at[n&(packet.BatchSize-1)], run.times[n&(packet.BatchSize-1)] = uint32(end), t
		n++
		end += size
		left -= int(length)
		rest = rest[size:]
		if alike++; size != last {
			last, alike = size, 1
		}
		if alike >= manyAlike && left > 0 {
			to.n, to.end, to.newest = n, end, newest
			form.stepAlike(to, rest, size, left)
			k := to.n - n
			n, end, newest = to.n, to.end, to.newest
			left -= k * int(length)
			rest = rest[k*size:]
			alike = 0
		}
	}
	to.n, to.end, to.newest = n, end, newest
}

// manyAlike is how many records of one length promise another one.
const manyAlike = 4

// stepAlike is stepPlain for records of so many bytes, up to another, or one that is older
// than the one before.
//
// Where a record begins is known when the length of the one before has come from memory,
// so they wait for each other. These are looked at where they begin if they are all alike:
// four at a time by a kernel, if there is one.
func (form *pcapForm) stepAlike(to *steps, rest []byte, size, left int) {
	most := to.room(rest, size, size-plainBytes, left)
	n := form.stepFours(to, rest, size, most/4)
	form.stepOnes(to, rest[n*size:], size, most-n)
}

// stepOnes is stepAlike for so many records at most, one after the other. They are there, and
// to has room for them.
func (form *pcapForm) stepOnes(to *steps, rest []byte, size, most int) {
	run, n, end, newest, fracNS := to.run, to.n, to.end, to.newest, form.fracNS
	length := size - plainBytes
	for ; most > 0; most-- {
		h := (*[plainBytes]byte)(rest)
		x := binary.LittleEndian.Uint64(h[:])
		t := packet.Time(uint32(x))*1e9 + packet.Time(x>>32)*fracNS
		if int(binary.LittleEndian.Uint32(h[8:])) != length || t < newest {
			return
		}
		newest = t
		run.at[n&(packet.BatchSize-1)], run.times[n&(packet.BatchSize-1)] = uint32(end), t
		n++
		end += size
		to.n, to.end, to.newest = n, end, newest
		rest = rest[size:]
	}
}

func (s *pcapSource) over(by *steps) (form, []byte, *block) {
	s.packets += int64(by.n)
	data, block := s.w.lend(by.end)
	return s.pcapForm, data, block
}

func (form *pcapForm) plain(r *run) (_ packet.Records, ok bool) {
	if !form.isPlain() {
		return packet.Records{}, false
	}
	return packet.Records{Data: r.data, Head: plainBytes, At: &r.at, Times: &r.times, Link: form.link}, true
}

func (form *pcapForm) decode(r *run, dec *packet.Decoder, batch *packet.Batch, from int, bits uint64) {
	for ; bits != 0; bits &= bits - 1 {
		i := from + mathbits.TrailingZeros64(bits)
		rec := r.data[r.at[i]:]
		length, wire := form.lengths(rec)
		end := form.recBytes + int(length)
		p := &batch.Packets[i]
		dec.Decode(p, form.link, rec[form.recBytes:end:end], wire, r.times[i])
		p.Iface = 0
	}
}
