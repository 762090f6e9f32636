package bench

import (
	"fmt"
	"strings"
)

// Sizes of the structures of one metric. They are those of the kernel that the
// figure is compared with: 16 Ki lines of detector, 1 MiB, and 8 MiB of counters.
// The kernel keeps six cells of 10 bytes in a bucket of 64; ours has eight of 16 in
// one of 128, so 64 Ki buckets take the place of 128 Ki.
const (
	detectorKeys  = 299_320 // at an error of 1 %
	detectorError = 0.01
	counterKeys   = 511_172
)

// WorstCase is the text of the program of the paper's figure 8 with n metrics: each
// a detector pair and d-left counters, all keys different, every metric updated on
// every TCP packet. The keys are those of the kernel: two forms for the detector and
// two for the counters, told apart by the metric's number.
func WorstCase(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "program worst%d \"The worst case of the paper's figure 8: %d metrics, every key different\"\n\nentity host: ip\n\n", n, n)
	for m := range n {
		fmt.Fprintf(&b, "metric m%d { distinct bloom(window: 60s, capacity: %d, error: %v)  count dleft(capacity: %d) }\n",
			m, detectorKeys, detectorError, counterKeys)
	}
	b.WriteString("\nevent any: packet where tcp for host = ip.src\n\non any {\n")
	var sum []string
	for m := range n {
		count, distinct := fmt.Sprintf("ip.src, %d", m), fmt.Sprintf("ip.src, ip.dst, tcp.srcport, tcp.dstport, %d", m)
		if m&2 != 0 {
			count = fmt.Sprintf("ip.dst, tcp.dstport, %d", m)
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
