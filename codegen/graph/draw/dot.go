package draw

import (
	"fmt"
	"io"
	"strings"
)

// DOT writes the machines for Graphviz, a cluster for each entity.
func (g *Graph) DOT(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n", quoteDOT(g.Name))
	if g.Doc != "" {
		fmt.Fprintf(&b, "  label=%s; labelloc=t;\n", quoteDOT(g.Name+": "+g.Doc))
	}
	b.WriteString("  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=12];\n")
	b.WriteString("  edge [fontname=\"Helvetica\", fontsize=10];\n")
	for i, m := range g.Machines {
		m.dot(&b, i)
	}
	if note := noteBlock("for the whole program", g.Program, false); note != nil {
		dotNote(&b, "  ", "program", note)
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// dot writes one machine.
func (m *Machine) dot(b *strings.Builder, index int) {
	id := func(state int) string { return nodeID(index, state) }
	fmt.Fprintf(b, "  subgraph cluster_%d {\n", index)
	fmt.Fprintf(b, "    label=%s; labeljust=l; style=invis;\n", quoteDOT("for each "+m.Entity+": "+m.Key))
	fmt.Fprintf(b, "    m%d_start [shape=point, width=0.12, label=\"\"];\n    m%[1]d_start -> %s;\n", index, id(0))
	for i, s := range m.States {
		p := paintOf(s.Level)
		fmt.Fprintf(b, "    %s [label=%s, tooltip=%s, fillcolor=\"%s\", color=\"%s\", penwidth=%s];\n",
			id(i), linesDOT(stateBlock(s, false).lines, `\n`), quoteDOT(stateTip(s)), p.fill, p.line, p.border)
	}
	if m.hasAny() {
		fmt.Fprintf(b, "    %s [label=\"any state\", style=\"rounded,dotted\"];\n", id(Any))
	}
	for _, e := range m.Edges {
		style := ""
		if e.After != "" {
			style = ", style=dashed"
		}
		label := labelBlock(m, e, false)
		if label.lines[0].clock {
			label.lines[0].text = "timeout " + label.lines[0].text
		}
		tip := quoteDOT(label.tip)
		fmt.Fprintf(b, "    %s -> %s [label=%s, tooltip=%s, labeltooltip=%s%s];\n",
			id(e.From), id(e.To), linesDOT(label.lines, `\l`), tip, tip, style)
	}
	if note := noteBlock("in any state", m.Any, false); note != nil {
		dotNote(b, "    ", fmt.Sprintf("m%d_note", index), note)
	}
	b.WriteString("  }\n")
}

func dotNote(b *strings.Builder, indent, id string, note *block) {
	fmt.Fprintf(b, "%s%s [shape=note, style=filled, fillcolor=\"#fcfcf5\", fontsize=10, label=%s, tooltip=%s];\n",
		indent, id, linesDOT(note.lines, `\l`), quoteDOT(note.tip))
}

// linesDOT quotes lines that each end with end: \n centred, \l on the left.
func linesDOT(lines []textLine, end string) string {
	var b strings.Builder
	for i, l := range lines {
		b.WriteString(escapeDOT(l.text))
		if end == `\l` || i < len(lines)-1 {
			b.WriteString(end)
		}
	}
	return `"` + b.String() + `"`
}

// quoteDOT quotes a text; Graphviz would take a backslash for an escape of its own.
func quoteDOT(text string) string { return `"` + escapeDOT(text) + `"` }

func escapeDOT(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text)
}
