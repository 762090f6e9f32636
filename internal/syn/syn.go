// Package syn makes synthetic captures whose truth is known, for the scenarios
// of the paper that no public capture holds.
//
// It owns the generators and the truth they write down while they generate. It
// shares no code with the probe: nothing here parses, keys or counts with the
// runtime, so that an error there cannot hide in the truth. One seed and one
// configuration give one file, byte for byte, on any machine; there is no clock
// and no other source of chance. Everything made here is named syn-… and says
// "synthetic", with its parameters, in the section header of its pcapng file.
//
// Figures are marked P (from the paper), L (from literature, not checked
// further) or A (assumed, to be varied in tests). Addresses inside are from
// 10.0.0.0/8; outside from the documentation and benchmark ranges and 2001:db8::/32.
//
//	trace, truth := syn.Conficker(syn.ConfickerConfig{Seed: 1})
//	trace.WriteTo(file)
//	fmt.Println(truth.Infected)
//
// The command in gen writes files: go run ./internal/syn/gen -o DIR [name…].
package syn

import (
	"bytes"
	"container/heap"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// Start is the time of t = 0 in every trace: a whole hour, so that windows and
// minutes begin with the trace.
var Start = time.Date(2012, 3, 1, 0, 0, 0, 0, time.UTC)

// Frame is one Ethernet frame.
type Frame struct {
	Time int64 // nanoseconds since the Unix epoch, never falling within a trace
	Data []byte
}

// Trace is a generated capture in memory.
type Trace struct {
	Name    string // begins with "syn-"
	Comment string // "synthetic", the name and the parameters
	Frames  []Frame
}

// WriteTo writes the trace as pcapng and returns the number of bytes.
func (t *Trace) WriteTo(w io.Writer) (int64, error) {
	c := &countingWriter{w: w}
	ng, err := newWriter(c, t.Comment)
	if err != nil {
		return c.n, err
	}
	for _, f := range t.Frames {
		if err := writeFrame(ng, f); err != nil {
			return c.n, err
		}
	}
	err = ng.Flush()
	return c.n, err
}

// Bytes returns the trace as a pcapng file.
func (t *Trace) Bytes() []byte {
	var b bytes.Buffer
	if _, err := t.WriteTo(&b); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func newWriter(w io.Writer, comment string) (*pcapgo.NgWriter, error) {
	return pcapgo.NewNgWriterInterface(w,
		pcapgo.NgInterface{Name: "syn", LinkType: layers.LinkTypeEthernet},
		pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{Application: "streamon syn", Comment: comment}})
}

func writeFrame(ng *pcapgo.NgWriter, f Frame) error {
	return ng.WritePacket(f.info(), f.Data)
}

// info describes the frame to a writer of files.
func (f Frame) info() gopacket.CaptureInfo {
	return gopacket.CaptureInfo{Timestamp: time.Unix(0, f.Time), CaptureLength: len(f.Data), Length: len(f.Data)}
}

// A model is one scenario with its parameters.
type model interface {
	name() string
	// run sets up the scenario in s, plays it, and returns the truth of it.
	run(s *sim) *Truth
}

// comment is what the section header says. The parameters are those of the
// configuration after defaults.
func comment(m model) string {
	params, err := json.Marshal(m)
	if err != nil {
		panic(err) // configurations hold numbers, strings and durations only
	}
	return fmt.Sprintf("synthetic; %s; %s", m.name(), params)
}

// generate plays m into memory.
func generate(m model) (*Trace, *Truth) {
	t := &Trace{Name: m.name(), Comment: comment(m)}
	truth := play(m, func(f Frame) { t.Frames = append(t.Frames, f) })
	return t, truth
}

// write plays m into a pcapng file, without keeping it in memory.
func write(m model, w io.Writer) (*Truth, error) {
	ng, err := newWriter(w, comment(m))
	if err != nil {
		return nil, err
	}
	truth := play(m, func(f Frame) {
		if err == nil {
			err = writeFrame(ng, f)
		}
	})
	if err == nil {
		err = ng.Flush()
	}
	return truth, err
}

func play(m model, out func(Frame)) *Truth {
	s := &sim{out: out}
	truth := m.run(s)
	truth.Name, truth.Synthetic, truth.Parameters = m.name(), true, m
	truth.Start, truth.Packets = Start, s.packets
	return truth
}

// A sim plays events in the order of time, and of scheduling among equals. Its
// frames come out in order, so a trace of any length needs little memory.
type sim struct {
	now     time.Duration // since Start
	packets int64
	out     func(Frame)
	queue   eventQueue
	seq     int64
}

// after schedules do at d from now.
func (s *sim) after(d time.Duration, do func()) {
	s.seq++
	heap.Push(&s.queue, event{s.now + d, s.seq, do})
}

// play runs until end; what is due then or later does not happen.
func (s *sim) play(end time.Duration) {
	for len(s.queue) > 0 && s.queue[0].at < end {
		e := heap.Pop(&s.queue).(event)
		s.now = e.at
		e.do()
	}
}

// send puts a frame on the wire now and returns its number, counted from 1 as
// tshark does.
func (s *sim) send(data []byte) int64 {
	s.packets++
	s.out(Frame{Start.UnixNano() + int64(s.now), data})
	return s.packets
}

type event struct {
	at  time.Duration
	seq int64
	do  func()
}

type eventQueue []event

func (q eventQueue) Len() int      { return len(q) }
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q eventQueue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].seq < q[j].seq
}
func (q *eventQueue) Push(x any) { *q = append(*q, x.(event)) }
func (q *eventQueue) Pop() any {
	old := *q
	e := old[len(old)-1]
	*q = old[:len(old)-1]
	return e
}

// A chance is the random source of one actor. Each has its own, so that a change
// to one does not move the others.
type chance struct{ *rand.Rand }

func newChance(seed uint64, actor int) chance {
	return chance{rand.New(rand.NewPCG(seed, uint64(actor)))}
}

// between draws from lo to hi, evenly.
func (c chance) between(lo, hi float64) float64 { return lo + (hi-lo)*c.Float64() }

// seconds draws a duration from lo to hi seconds, in whole microseconds.
func (c chance) seconds(lo, hi float64) time.Duration {
	return time.Duration(c.between(lo, hi)*1e6) * time.Microsecond
}

// gap draws the time to the next of rate events a second: evenly from half to
// one and a half times the mean, so that counts over a minute vary little.
func (c chance) gap(rate float64) time.Duration { return c.seconds(0.5/rate, 1.5/rate) }

// rtt is a round trip in a local network.
func (c chance) rtt() time.Duration { return c.seconds(0.0002, 0.002) }
