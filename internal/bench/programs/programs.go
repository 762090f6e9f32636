// Package programs holds the texts of the programs that package bench measures: the
// worst case of the paper's figure 8 in three forms, and the least programs for other
// figures. Their sizes follow from the structures, so that they stay equal in bytes to
// those of the C kernel when a structure changes its shape.
//
// It is apart from package bench because it knows structures: the probe contains
// package bench, and no structure.
package programs

import (
	"fmt"
	"sort"
)

// Names of the programs, by which package bench knows what to do with them. A number
// of metrics follows Worst, Owned and Wide.
const (
	Worst    = "worst"
	Owned    = "owned"
	Wide     = "wide"
	Reject   = "reject"
	SynCount = "syncount"
)

// All returns the file name and text of each program, with as many metrics as each of
// the numbers.
func All(metrics []int) map[string]string {
	texts := map[string]string{
		Reject + ".smon":   rejectText,
		SynCount + ".smon": synCountText,
	}
	for _, n := range metrics {
		texts[fmt.Sprintf("%s%d.smon", Worst, n)] = WorstCase(n)
		texts[fmt.Sprintf("%s%d.smon", Owned, n)] = WorstCaseOwned(n)
	}
	texts[fmt.Sprintf("%s%d.smon", Wide, wideMetrics)] = OutOfCache(wideMetrics)
	return texts
}

// rejectText is a program whose events match nothing in any load: port 0 is reserved,
// and Ethernet has no packets of 100 kB. All conditions must be looked at.
const rejectText = `program reject "Events that match no packet"

entity host: ip

event a: packet where tcp.dstport == 0 and tcp.flags == SYN   for host = ip.src
event b: packet where udp.srcport == 0                        for host = ip.dst
event c: packet where ip and frame.len > 100000               for host = ip.src

state default {
  on a, b, c { log "matched" }
}
`

// synCountText counts SYNs by destination, no more: what the Zeek script does that the
// figure is compared with.
const synCountText = `program syncount "SYNs of a minute for each destination"

entity server: ip

metric syns { count tbf(window: 60s) }

event syn: packet where tcp.flags & (SYN|ACK) == SYN for server = ip.dst

state default {
  on syn {
    set syns[server]
    when syns > 1000000000 { log "never" }
  }
}
`

// largest returns the largest n for which a structure for n keys, whose bytes rise
// with n, has at most so many bytes.
func largest(bytes int64, size func(n int) int64) int {
	return sort.Search(1<<30, func(n int) bool { return size(n+1) > bytes })
}
