package programs

import (
	"fmt"
	"strings"

	"github.com/streamon/streamon/runtime/dleft"
	"github.com/streamon/streamon/runtime/sketch"
)

// A shape is the bytes of the structures of one metric. They are those of the kernel
// that the figure is compared with: its detectors are 2^L lines, its counters 2 × 2^D
// buckets, each of 64 bytes.
type shape struct{ detector, counters int64 }

var (
	inCache    = shape{64 << 14, 128 << 16} // the kernel's own sizes: 1 MiB and 8 MiB
	outOfCache = shape{64 << 17, 128 << 18} // limit M 2000000 17 18 0: 8 MiB and 32 MiB
)

const (
	detectorError = 0.01
	wideMetrics   = 16
)

// keys are for how many keys structures of this shape are declared.
func (s shape) keys() (detector, counters int) {
	return largest(s.detector, func(n int) int64 { return sketch.PairBytes(n, detectorError) }), largest(s.counters, dleft.CountersBytes)
}

// WorstCase is the text of the program of the paper's figure 8 with n metrics: each
// a detector pair and d-left counters, all keys different, every metric updated on
// every TCP packet. The keys are those of the kernel: two forms for the detector and
// two for the counters, told apart by the metric's number.
func WorstCase(n int) string {
	return worst(Worst, n, inCache, "ip.dst, tcp.dstport")
}

// WorstCaseOwned is WorstCase with keys that all contain the source: the entity owns
// all that its packets touch, so the program can run on any number of workers.
func WorstCaseOwned(n int) string {
	return worst(Owned, n, inCache, "ip.src, tcp.dstport")
}

// OutOfCache is WorstCase with structures of 40 MiB a metric, for two million flows.
func OutOfCache(n int) string {
	return worst(Wide, n, outOfCache, "ip.dst, tcp.dstport")
}

// worst is the text of a worst case; other is the key of every second pair of counters.
func worst(name string, n int, s shape, other string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "program %s%d \"The worst case of the paper's figure 8: %d metrics, every key different\"\n\nentity host: ip\n\n", name, n, n)
	detector, counters := s.keys()
	for m := range n {
		fmt.Fprintf(&b, "metric m%d { distinct bloom(window: 60s, capacity: %d, error: %v)  count dleft(capacity: %d) }\n",
			m, detector, detectorError, counters)
	}
	b.WriteString("\nevent any: packet where tcp for host = ip.src\n\non any {\n")
	var sum []string
	for m := range n {
		count, distinct := fmt.Sprintf("ip.src, %d", m), fmt.Sprintf("ip.src, ip.dst, tcp.srcport, tcp.dstport, %d", m)
		if m&2 != 0 {
			count = fmt.Sprintf("%s, %d", other, m)
		}
		if m&1 != 0 {
			distinct = fmt.Sprintf("ip.src, ip.dst, %d", m)
		}
		fmt.Fprintf(&b, "  set m%d[%s] new (%s)\n", m, count, distinct)
		sum = append(sum, fmt.Sprintf("m%d", m))
	}
	fmt.Fprintf(&b, "  when %s < 0 {\n    log \"never\"\n  }\n}\n", strings.Join(sum, " + "))
	return b.String()
}
