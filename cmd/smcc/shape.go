package main

import (
	"strings"

	"github.com/streamon/streamon/codegen"
)

// shape is how a program is compiled: see codegen.Shape.
type shape struct {
	Heads    bool     `json:"heads"`
	Steers   bool     `json:"steered_by_heads"`
	Columnar []string `json:"columnar,omitempty"` // metrics
	Idle     bool     `json:"idle"`
}

func shapeOf(p *codegen.Program) (shape, error) {
	s, err := p.Shape()
	if err != nil {
		return shape{}, err
	}
	out := shape{Heads: s.Heads, Steers: s.Steers, Idle: s.Idle}
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
	switch {
	case s.Heads:
		b.WriteString("heads of packets suffice: of a capture file nothing more is decoded for it\n")
	case s.Steers:
		b.WriteString("heads of packets say which worker's they are; it looks at more\n")
	}
	if s.Columnar != nil {
		b.WriteString("done for 64 packets at a time, column by column: " + strings.Join(s.Columnar, ", ") + "\n")
	}
	if s.Idle {
		b.WriteString("packets about which nothing else is to be done are told by their columns\n")
	}
	return b.String()
}
