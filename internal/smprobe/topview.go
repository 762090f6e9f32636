package smprobe

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/streamon/streamon/internal/probe"
)

// topView is what smprobe top shows: two looks at the probe, and in which order.
type topView struct {
	before, now look
	err         error // the last look failed: now is older
	every       time.Duration

	sort       int // index of topColumns
	isReversed bool

	width, height int // of the terminal; 0 = no bound
	alerts        int // without a height
	styled        bool
}

// take makes a look the newest one.
func (v *topView) take(l look) {
	if v.err = l.err; l.err == nil {
		v.before, v.now = v.now, l
	}
}

// press does what a key is for.
func (v *topView) press(k key) {
	step := map[key]int{keyLeft: len(topColumns) - 1, keyRight: 1}[k]
	if k == keyReverse {
		v.isReversed = !v.isReversed
	}
	if step == 0 {
		return
	}
	for v.sort = (v.sort + step) % len(topColumns); topColumns[v.sort].compare == nil; {
		v.sort = (v.sort + step) % len(topColumns)
	}
}

// rate returns how much a counter grew in a second; negative if that is not known, as after
// the probe began anew.
func (v *topView) rate(now, before uint64, isKnown bool) float64 {
	took := v.now.at.Sub(v.before.at).Seconds()
	if !isKnown || v.before.at.IsZero() || took <= 0 || now < before {
		return -1
	}
	return float64(now-before) / took
}

// rows returns the programs in their order.
func (v *topView) rows() (rows []topRow) {
	old := map[string]*probe.Program{}
	for i := range v.before.summary.Programs {
		p := &v.before.summary.Programs[i]
		old[p.Name] = p
	}
	for i := range v.now.summary.Programs {
		p := &v.now.summary.Programs[i]
		r := topRow{p, -1}
		if o := old[p.Name]; o != nil {
			r.rate = v.rate(p.Packets, o.Packets, true)
		}
		rows = append(rows, r)
	}
	slices.SortStableFunc(rows, func(a, b topRow) int {
		n := topColumns[v.sort].compare(&a, &b)
		if v.isReversed {
			n = -n
		}
		return n
	})
	return rows
}

// frame returns what is to be shown, line by line.
func (v *topView) frame() string {
	lines := v.head()
	table := v.table()
	rest := v.alerts
	if v.height > 0 {
		// Programs have the right of way, and alerts what is left, with a line between and one for the keys.
		table = table[:min(len(table), max(2, v.height-len(lines)-2))]
		rest = v.height - len(lines) - len(table) - 3
	}
	lines = append(lines, table...)
	if list := v.alertLines(rest); len(list) > 0 {
		lines = append(append(lines, ""), list...)
	}
	if v.height > 0 {
		for len(lines) < v.height-1 {
			lines = append(lines, "")
		}
		lines = append(lines[:v.height-1], v.cut("q quit   ← → sort by   r reverse"))
	}
	return strings.Join(lines, "\n") + "\n"
}

// head returns the lines about all packets, and one below that is empty or says what is wrong.
func (v *topView) head() []string {
	s := &v.now.summary
	p, old := &s.Packets, &v.before.summary.Packets
	var dropped, lostRecords, alerts uint64
	var memory int64
	in := 0
	for _, i := range s.Interfaces {
		dropped += i.Dropped + i.Missed
	}
	for i := range s.Programs {
		q := &s.Programs[i]
		in, alerts, memory, lostRecords = in+occupied(q.States), alerts+q.Records.Alert, memory+q.MemoryBytes, lostRecords+q.Records.Lost
	}
	bits := v.rate(p.Bytes, old.Bytes, true)
	if bits >= 0 {
		bits *= 8
	}
	first := fmt.Sprintf("%s packets/s   %sbit/s   packets %d", rateText(v.rate(p.Read, old.Read, true)), unitText(bits), p.Read)
	if s.Last != nil {
		first += "   newest " + clockOf(*s.Last) + " UTC"
	}
	second := fmt.Sprintf("programs %d   in states %d   alerts %d   dropped %d   malformed %d   late %d   records lost %d   memory %s",
		len(s.Programs), in, alerts, dropped, p.Malformed, s.Late, lostRecords, sizeText(memory))
	third := ""
	if v.err != nil {
		third = fmt.Sprintf("no answer: %s; this is of %v ago, trying again", visible(v.err.Error()), time.Since(v.now.at).Round(time.Second))
	}
	return []string{v.cut(first), v.cut(second), v.bold(v.cut(third))}
}

// table returns the heading and a line for each program.
func (v *topView) table() []string {
	rows := v.rows()
	cells := [][]string{{}}
	for i, c := range topColumns {
		head := c.head
		if i == v.sort && v.isReversed {
			head += "↑"
		} else if i == v.sort {
			head += "↓"
		}
		cells[0] = append(cells[0], head)
	}
	for i := range rows {
		var line []string
		for _, c := range topColumns {
			line = append(line, c.text(&rows[i]))
		}
		cells = append(cells, line)
	}
	var lines []string
	for n, text := range align(cells, func(i int) bool { return !topColumns[i].isText }) {
		text = v.cut(text)
		if n == 0 && v.styled {
			text = styleReverse + text + strings.Repeat(" ", max(0, v.width-utf8.RuneCountInString(text))) + styleNone
		}
		if n > 0 && rows[n-1].Error != "" {
			text = v.bold(text)
		}
		lines = append(lines, text)
	}
	if len(rows) == 0 {
		lines = append(lines, "no program is loaded: smprobe load FILE")
	}
	return lines
}

// alertLines returns up to n alerts, the newest first.
func (v *topView) alertLines(n int) (lines []string) {
	for i := len(v.now.alerts) - 1; i >= 0 && len(lines) < n; i-- {
		r, err := readAlert(v.now.alerts[i])
		if err != nil {
			return append(lines, v.cut(err.Error()))
		}
		text := fmt.Sprintf("%s  %-8s  %s", clockOf(r.Time), strings.ToUpper(r.Level), r.Program)
		if r.From != r.To {
			text += "  " + r.From + " -> " + r.To
		}
		lines = append(lines, v.cut(text+"  "+visible(r.Message)))
	}
	return lines
}

// clockOf returns the time of day of a packet time.
func clockOf(t string) string {
	if _, clock, ok := strings.Cut(t, "T"); ok && len(clock) >= 8 {
		return clock[:8]
	}
	return t
}

// cut shortens a line to the terminal.
func (v *topView) cut(line string) string {
	if v.width <= 0 || utf8.RuneCountInString(line) <= v.width {
		return line
	}
	return string([]rune(line)[:v.width-1]) + "…"
}

func (v *topView) bold(line string) string {
	if !v.styled || line == "" {
		return line
	}
	return styleBold + line + styleNone
}
