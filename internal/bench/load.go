package bench

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
)

// Parameters of the synthetic trace. MeanBytes and Hosts are the paper's (§V-B);
// flows and their distribution are those of the kernel.
const (
	MeanBytes = 632.82
	Hosts     = 31_827
	Flows     = 300_000
	WideFlows = 2_000_000                 // of the load that does not fit any cache
	spacing   = 10_000                    // ns of packet time between two packets
	start     = 1_330_560_000_000_000_000 // 2012-03-01, a whole hour
)

// Load is traffic in memory: frames one after the other, with their times.
type Load struct {
	Name  string
	Mean  float64 // bytes on the wire, mean
	Link  packet.LinkType
	data  []byte
	ends  []int // of each frame in data
	wire  []uint32
	times []packet.Time
}

// Packets is the number of frames.
func (l *Load) Packets() int { return len(l.ends) }

// frame is frame i.
func (l *Load) frame(i int) []byte {
	from := 0
	if i > 0 {
		from = l.ends[i-1]
	}
	return l.data[from:l.ends[i]:l.ends[i]]
}

func (l *Load) add(t packet.Time, data []byte, wire uint32) {
	l.data = append(l.data, data...)
	l.ends, l.wire, l.times = append(l.ends, len(l.data)), append(l.wire, wire), append(l.times, t)
	l.Mean += (float64(wire) - l.Mean) / float64(len(l.ends))
}

// Synthetic makes n TCP packets with the paper's mean length between the paper's
// number of hosts, in flows whose sizes follow Zipf's law. Frames are cut after the
// headers. The same seed gives the same packets.
func Synthetic(n int, seed uint64) *Load {
	return synthetic("syn-load", n, Flows, seed, zipf)
}

// Uniform is Synthetic with two million flows that are all alike likely.
func Uniform(n int, seed uint64) *Load {
	return synthetic("syn-load-uniform", n, WideFlows, seed, func(u float64) int { return min(int(u*WideFlows), WideFlows-1) })
}

// synthetic draws each packet's flow by pick, which maps a number in [0, 1) to it.
func synthetic(name string, n, count int, seed uint64, pick func(u float64) int) *Load {
	r := rand.New(rand.NewPCG(seed, 0))
	type flow struct {
		src, dst     uint32
		sport, dport uint16
	}
	flows := make([]flow, count)
	for i := range flows {
		flows[i] = flow{uint32(r.IntN(Hosts)) * 2654435761, uint32(r.IntN(Hosts)) * 2654435761, uint16(1024 + r.IntN(60000)), uint16(r.IntN(1000))}
	}
	l := &Load{Name: name, Link: packet.LinkEthernet}
	l.data = make([]byte, 0, 54*n)
	head := [54]byte{12: 8, 14: 0x45, 22: 64, 23: 6, 46: 0x50, 47: 0x10, 48: 0xff}
	for i := range n {
		f := &flows[pick(r.Float64())]
		wire := 60 + r.IntN(1146) // 60 … 1205, mean 632.5; one packet in 3 is a byte longer
		if i%3 == 0 {
			wire++
		}
		binary.BigEndian.PutUint16(head[16:], uint16(wire-14))
		binary.LittleEndian.PutUint32(head[26:], f.src)
		binary.LittleEndian.PutUint32(head[30:], f.dst)
		binary.BigEndian.PutUint16(head[34:], f.sport)
		binary.BigEndian.PutUint16(head[36:], f.dport)
		l.add(packet.Time(start+int64(i)*spacing), head[:], uint32(wire))
	}
	return l
}

// zipf maps a number in [0, 1) to a flow: density (rank + 8)^-1.1.
func zipf(u float64) int {
	k := int(8 * (math.Pow(1-u*(1-math.Pow((Flows+8)/8.0, -0.1)), -10) - 1))
	return min(max(k, 0), Flows-1)
}

const (
	// passGap is the packet time between two passes over a capture: longer than any
	// state of the examples lasts, so that each pass finds what the first found.
	passGap = 61 * 60e9
	// longestPause is what longer pauses in a capture are cut to: some are of years, and
	// repeated for each pass they would lead out of 64-bit time.
	longestPause = 5 * 60e9
)

// Repeated reads a capture into memory as often as it takes to have n packets. Each
// repetition is later than the one before; no packet is older than one before it.
func Repeated(path string, n int) (*Load, error) {
	l := &Load{Name: filepath.Base(path)}
	for l.Packets() < n {
		src, err := capture.Open(path)
		if err != nil {
			return nil, err
		}
		before := l.Packets()
		err = l.read(src, n)
		src.Close()
		if err != nil && err != io.EOF {
			return nil, err
		}
		if l.Packets() == before {
			return nil, fmt.Errorf("capture %q has no packets", path)
		}
	}
	return l, nil
}

// read adds the packets of src until there are n.
func (l *Load) read(src capture.Source, n int) error {
	var f capture.Frame
	var now, recorded packet.Time // of the packet before
	for first := true; l.Packets() < n; first = false {
		if err := src.Next(&f); err != nil {
			return err
		}
		switch {
		case !first:
			now += min(max(f.Time-recorded, 0), longestPause)
		case l.Packets() > 0:
			now = l.times[l.Packets()-1] + passGap
		default:
			now = f.Time
		}
		recorded = f.Time
		l.Link = f.Link
		l.add(now, f.Data, f.WireLen)
	}
	return nil
}
