package probe

import "time"

// Words. Every sampleEvery-th batch is *sampled*: the clock is read before and after
// each program is shown it. A program's cost is the time of its sampled batches by the
// packets in them. With several workers it is the sum over the shards, with what
// steering took, and with the time that shards waited for each other.

// sampleEvery is the number of batches of which one is timed. Two readings of the
// clock take some 100 ns, a batch of 256 packets some 10 to 100 µs.
const sampleEvery = 16

// Cost is what a program takes of the processor, measured on the wall clock: no two
// runs agree.
type Cost struct {
	NsPerPacket float64 `json:"ns_per_packet"`
	Sampled     uint64  `json:"sampled"` // batches that were timed
	Share       float64 `json:"share"`   // of what all programs together take, 0 to 1
}

// meter sums up sampled batches. One writer; each shard has its own, so the numbers
// of a busy worker are on no line that another one writes.
type meter struct {
	ns, packets, batches uint64
	_                    [40]byte
}

// add counts a batch of n packets that was begun at that moment.
func (m *meter) add(begun moment, n int) {
	m.ns += uint64(now() - begun)
	m.packets += uint64(n)
	m.batches++
}

// perPacket returns nanoseconds, 0 if nothing was measured.
func (m *meter) perPacket() float64 {
	if m.packets == 0 {
		return 0
	}
	return float64(m.ns) / float64(m.packets)
}

// moment is a reading of the monotonic clock, in nanoseconds since clockOrigin.
type moment int64

var clockOrigin = time.Now()

// now reads the clock. Tests have another.
var now = func() moment { return moment(time.Since(clockOrigin)) }

// nsPerPacket is what the program takes on all workers together.
func (in *instance) nsPerPacket() float64 {
	var steering meter
	ns := 0.0
	for _, s := range in.shards {
		ns += s.cost.perPacket()
		steering.ns += s.steering.ns
		steering.packets += s.steering.packets
	}
	return ns + steering.perPacket()
}

// account adds to a report what the program takes.
func (p *Probe) account(r *Program, in *instance) {
	for i := range r.Memory {
		r.MemoryBytes += r.Memory[i].Bytes
	}
	r.Cost = &Cost{NsPerPacket: in.nsPerPacket(), Sampled: in.shards[0].cost.batches}
	var all float64
	for _, o := range p.programs {
		if o.stopped == nil {
			all += o.nsPerPacket()
		}
	}
	if all > 0 && in.stopped == nil {
		r.Cost.Share = r.Cost.NsPerPacket / all
	}
}
