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
	for i, m := range g.Machines { // classes are given outside of composite states
		for k, s := range m.States {
			if s.Level != "" {
				fmt.Fprintf(&b, "  class m%d_s%d %s\n", i, k, s.Level)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// mermaid writes one machine.
func (m *Machine) mermaid(b *strings.Builder, indent string, index int) {
	id := func(state int) string {
		if state == Any {
			return fmt.Sprintf("m%d_any", index)
		}
		return fmt.Sprintf("m%d_s%d", index, state)
	}
	hasAny := false
	for i, s := range m.States {
		fmt.Fprintf(b, "%sstate \"%s\" as %s\n", indent, escapeMermaid(s.Name), id(i))
	}
	for _, e := range m.Edges {
		hasAny = hasAny || e.From == Any
	}
	if hasAny {
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
		var list []string
		for _, r := range s.Rules {
			if r.acts() {
				list = append(list, ruleText(r, false))
			}
		}
		mermaidNote(b, indent, id(i), list)
	}
	list := []string{"in any state"}
	for _, r := range m.Any {
		if len(r.words(true)) > 0 {
			list = append(list, ruleText(r, true))
		}
	}
	if len(list) > 1 {
		mermaidNote(b, indent, id(0), list)
	}
}

func mermaidNote(b *strings.Builder, indent, id string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "%snote right of %s\n", indent, id)
	for _, l := range lines {
		fmt.Fprintf(b, "%s  %s\n", indent, escapeMermaid(l))
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
