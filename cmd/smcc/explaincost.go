package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/streamon/streamon/codegen/cost"
	"github.com/streamon/streamon/codegen/ir"
)

// costRange is an estimate between two bounds, in nanoseconds.
type costRange struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// eventNS is what an event costs, in nanoseconds.
type eventNS struct {
	Usual float64 `json:"usual"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// costSource is where the costs of operations were measured.
type costSource struct {
	Machine string `json:"machine"`
	Date    string `json:"date"`
	About   string `json:"about"` // what the figures are
}

// addCosts estimates what each event costs, and a packet that none is for.
func (e *explanation) addCosts(p *ir.Program) {
	t := cost.Recorded()
	estimate := cost.Of(t, p, memoryOf(p, e.Structures))
	e.CostsOf = costSource{t.Machine, t.Date, "an estimate, summed from what operations cost on one core of this machine"}
	e.Reject = costRange{rounded(estimate.Reject.Low), rounded(estimate.Reject.High)}
	e.NS = e.Reject
	for i, x := range estimate.Events {
		out := &e.Events[i]
		out.NS = eventNS{rounded(x.Each.Usual), rounded(x.Each.Low), rounded(x.Each.High)}
		out.Decode, out.Timer = rounded(x.Decode), x.Kind != ir.PacketEvent
		if !out.Timer {
			e.NS.High = max(e.NS.High, out.NS.High)
		}
	}
}

// rounded keeps three digits, and a tenth of a nanosecond at most: more would pretend to know.
func rounded(ns float64) float64 {
	unit := 0.1
	for ns >= 1000*unit {
		unit *= 10
	}
	if unit < 1 {
		return math.Round(10*ns) / 10
	}
	return math.Round(ns/unit) * unit
}

// memoryOf brings the bytes of structures, which are in the order of [structures], to what
// they belong to.
func memoryOf(p *ir.Program, list []structure) cost.Memory {
	next := func() (bytes int64) {
		bytes, list = list[0].Bytes, list[1:]
		return bytes
	}
	m := cost.Memory{Detectors: make([]int64, len(p.Metrics)), Monitors: make([]int64, len(p.Metrics)), Timers: make([]int64, len(p.Events))}
	for i, d := range p.Metrics {
		if d.Detector != nil {
			m.Detectors[i] = next()
		}
		if d.Monitor != nil {
			m.Monitors[i] = next()
		}
	}
	for range p.Tables {
		m.Tables = append(m.Tables, next())
	}
	for range p.Entities {
		m.States = append(m.States, next())
	}
	for i, e := range p.Events {
		if e.Kind == ir.TimeoutEvent {
			m.Timers[i] = next()
		}
	}
	return m
}

// printCosts writes the table of events to a tabwriter.
func (e *explanation) printCosts(t io.Writer) {
	fmt.Fprintln(t, "event\toperations\tcache lines\tns usually\tat least\tat most\tdecoding")
	for _, x := range e.Events {
		decode := fmt.Sprintf("+ %.0f", x.Decode)
		if x.Timer {
			decode = "each time"
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%.0f\t%.0f\t%.0f\t%s\n", x.Name, x.Operations, x.Lines, x.NS.Usual, x.NS.Low, x.NS.High, decode)
	}
	fmt.Fprintf(t, "(none)\t0\t0\t\t%.1f\t%.1f\t\n", e.Reject.Low, e.Reject.High)
}

// addCosts adds those of one more program.
func (t *together) addCosts(e *explanation) {
	t.Reject = costRange{rounded(t.Reject.Low + e.Reject.Low), rounded(t.Reject.High + e.Reject.High)}
	dearest := eventNS{Usual: e.Reject.Low, High: e.Reject.High}
	for _, x := range e.Events {
		if x.Timer {
			continue
		}
		if x.NS.Usual > dearest.Usual {
			dearest = x.NS
		}
		if t.Decode.Low == 0 || x.Decode < t.Decode.Low {
			t.Decode.Low = x.Decode
		}
		t.Decode.High = max(t.Decode.High, x.Decode)
	}
	t.Dearest = costRange{rounded(t.Dearest.Low + dearest.Usual), rounded(t.Dearest.High + dearest.High)}
}

// printCosts writes what they cost in all.
func (t *together) printCosts(w io.Writer) {
	fmt.Fprintf(w, "  ns for a packet, estimated: %.0f to %.0f to decode it, once; then %.1f to %.1f if no event of any is for it, %.0f usually and %.0f at most if it is the dearest event of each\n",
		t.Decode.Low, t.Decode.High, t.Reject.Low, t.Reject.High, t.Dearest.Low, t.Dearest.High)
}

// about says what the nanoseconds are.
func (s costSource) about() string {
	text := "ns are an estimate: for each packet, if the event happened for every one. It is summed from what operations cost on one core of " +
		s.Machine + ", recorded " + s.Date + ". Usually: in the default state, distinct keys known, no condition true, half of the keys met just before and half anywhere in the memory. " +
		"At least: all of it in the caches. At most: every key new and anywhere, the dearest condition true, in the dearest state. (none): a packet that no event is for."
	return fold(text, 100)
}

// fold breaks a text into lines of at most width bytes.
func fold(text string, width int) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case column+1+len(word) > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	b.WriteByte('\n')
	return b.String()
}
