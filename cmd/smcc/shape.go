package main

import (
	"strings"

	"github.com/streamon/streamon/codegen"
)

// shape is how a program is compiled.
type shape struct {
	Shown    string   `json:"shown"`              // of a mapped capture file: one of the words below
	Columnar []string `json:"columnar,omitempty"` // metrics
	Idle     bool     `json:"idle"`               // it can tell that nothing is to be done about 64 packets
}

// Values of shape.Shown.
const (
	shownHeads   = "heads"
	shownSteered = "packets, steered by heads"
	shownPackets = "packets"
)

func shapeOf(p *codegen.Program) (shape, error) {
	s, err := p.Shape()
	if err != nil {
		return shape{}, err
	}
	out := shape{Shown: shownPackets, Idle: s.Idle}
	switch {
	case s.Heads:
		out.Shown = shownHeads
	case s.Steers:
		out.Shown = shownSteered
	}
	for i, is := range s.Columnar {
		if is {
			out.Columnar = append(out.Columnar, p.IR.Metrics[i].Name)
		}
	}
	return out, nil
}

// about says it for people.
func (s shape) about() string {
	var b strings.Builder
	b.WriteString(map[string]string{
		shownHeads:   "heads of packets suffice: of a mapped capture file nothing more is decoded for it\n",
		shownSteered: "heads of packets say which worker's they are; it looks at more\n",
		shownPackets: "",
	}[s.Shown])
	if s.Columnar != nil {
		b.WriteString("done for 64 packets at a time, column by column: " + strings.Join(s.Columnar, ", ") + "\n")
	}
	if s.Idle {
		b.WriteString("packets about which nothing else is to be done are told by their columns\n")
	}
	return b.String()
}
