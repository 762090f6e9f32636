package draw

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/codegen/graph/layout"
)

// block is a box with text in it: a state, a label, a note, a heading. No two
// blocks of a drawing overlap.
type block struct {
	layout.Box
	kind  string // class in the SVG: "state", "label", "note", "title" …
	lines []textLine
	rule  int    // a line is drawn above the first line of this index; 0 = none
	tip   string // the whole text, shown by viewers as a tooltip
	align byte   // '<', '|' or '>'
	padX  int
	padY  int

	missed bool // runs did not reach it: see Graph.Mark
}

// textLine is one line of text.
type textLine struct {
	font  *font
	text  string
	clock bool // a clock stands before the text
}

// clockRoom is what a clock and the space behind it take.
const clockRoom = 17

func (l textLine) width() int {
	if l.clock {
		return clockRoom + l.font.width(l.text)
	}
	return l.font.width(l.text)
}

// Bounds of what is written into the drawing; the whole text is in the tooltip.
const (
	nameWidth = 220 // px
	docWidth  = 190
	docLines  = 2
	ruleWidth = 250
	ruleLines = 2
	maxRules  = 4

	labelWidth  = 190
	eventLines  = 2
	guardLines  = 4
	actionLines = 2

	noteWidth = 250
	maxNotes  = 12
)

func (b *block) add(f *font, lines ...string) {
	for _, l := range lines {
		b.lines = append(b.lines, textLine{font: f, text: l})
	}
}

// fit gives the block the size of its text.
func (b *block) fit() {
	b.W, b.H = 0, 2*b.padY
	for _, l := range b.lines {
		b.W = max(b.W, l.width())
		b.H += l.font.line
	}
	if b.rule > 0 {
		b.H += ruleSpace
	}
	b.W += 2 * b.padX
}

// ruleSpace is the height of the line between the parts of a state.
const ruleSpace = 9

// stateBlock says what is to be said about a state.
func stateBlock(s *State, marked bool) *block {
	b := &block{kind: "state", align: '|', padX: 14, padY: 9}
	b.add(&fontName, fontName.shorten(s.Name, nameWidth))
	b.add(&fontSmall, fontSmall.wrap(s.Doc, docWidth, docLines)...)
	if about := levelText(s); about != "" {
		b.add(&fontSmall, fontSmall.shorten(about, docWidth))
	}
	if marked {
		b.missed = s.Hits == 0
		b.count(s.Hits, "entered", "")
	}
	if list := acting(s.Rules, marked); len(list) > 0 {
		b.rule = len(b.lines)
		b.addRules(list, ruleWidth, maxRules, false, marked)
	}
	b.tip = stateTip(s)
	b.fit()
	b.W, b.H = max(b.W, 92), max(b.H, 42)
	return b
}

// levelText returns the level and the code of a state.
func levelText(s *State) string {
	var list []string
	if s.Level != "" {
		list = append(list, s.Level)
	}
	if s.Code != "" {
		list = append(list, s.Code)
	}
	return strings.Join(list, " · ")
}

// addRules writes rules as UML writes what happens inside a state: events, guard
// in brackets, actions behind a slash.
func (b *block) addRules(list []*Rule, width, most int, books, marked bool) {
	n := 0
	for _, r := range list {
		if n++; n > most {
			b.add(&fontRule, "…")
			return
		}
		for i, line := range fontRule.wrap(ruleText(r, books), width-2*fontRule.width(" "), ruleLines) {
			if i > 0 {
				line = "  " + line
			}
			b.add(&fontRule, line)
		}
		if marked && r.Guard != "" {
			b.addReached(r, "holds", "  ")
		}
	}
}

// ruleText returns a rule on one line, as UML writes it.
func ruleText(r *Rule, books bool) string {
	text := strings.Join(r.Events, ", ")
	if r.Guard != "" {
		text += " [" + r.Guard + "]"
	}
	if words := r.words(books); len(words) > 0 {
		text += " / " + strings.Join(words, ", ")
	}
	return text
}

// words returns the actions of a rule in a few words each, those that only keep
// the books if books is set.
func (r *Rule) words(books bool) (out []string) {
	for _, a := range r.Actions {
		if a.Short == "" || a.Keeps && !books {
			continue
		}
		verb, rest, _ := strings.Cut(a.Short, " ")
		if n := len(out); n > 0 && rest != "" && strings.HasPrefix(out[n-1], verb+" ") {
			out[n-1] += ", " + rest // set a, b
		} else {
			out = append(out, a.Short)
		}
	}
	return slices.Compact(out)
}

// labelBlock says when an edge is taken and what is done.
func labelBlock(m *Machine, e *Edge, marked bool) *block {
	b := &block{kind: "label", align: '<', padX: 1, padY: 1}
	if e.After != "" {
		b.add(&fontAct, fontAct.wrap(e.after(), labelWidth, guardLines)...)
	} else {
		b.add(&fontEvent, fontEvent.wrap(strings.Join(e.Events, ", "), labelWidth-clockRoom, eventLines)...)
		b.lines[0].clock = m.isTimer(e)
		b.add(&fontGuard, fontGuard.wrap(e.Guard, labelWidth, guardLines)...)
		if words := e.words(false); len(words) > 0 {
			b.add(&fontAct, fontAct.wrap("/ "+strings.Join(words, ", "), labelWidth, actionLines)...)
		}
	}
	if marked {
		b.missed = e.Hits == 0
		b.addReached(&e.Rule, "taken", "")
	}
	b.tip = edgeTip(m, e)
	b.fit()
	return b
}

// noteBlock is a note about what happens whatever the state; nil if nothing does.
func noteBlock(head string, list []*Rule, marked bool) *block {
	shown := said(list, marked)
	if len(shown) == 0 {
		return nil
	}
	b := &block{kind: "note", align: '<', padX: 12, padY: 9}
	b.add(&fontSmall, head)
	b.addRules(shown, noteWidth, maxNotes, true, marked)
	b.tip = head + "\n" + rulesTip(list)
	b.fit()
	return b
}

// stateTip is the whole text about a state.
func stateTip(s *State) string {
	text := "state " + s.Name
	if s.Level != "" {
		text += ", level " + s.Level
		if s.Inferred {
			text += " (that of an alert on the way into it)"
		}
	}
	if s.Code != "" {
		text += ", code " + s.Code
	}
	if s.Doc != "" {
		text += "\n" + s.Doc
	}
	if len(s.Rules) > 0 {
		text += "\n" + rulesTip(s.Rules)
	}
	return text
}

func rulesTip(list []*Rule) string {
	var out []string
	for _, r := range list {
		out = append(out, ruleTip(r))
	}
	return strings.Join(out, "\n")
}

// ruleTip is the whole text of a rule, in the words of the program.
func ruleTip(r *Rule) string {
	text := "on " + strings.Join(r.Events, ", ")
	switch r.Guard {
	case "":
	case Otherwise:
		text += " otherwise"
	default:
		text += " when " + r.Guard
	}
	for _, a := range r.Actions {
		text += "\n    " + a.Full
	}
	return text
}

// edgeTip is the whole text of an edge.
func edgeTip(m *Machine, e *Edge) string {
	from := "any state"
	if e.From != Any {
		from = m.States[e.From].Name
	}
	text := from + " → " + m.States[e.To].Name + "\n"
	if e.After != "" {
		if e.Lazy {
			return text + "with the next event after more than " + e.After + " in the state"
		}
		return text + "after " + e.After + " in the state"
	}
	return text + ruleTip(&e.Rule)
}
