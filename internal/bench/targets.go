package bench

import (
	"cmp"
	"fmt"
	"math"
	"strings"
)

// Target is one figure that was asked for.
type Target struct {
	Figure   string  `json:"figure"`
	Asked    float64 `json:"asked"`
	Most     bool    `json:"at_most,omitempty"` // asked is an upper limit, else a lower
	Unit     string  `json:"unit"`
	Measured float64 `json:"measured"`
	Taken    bool    `json:"taken"` // it was measured
	Ratio    float64 `json:"ratio"` // how well it is met: 1 and more is met; 0 = no ratio
	Met      bool    `json:"met"`
	Note     string  `json:"note,omitempty"`
}

// judge completes a target.
func (t Target) judge() Target {
	if !t.Taken {
		return t
	}
	switch {
	case t.Most:
		t.Met = t.Measured <= t.Asked
		if t.Measured > 0 {
			t.Ratio = t.Asked / t.Measured
		}
	default:
		t.Met = t.Measured >= t.Asked
		t.Ratio = t.Measured / t.Asked
	}
	return t
}

// scorer makes the list of targets from a report.
type scorer struct {
	r    *Report
	list []Target
}

// add adds a target whose figure is measured; 0 = it was not taken.
func (s *scorer) add(figure, unit string, asked, measured float64, note string) {
	s.list = append(s.list, Target{Figure: figure, Unit: unit, Asked: asked, Measured: measured, Taken: measured > 0, Note: note}.judge())
}

// most adds a target that is an upper limit; taken says whether it was measured.
func (s *scorer) most(figure, unit string, asked, measured float64, taken bool, note string) {
	s.list = append(s.list, Target{Figure: figure, Unit: unit, Asked: asked, Measured: measured, Taken: taken, Most: true, Note: note}.judge())
}

// row finds a program in the tables of a name, on a load whose name begins so; nil if
// it was not measured.
func (r *Report) row(table, load, program string) *Row {
	for _, t := range r.Tables {
		if strings.HasPrefix(t.Name, table) && strings.HasPrefix(t.Load, load) {
			for i := range t.Rows {
				if t.Rows[i].Program == program {
					return &t.Rows[i]
				}
			}
		}
	}
	return nil
}

// targets is what was asked, in the order of asking.
func targets(r *Report) []Target {
	s := &scorer{r: r}
	s.worstCase()
	s.outOfCache()
	s.fromMemory()
	s.zeek()
	s.workers()
	s.wholeProcess()
	s.costs()
	s.decoder()
	return s.list
}

const (
	unitMpps  = "Mpps"
	unitTimes = "x"
	unitShare = "%"
)

// worstCase: 16 metrics on one core.
func (s *scorer) worstCase() {
	row := s.r.row(tableFigure8, "syn-load", "worst16")
	if row == nil {
		row = &Row{}
	}
	s.add("16 metrics, frames in memory: packets/s over the paper's 112 kpps", unitTimes, 13, row.Decode.mpps()*1e6/PaperPackets, "")
	s.add("16 metrics, frames in memory: share of the kernel", unitShare, 50, 100*row.Share(), "")
	s.add("the same, the aim", unitShare, 75, 100*row.Share(), "")
	kernel := row.Kernel.taken()
	s.most("16 metrics: keys evicted, the kernel's at most", "keys", row.KernelEvicted, float64(row.Evicted), kernel, "")
	s.most("bytes of structures for a metric, the kernel's 9 MiB at most", "MiB", 9.0*1.05, float64(row.Bytes)/float64(max(row.Metrics, 1))/(1<<20), row.Bytes > 0, "the state table counted in; 5 % allowed")
}

func (s *scorer) outOfCache() {
	row := s.r.row(tableWide, "syn-load-uniform", "wide16")
	if row == nil {
		row = &Row{}
	}
	s.add("2 000 000 flows, uniform, frames in memory: share of the kernel", unitShare, 50, 100*row.Share(), "")
	s.most("2 000 000 flows: keys evicted, the kernel's at most", "keys", row.KernelEvicted, float64(row.Evicted), row.Kernel.taken(), "")
}

// fromMemory: the program that rejects on synthetic packets and on the mixed capture,
// the paper's programs on the latter.
func (s *scorer) fromMemory() {
	mixed := s.r.mixed()
	for _, t := range []struct {
		table, load, program string
		asked                float64
	}{
		{tableReject, "syn-load", "reject", 20},
		{tableCapture, mixed, "reject", 20},
		{tableCapture, mixed, "conficker", 4},
		{tableCapture, mixed, "p2p", 4},
		{tableCapture, mixed, "ddos", 4},
	} {
		measured := 0.0
		if row := s.r.row(t.table, t.load, t.program); row != nil {
			measured = row.Decode.mpps()
		}
		s.add(fmt.Sprintf("%s, frames in memory, %s", t.program, cmp.Or(t.load, "a mixed capture")), unitMpps, t.asked, measured, "")
	}
}

// mixed is the capture that stands for mixed traffic: the first; "" if there is none.
func (r *Report) mixed() string {
	for _, t := range r.Tables {
		if strings.HasPrefix(t.Name, tableCapture) {
			return t.Load
		}
	}
	return ""
}

// zeek: from a file, as many times as fast.
func (s *scorer) zeek() {
	for _, t := range []struct {
		what, load, program string
		rate                float64
	}{
		{"query/reply pairs, 500 000 ports", "syn-dns-pairs", "conficker", zeekPairs},
		{"SYNs, 120 000 flows", fmt.Sprintf("syn-syns-%d", manySYNs), "syncount", zeekManySYNs},
		{"SYNs, 500 flows", fmt.Sprintf("syn-syns-%d", fewSYNs), "syncount", zeekFewSYNs},
	} {
		one, two := 0.0, 0.0
		if row := s.r.row(tableZeek, t.load, t.program); row != nil {
			one, two = row.File.mpps()*1e6/t.rate, row.onWorkers(2).Time.mpps()*1e6/t.rate
		}
		over := fmt.Sprintf("from a file, %s: over Zeek's %.0f kpps", t.program, t.rate/1e3)
		s.add(t.what+", "+over, unitTimes, zeekAsked, one, "")
		s.add(t.what+", two workers, "+over, unitTimes, zeekAsked, two, "Zeek is one process")
	}
}

// followed is how many events a packet a program must have for its speed-up to say anything
// of the program: of packets that it rejects the probe's own work is measured.
const followed = 0.01

// workers: two against one, each example on the load it has most to do with.
func (s *scorer) workers() {
	var names []string
	best := map[string]*Table{}
	rows := map[string]*Row{}
	for _, t := range s.r.Tables {
		for i := range t.Rows {
			row := &t.Rows[i]
			if t.Name != tableMatched && (t.Name != tableOwned || row.Metrics != paperMetrics) {
				continue
			}
			if rows[row.Program] == nil {
				names = append(names, row.Program)
			}
			if old := rows[row.Program]; old == nil || row.Engine.Median > old.Engine.Median {
				rows[row.Program], best[row.Program] = row, t
			}
		}
	}
	for _, name := range names {
		row, speedup := rows[name], rows[name].Speedup(2)
		note := cmp.Or(row.Unsharded, movedText(row.onWorkers(2).Line))
		if row.Events < followed {
			note, speedup = "no load has packets that it follows", 0
		}
		s.add("two workers over one, "+name+", "+best[name].Load, unitTimes, 1.8, speedup, note)
	}
}

func (s *scorer) wholeProcess() {
	var probe, tcpdump, tshark float64
	for _, r := range s.r.Races {
		if p := r.runner("smprobe"); p != nil {
			probe = p.Time.Median
		}
		if p := r.runner("tcpdump"); p != nil {
			tcpdump = p.Time.Median
		}
		if p := r.runner("tshark"); p != nil {
			tshark = p.Time.Median
		}
	}
	ratio := func(a, b float64) float64 {
		if b == 0 {
			return 0
		}
		return a / b
	}
	s.most("whole process, conficker: time over that of tcpdump -w /dev/null", unitTimes, 5, ratio(probe, tcpdump), probe > 0 && tcpdump > 0, "")
	s.add("whole process, conficker: times as fast as tshark", unitTimes, 30, ratio(tshark, probe), "")
}

// costs: allocations and memory of everything measured, the worst of each.
func (s *scorer) costs() {
	var direct, allocs, off float64 // direct: objects, not per packet
	var allocsOf, offOf string
	taken := false
	for _, t := range s.r.Tables {
		for i := range t.Rows {
			row := &t.Rows[i]
			taken = true
			direct = max(direct, row.Allocs*float64(t.Packets))
			if a := row.ProbeAllocs; a > allocs || allocsOf == "" {
				allocs, allocsOf = a, row.Program+", "+t.Load
			}
			if row.Bytes < 1<<20 {
				continue // an instance has some kB beside its structures
			}
			if d := 100 * math.Abs(float64(row.Heap)/float64(row.Bytes)-1); d > off || offOf == "" {
				off, offOf = d, row.Program+", "+t.Load
			}
		}
	}
	s.most("heap objects made in the second half of a run of decoding and processing, the worst", "", 0, math.Round(direct), taken, "")
	s.most("heap objects in a run of the probe, per 1000 packets, the worst", "", 1, 1000*allocs, taken, allocsOf+"; they are made before the first packet")
	s.most("heap beside what structures say of themselves, off by, the worst", unitShare, 5, off, offOf != "", offOf)
}

// decoder: figures of the micro-benchmarks.
func (s *scorer) decoder() {
	theirs := s.r.Micro["Beside/tcp4/gopacket"]
	for _, way := range []struct{ name, figure string }{{"of a file", "record"}, {"alone", "packet"}} {
		ours := s.r.Micro["Beside/tcp4/"+way.figure]
		times := 0.0
		if ours.taken() {
			times = theirs.Median / ours.Median
		}
		s.most("decoding a TCP/IPv4 packet "+way.name, "ns", 12, ours.Median, ours.taken(), "")
		s.add("gopacket's DecodingLayerParser, time over that of a packet "+way.name, unitTimes, 5, times, "")
	}
	pcap, ng := s.r.Rates["Read/pcap/batches"]/1e3, s.r.Rates["Read/pcapng/batches"]/1e3
	s.add("reading pcap from the page cache", "GB/s", 1.5, pcap, "")
	slower := 0.0
	if ng > 0 {
		slower = pcap / ng
	}
	s.most("reading pcapng, time over pcap's", unitTimes, 2, slower, slower > 0, "")
}
