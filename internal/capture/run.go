package capture

import (
	"encoding/binary"
	mathbits "math/bits"

	"github.com/streamon/streamon/runtime/packet"
)

// A run is records of a mapped file that follow each other. Whoever reads them only
// steps from one to the next and notes where each begins, and its time; whoever decodes
// them reads their headers again. So what one processor hands to another is twelve bytes
// a packet, in order, not three lines of a decoded packet each, and neither of them
// waits for the other's cache. Its memory is not written to.
type run struct {
	form  form                          // nil = no run
	data  []byte                        // from the first record on
	at    [packet.BatchSize]uint32      // where in data each record begins
	times [packet.BatchSize]packet.Time // do not run back
	n     int                           // records
	size  int                           // bytes of all of them
}

// form is how the records of a file are laid out. It does not change.
type form interface {
	// decode decodes the records of a run that bits has, a bit each, from number from on, a
	// multiple of 64. If one cannot be read those before number batch.N are decoded; singly, up
	// to that one.
	decode(r *run, dec *packet.Decoder, batch *packet.Batch, from int, bits uint64, singly bool)
	// plain returns a run as packets' own kernels take it, if it is laid out that way.
	plain(r *run) (_ packet.Records, ok bool)
}

// decode decodes those of the first n records of a run that are wanted. Up to where it came
// is batch.N, to be sure if it goes singly.
func (r *run) decode(dec *packet.Decoder, batch *packet.Batch, n int, want *Wanted, singly bool) {
	for from := 0; from < n; from += 64 {
		all := ^uint64(0) >> (64 - min(64, n-from))
		r.form.decode(r, dec, batch, from, want[from/64]&all, singly)
	}
	batch.N = n
}

// decodeHeads fills the heads of all records of a run that is plain.
func (r *run) decodeHeads(dec *packet.Decoder, records *packet.Records, heads *packet.Heads) {
	for from := 0; from < r.n; from += 64 {
		bits := ^uint64(0) >> (64 - min(64, r.n-from))
		records.Soon = r.soon(from, bits)
		dec.DecodeHeads(heads, records, from, bits)
	}
}

// limit makes times later than most that.
func (r *run) limit(most packet.Time) {
	for i := r.n - 1; i >= 0 && r.times[i] > most; i-- {
		r.times[i] = most
	}
}

// sparseBytes is the length of records from which on the lines of their headers are too
// few of all to be worth asking for all while decoding.
const sparseBytes = 192

// isDense reports whether the bytes of records, so many in n, are worth asking for.
func isDense(n, size int) bool { return size <= n*sparseBytes }

// soon is the memory to ask for while records of a chunk are decoded, if all of them are: a
// piece of the batch after the next, which is taken to be of this one's size. The next one
// was asked for with the last.
func (r *run) soon(from int, bits uint64) []byte {
	if n := min(64, r.n-from); isDense(r.n, r.size) && mathbits.OnesCount64(bits) == n {
		place := func(i int) int { return min(2*r.size+r.size*i/r.n, len(r.data)) }
		return r.data[place(from):place(from+n)]
	}
	return nil
}

// A runner is a source that may have records in runs.
type runner interface {
	// running returns the file being read, nil if it is none that has runs.
	running() stepper
}

// stepper is a file whose records may be stepped over.
type stepper interface {
	// begin returns the records' form, and the bytes from the next one on.
	begin() (form, []byte)
	// step steps over records, up to a batch of them. It ends before one that is no
	// packet or no whole one: that is left to Next. The source stays where it is.
	step(to *steps)
	// over moves the source behind what was stepped over.
	over(by *steps)
}

// steps is what was stepped over. Whoever steps is behind the last record only when it
// is done: see over.
type steps struct {
	run    *run
	n      int         // records
	end    int         // of the last one, in the run
	late   int64       // that were older than one before them
	newest packet.Time // of all packets up to there
}

// to counts the next record, which is of so many bytes.
func (n *steps) to(bytes int, t packet.Time) {
	if t < n.newest {
		n.late++
	} else {
		n.newest = t
	}
	n.run.at[n.n], n.run.times[n.n] = uint32(n.end), n.newest
	n.n++
	n.end += bytes
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
	if b.runs == nil || b.err != nil {
		return false
	}
	s := b.runs.running()
	if s == nil {
		return false
	}
	claim(&f.run)
	f.run.form, f.run.data = s.begin()
	b.steps = steps{run: &f.run, newest: b.newest}
	defer func() { // a fault ends the batch, see caught
		s.over(&b.steps)
		f.N, b.newest = b.steps.n, b.steps.newest
		f.run.n, f.run.size = b.steps.n, b.steps.end
		b.late += b.steps.late
		if f.N == 0 {
			f.run.form = nil
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

func (s *pcapSource) begin() (form, []byte) { return s.pcapForm, s.w.buf[s.w.lo:] }

func (s *pcapSource) step(to *steps) {
	form, left := *s.pcapForm, batchBytes
	for rest := s.w.rest(); to.n < packet.BatchSize && left > 0; {
		if form.isPlain() {
			if rest = form.stepPlain(to, rest, &left); to.n == packet.BatchSize || left <= 0 {
				return
			}
		}
		if len(rest) < form.recBytes {
			if rest = s.w.lookAt(to.end, form.recBytes); rest == nil {
				return
			}
		}
		n, _ := form.lengths(rest)
		if n > maxPacketBytes {
			return
		}
		end := form.recBytes + int(n)
		if len(rest) < end {
			if rest = s.w.lookAt(to.end, end); rest == nil {
				return
			}
		}
		to.to(end, form.time(rest))
		left -= int(n)
		rest = rest[end:]
	}
}

// isPlain reports whether records are those of a file that today's writers make on x86 and
// ARM: nothing has to be turned round.
func (form *pcapForm) isPlain() bool {
	return !form.swapped && form.recBytes == plainBytes && form.minor > 3
}

// plainBytes is the length of a plain record's header.
const plainBytes = 16

// stepPlain is step for plain records, up to one that is not there in whole or is longer
// than any may be. It returns what comes after them, and takes their bytes from left. It
// keeps counts in registers; to has them too all the while, should memory not be there.
func (form *pcapForm) stepPlain(to *steps, rest []byte, left *int) []byte {
	run, n, end, newest, late, bytes, fracNS := to.run, to.n, to.end, to.newest, to.late, *left, form.fracNS
	last, alike := 0, 0 // length of the record before, and how many had it
	for n < packet.BatchSize && bytes > 0 && len(rest) >= plainBytes {
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
			late++
			to.late = late
		}
		newest = t
		run.at[n&(packet.BatchSize-1)], run.times[n&(packet.BatchSize-1)] = uint32(end), t
		n++
		end += size
		bytes -= int(length)
		to.n, to.end, to.newest = n, end, newest
		rest = rest[size:]
		if alike++; size != last {
			last, alike = size, 1
		}
		if alike >= manyAlike && bytes > 0 {
			form.stepAlike(to, rest, size, bytes)
			k := to.n - n
			n, end, newest = to.n, to.end, to.newest
			bytes -= k * int(length)
			rest = rest[k*size:]
			alike = 0
		}
	}
	*left = bytes
	return rest
}

// manyAlike is how many records of one length promise another one.
const manyAlike = 4

// stepAlike is stepPlain for records of so many bytes, up to another, or one that is older
// than the one before.
//
// Where a record begins is known when the length of the one before has come from memory,
// so they wait for each other. These are looked at where they begin if they are all alike.
func (form *pcapForm) stepAlike(to *steps, rest []byte, size, left int) {
	run, n, end, newest, fracNS := to.run, to.n, to.end, to.newest, form.fracNS
	length := size - plainBytes
	stop := packet.BatchSize
	if length > 0 {
		stop = min(stop, n+(left+length-1)/length)
	}
	for ; n < stop && len(rest) >= size && len(rest) >= plainBytes; rest = rest[size:] {
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
	}
}

func (s *pcapSource) over(by *steps) {
	s.w.pass(by.end)
	s.w.asked = s.isPlain() && packet.AsksAhead(s.link, 0) && isDense(by.n, by.end)
	s.packets += int64(by.n)
}

func (form *pcapForm) plain(r *run) (_ packet.Records, ok bool) {
	if !form.isPlain() {
		return packet.Records{}, false
	}
	return packet.Records{Data: r.data, Head: plainBytes, At: &r.at, Times: &r.times, Link: form.link}, true
}

func (form *pcapForm) decode(r *run, dec *packet.Decoder, batch *packet.Batch, from int, bits uint64, singly bool) {
	if records, ok := form.plain(r); ok {
		records.Soon, records.Singly = r.soon(from, bits), singly
		dec.DecodeRecords(batch, &records, from, bits)
		return
	}
	for ; bits != 0; bits &= bits - 1 {
		i := from + mathbits.TrailingZeros64(bits)
		batch.N = i
		rec := r.data[r.at[i]:]
		length, wire := form.lengths(rec)
		end := form.recBytes + int(length)
		p := &batch.Packets[i]
		dec.Decode(p, form.link, rec[form.recBytes:end:end], wire, r.times[i])
		p.Iface = 0
	}
}

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

func (form *ngForm) decode(r *run, dec *packet.Decoder, batch *packet.Batch, from int, bits uint64, singly bool) {
	if records, ok := form.plain(r); ok {
		records.Soon, records.Singly = r.soon(from, bits), singly
		dec.DecodeRecords(batch, &records, from, bits)
		return
	}
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
