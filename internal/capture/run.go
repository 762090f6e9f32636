package capture

import "github.com/streamon/streamon/runtime/packet"

// A run is records of a file that follow each other. Whoever reads them only
// steps from one to the next and notes where each begins, and its time; whoever decodes
// them reads their headers again. So what one processor hands to another is twelve bytes
// a packet, in order, not three lines of a decoded packet each, and neither of them
// waits for the other's cache. Its memory is not written to.
type run struct {
	form  form                          // nil = no run
	data  []byte                        // all of them
	block *block                        // it is in; nil = it stays anyhow
	at    [packet.BatchSize]uint32      // where in data each record begins
	times [packet.BatchSize]packet.Time // do not run back
}

// form is how the records of a file are laid out. It does not change.
type form interface {
	// plain returns a run as packets' own kernels take it, if it is laid out that way.
	plain(r *run) (_ packet.Records, ok bool)
	// decode decodes the records of another one that bits has, a bit each, from number from on, a
	// multiple of 64.
	decode(r *run, dec *packet.Decoder, batch *packet.Batch, from int, bits uint64)
}

// decode decodes those of the first n records of a run that are wanted.
func (r *run) decode(dec *packet.Decoder, batch *packet.Batch, n int, want *Wanted) {
	records, isPlain := r.form.plain(r)
	for from := 0; from < n; from += 64 {
		bits := want[from/64] & (^uint64(0) >> (64 - min(64, n-from)))
		if !isPlain {
			r.form.decode(r, dec, batch, from, bits)
			continue
		}
		dec.DecodeRecords(batch, &records, from, bits)
	}
	batch.N = n
}

// decodeHeads fills the heads of those of the first n records of a run, which is plain, that are wanted.
func (r *run) decodeHeads(dec *packet.Decoder, records *packet.Records, heads *packet.Heads, n int, want *Wanted) {
	for from := 0; from < n; from += 64 {
		bits := want[from/64] & (^uint64(0) >> (64 - min(64, n-from)))
		dec.DecodeHeads(heads, records, from, bits)
	}
	heads.N = n
}

// limit makes times of the first n records later than most that.
func (r *run) limit(n int, most packet.Time) {
	for i := n - 1; i >= 0 && r.times[i] > most; i-- {
		r.times[i] = most
	}
}

// A runner is a source that may have records in runs.
type runner interface {
	// running returns the file being read, nil if it is none that has runs.
	running() stepper
}

// stepper is a file whose records may be stepped over.
type stepper interface {
	// step steps over records, up to a batch of them, as far as they are there: it reads on for
	// the first one only. It ends before one that is no packet or no whole one: that is left
	// to Next. The source stays where it is.
	step(to *steps)
	// over moves the source behind what was stepped over, of which there is some. It returns
	// how that is laid out, its bytes, and the block that they are in, with a user more.
	over(by *steps) (form, []byte, *block)
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

// room is how many records of so many bytes rest has and may be stepped over, if that many
// bytes of packets are left for the batch and length of each record are its packet's.
func (n *steps) room(rest []byte, size, length, left int) int {
	most := packet.BatchSize - n.n
	if length*most > left {
		most = (left + length - 1) / length
	}
	if size*most > len(rest) {
		most = len(rest) / size
	}
	return most
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
	b.steps = steps{run: &f.run, newest: b.newest}
	s.step(&b.steps)
	if b.steps.n == 0 {
		return false
	}
	f.run.form, f.run.data, f.run.block = s.over(&b.steps)
	f.N, b.newest = b.steps.n, b.steps.newest
	b.late += b.steps.late
	return true
}
