package draw

import (
	"fmt"
	"io"
	"strings"
)

// Mermaid writes the machines as a state diagram, as Markdown pages show it: one
// composite state for each entity if there are several.
func (g *Graph) Mermaid(w io.Writer) error {
	var b strings.Builder
	if g.Doc != "" {
		fmt.Fprintf(&b, "%%%% %s: %s\n", g.Name, strings.ReplaceAll(g.Doc, "%%", "%"))
	}
	b.WriteString("stateDiagram-v2\n")
	for _, p := range paints[1:] {
		fmt.Fprintf(&b, "  classDef %s fill:%s,stroke:%s,color:#1b2027\n", p.level, p.fill, p.line)
	}
	for i, m := range g.Machines {
		indent := "  "
		if len(g.Machines) > 1 {
			fmt.Fprintf(&b, "  state \"for each %s\" as m%d {\n", escapeMermaid(m.Entity+": "+m.Key), i)
			indent = "    "
		}
		m.mermaid(&b, indent, i)
		if len(g.Machines) > 1 {
			b.WriteString("  }\n")
		}
	}
	if list := said(g.Program, false); len(list) > 0 { // a note needs a state to stand beside
		b.WriteString("  state \"for the whole program\" as program\n")
		mermaidNote(&b, "  ", "program", "", list, true)
	}
	for i, m := range g.Machines { // classes are given outside of composite states
		for k, s := range m.States {
			if s.Level != "" {
				fmt.Fprintf(&b, "  class %s %s\n", nodeID(i, k), s.Level)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// mermaid writes one machine.
func (m *Machine) mermaid(b *strings.Builder, indent string, index int) {
	id := func(state int) string { return nodeID(index, state) }
	for i, s := range m.States {
		fmt.Fprintf(b, "%sstate \"%s\" as %s\n", indent, escapeMermaid(s.Name), id(i))
	}
	if m.hasAny() {
		fmt.Fprintf(b, "%sstate \"any state\" as %s\n", indent, id(Any))
	}
	fmt.Fprintf(b, "%s[*] --> %s\n", indent, id(0))
	for _, e := range m.Edges {
		label := e.after()
		if e.After == "" {
			label = ruleText(&e.Rule, false)
			if m.isTimer(e) {
				label = "timeout " + label
			}
		}
		fmt.Fprintf(b, "%s%s --> %s: %s\n", indent, id(e.From), id(e.To), escapeMermaid(label))
	}
	for i, s := range m.States {
		mermaidNote(b, indent, id(i), "", acting(s.Rules, false), false)
	}
	mermaidNote(b, indent, id(0), "in any state", said(m.Any, false), true)
}

// mermaidNote writes rules beside a state, below a heading if it is not "".
func mermaidNote(b *strings.Builder, indent, id, head string, list []*Rule, books bool) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "%snote right of %s\n", indent, id)
	if head != "" {
		fmt.Fprintf(b, "%s  %s\n", indent, escapeMermaid(head))
	}
	for _, r := range list {
		fmt.Fprintf(b, "%s  %s\n", indent, escapeMermaid(ruleText(r, books)))
	}
	fmt.Fprintf(b, "%send note\n", indent)
}

// escapeMermaid writes what Mermaid would take for its own as character numbers.
func escapeMermaid(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune("#;:\"<>{}%&`\\", r) {
			fmt.Fprintf(&b, "#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
