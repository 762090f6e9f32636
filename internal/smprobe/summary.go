package smprobe

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/command"
	"github.com/streamon/streamon/internal/evidence"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/internal/mitigate"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/sink"
	"github.com/streamon/streamon/internal/zmq"
)

// summary is the probe's summary and what is known about the files.
type summary struct {
	probe.Summary
	Damaged    []damage               `json:"damaged"`
	Unreadable []unreadable           `json:"unreadable"`
	Exec       *command.Counts        `json:"exec,omitempty"`       // if a program asked for a command
	Publish    []zmq.Counts           `json:"publish,omitempty"`    // by socket; what subscribers got differs from run to run
	Sinks      []sink.Counts          `json:"sinks,omitempty"`      // with --sink, and of live packets; differ from run to run
	Limits     *export.LimitCounts    `json:"limits,omitempty"`     // with --dedup or --alert-rate
	Kept       *evidence.Counts       `json:"kept,omitempty"`       // with --evidence-dir
	Inline     []capture.InlineCounts `json:"inline,omitempty"`     // with --inline
	Mitigation *mitigate.Counts       `json:"mitigation,omitempty"` // if a program asked for a drop or a block, or with --mitigate
}

// unreadable is a file that could not be opened as a capture.
type unreadable struct {
	File  string `json:"file"`
	Error string `json:"error"`
}

// damage is a capture that could be read up to a point only.
type damage struct {
	File    string `json:"file"`
	Offset  int64  `json:"offset"` // bytes from the start of the (unpacked) file
	Reason  string `json:"reason"`
	Packets int64  `json:"packets"` // whole packets before the damage
}

// print writes the summary for people.
func (s *summary) print(w io.Writer, took time.Duration) {
	p := &s.Packets
	fmt.Fprintf(w, "%d packets, %d bytes", p.Read, p.Bytes)
	if p.Read > 0 {
		fmt.Fprintf(w, ", %s to %s", *s.First, *s.Last)
	}
	if sec := took.Seconds(); sec > 0 && p.Read > 0 {
		fmt.Fprintf(w, "; read in %.2f s, %.0f packets/s", sec, float64(p.Read)/sec)
	}
	fmt.Fprintf(w, "\n  decoded %d, cut by snap length %d, unknown link type %d, malformed %d, late %d\n",
		p.Decoded, p.Snapped, p.UnknownLink, p.Malformed, s.Late)
	for _, i := range s.Interfaces {
		fmt.Fprintf(w, "  %s: captured %d, dropped by the kernel %d (ring full %d times); the interface received %d, sent %d, missed %d\n",
			i.Name, i.Captured, i.Dropped, i.Freezes, i.Received, i.Sent, i.Missed)
	}
	if p.Dropped+p.Evidence > 0 {
		fmt.Fprintf(w, "  to be dropped %d, kept as evidence %d\n", p.Dropped, p.Evidence)
	}
	if len(s.Malformed) > 0 {
		fmt.Fprintf(w, "  malformed: %s\n", counts(s.Malformed))
	}
	if p.Read > 0 {
		fmt.Fprintf(w, "  layers: %s\n", counts(s.Layers))
	}
	for _, d := range s.Damaged {
		fmt.Fprintf(w, "  damaged: %s at byte %d, after %d packets: %s\n", d.File, d.Offset, d.Packets, d.Reason)
	}
	for _, p := range s.Publish {
		fmt.Fprintf(w, "  %s: %d messages; %d sent to %d subscribers, %d dropped; %d connections refused\n",
			p.Endpoint, p.Messages, p.Sent, p.Subscribers, p.Dropped, p.Refused)
	}
	for _, k := range s.Sinks {
		fmt.Fprintf(w, "  %s: %d records; sent %d, dropped %d, refused %d, unsent %d; %d retries\n",
			k.Sink, k.Records, k.Sent, k.Dropped, k.Refused, k.Unsent, k.Retries)
	}
	if l := s.Limits; l != nil {
		fmt.Fprintf(w, "  alerts passed %d, held back as duplicates %d, for their rate %d\n", l.Passed, l.Duplicates, l.Limited)
	}
	if k := s.Kept; k != nil {
		fmt.Fprintf(w, "  evidence: %d files of %d packets; skipped %d, missed %d, failed %d, removed %d\n",
			k.Files, k.Packets, k.Skipped, k.Missed, k.Failed, k.Removed)
	}
	fmt.Fprint(w, printInline(s.Inline))
	if m := s.Mitigation; m != nil {
		did := "blocked"
		if m.Mode == mitigate.DryRun.String() {
			did = "would have blocked"
		}
		fmt.Fprintf(w, "  mitigation (%s): %s %d, in force already %d, never to be blocked %d, refused %d, failed %d, lifted %d\n",
			m.Mode, did, m.Blocked, m.Repeated, m.Allowed, m.Refused, m.Failed, m.Lifted)
		if m.Dropped > 0 {
			fmt.Fprintf(w, "  the kernel dropped %d packets\n", m.Dropped)
		}
	}
	if e := s.Exec; e != nil {
		fmt.Fprintf(w, "  commands: run %d, of those failed %d; refused %d, dropped %d\n", e.Run, e.Failed, e.Refused, e.Dropped)
	}
	for i := range s.Programs {
		printProgram(w, &s.Programs[i])
	}
}

// counts writes the counters that are not 0, largest first.
func counts(m map[string]uint64) string {
	keys := sortedKeys(m)
	slices.SortStableFunc(keys, func(a, b string) int {
		switch {
		case m[a] > m[b]:
			return -1
		case m[a] < m[b]:
			return 1
		}
		return 0
	})
	var parts []string
	for _, k := range keys {
		if m[k] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", k, m[k]))
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// printProgram writes what a program did.
func printProgram(w io.Writer, p *probe.Program) {
	fmt.Fprintf(w, "program %s %s", p.Name, p.Version)
	if p.Generation > 1 {
		fmt.Fprintf(w, ", generation %d", p.Generation)
	}
	if p.Error != "" {
		fmt.Fprintf(w, ", %s: %s", p.Status, p.Error)
	}
	if p.Restarts > 0 {
		fmt.Fprintf(w, "\n  started again %d times", p.Restarts)
	}
	if p.RolledBack != "" {
		fmt.Fprintf(w, "\n  went back to the version before: %s", p.RolledBack)
	}
	if p.AheadUntil != nil {
		fmt.Fprintf(w, "\n  its restored clock is ahead of the packets: its time stands still until %s", *p.AheadUntil)
	}
	if l := p.Limits; l != nil {
		fmt.Fprintf(w, "\n  limits: %s", limitsText(l))
	}
	if p.Shed > 0 {
		fmt.Fprintf(w, "\n  packets withheld, over its budget: %d", p.Shed)
	}
	fmt.Fprintf(w, "\n  events: %s; transitions %d\n", counts(p.Events), p.Transitions)
	for _, e := range sortedKeys(p.States) {
		occupied := map[string]uint64{}
		for state, n := range p.States[e] {
			occupied[state] = uint64(n)
		}
		fmt.Fprintf(w, "  %s in states: %s\n", e, counts(occupied))
	}
	r := &p.Records
	fmt.Fprintf(w, "  alerts %d, published %d, logged %d; dropped %d, captured %d, blocked %d\n",
		r.Alert, r.Publish, r.Log, p.Verdicts.Drop, p.Verdicts.Capture, p.Verdicts.Block)
	if r.Exec > 0 {
		fmt.Fprintf(w, "  commands asked for %d\n", r.Exec)
	}
	if r.Lost > 0 {
		fmt.Fprintf(w, "  lost: %d records could not be written\n", r.Lost)
	}
	if p.Skipped > 0 {
		fmt.Fprintf(w, "  firings skipped in time jumps: %d\n", p.Skipped)
	}
	if p.Cost != nil {
		fmt.Fprintf(w, "  takes %s ns a packet, %s of what all programs take (%d batches timed); memory %s\n",
			costText(p.Cost, "%.1f", func(c *probe.Cost) float64 { return c.NsPerPacket }),
			costText(p.Cost, "%.0f%%", func(c *probe.Cost) float64 { return 100 * c.Share }), p.Cost.Sampled, sizeText(p.MemoryBytes))
	}
	if len(p.Memory) == 0 {
		return
	}
	rows := [][]string{{"  memory", "kind", "used", "capacity", "fill", "bytes", "error", "evicted", "rejected"}}
	for _, m := range p.Memory {
		rows = append(rows, []string{
			"  " + m.Name, m.Kind, fmt.Sprint(m.Used), fmt.Sprint(m.Capacity), fmt.Sprintf("%.1f%%", 100*m.Fill), fmt.Sprint(m.Bytes),
			fmt.Sprintf("%.2g", m.Error), fmt.Sprint(m.Evicted), fmt.Sprint(m.Rejected),
		})
	}
	printTable(w, rows, 2)
}

// limitsText writes limits for people.
func limitsText(l *probe.LimitsInForce) string {
	var parts []string
	if l.Budget != "" {
		parts = append(parts, "budget "+l.Budget)
	}
	if l.Memory > 0 {
		parts = append(parts, "memory "+sizeText(l.Memory))
	}
	if l.Restart != "" {
		parts = append(parts, "restart "+l.Restart)
	}
	return strings.Join(parts, ", ")
}

// costText writes one figure of a cost, "-" if nothing was measured.
func costText(c *probe.Cost, format string, figure func(*probe.Cost) float64) string {
	if c == nil || c.Sampled == 0 {
		return "-"
	}
	return fmt.Sprintf(format, figure(c))
}

// sizeText writes a number of bytes with three digits.
func sizeText(bytes int64) string {
	x, unit := float64(bytes), "B"
	for _, u := range []string{"kB", "MB", "GB", "TB"} {
		if x < 999.5 {
			break
		}
		x, unit = x/1000, u
	}
	if unit == "B" || x >= 99.95 {
		return fmt.Sprintf("%.0f %s", x, unit)
	}
	return fmt.Sprintf("%.1f %s", x, unit)
}

// printTable writes rows in columns; those from column right on are flushed right.
func printTable(w io.Writer, rows [][]string, right int) {
	for _, line := range align(rows, func(column int) bool { return column >= right }) {
		fmt.Fprintln(w, line)
	}
}

// align returns rows as lines with columns, those of which isRight says so flushed right.
func align(rows [][]string, isRight func(column int) bool) (lines []string) {
	var width []int
	for _, r := range rows {
		for i, c := range r {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	for _, r := range rows {
		var line strings.Builder
		for i, c := range r {
			if i > 0 {
				line.WriteString("  ")
			}
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if isRight(i) {
				line.WriteString(pad + c)
			} else {
				line.WriteString(c + pad)
			}
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return lines
}
