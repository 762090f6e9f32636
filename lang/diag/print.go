package diag

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/streamon/streamon/lang/source"
)

// MaxPrinted is how many diagnostics [List.Print] shows before it only counts.
const MaxPrinted = 10

// The escapes of a coloured terminal.
const (
	colourReset  = "\x1b[0m"
	colourBold   = "\x1b[1m"
	colourRed    = "\x1b[1;31m"
	colourYellow = "\x1b[1;33m"
	colourCyan   = "\x1b[36m"
)

// Print writes l, which should be sorted, as text for people: the first line
// of each, the source line with carets and hint, the notes; at most
// [MaxPrinted] diagnostics, errors before warnings when not all fit, then the
// count of the rest. f is the file they are about; when it is nil no source
// lines are shown. colour adds terminal escapes.
func (l List) Print(w io.Writer, f *source.File, colour bool) error {
	p := printer{file: f, colour: colour}
	shown := l.shown()
	for _, d := range shown {
		p.diagnostic(d)
	}
	if rest := len(l) - len(shown); rest > 0 {
		fmt.Fprintf(&p.b, "and %s more\n", l.countText(shown))
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// shown returns the diagnostics that Print shows, in order.
func (l List) shown() List {
	if len(l) <= MaxPrinted {
		return l
	}
	errors := min(l.Count(Error), MaxPrinted)
	warnings := MaxPrinted - errors
	var out List
	for _, d := range l {
		left := &errors
		if d.Severity == Warning {
			left = &warnings
		}
		if *left > 0 {
			out = append(out, d)
			*left--
		}
	}
	return out
}

// countText says how many are not shown: "3 errors and 1 warning".
func (l List) countText(shown List) string {
	var parts []string
	for s := Error; s < numSeverities; s++ {
		switch n := l.Count(s) - shown.Count(s); {
		case n == 1:
			parts = append(parts, "1 "+s.String())
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", n, s))
		}
	}
	return strings.Join(parts, " and ")
}

type printer struct {
	b      strings.Builder
	file   *source.File
	colour bool
}

func (p *printer) paint(colour, text string) string {
	if !p.colour || text == "" {
		return text
	}
	return colour + text + colourReset
}

func (p *printer) diagnostic(d *Diagnostic) {
	colour := colourRed
	if d.Severity == Warning {
		colour = colourYellow
	}
	fmt.Fprintf(&p.b, "%s: %s: %s [%s]\n",
		p.paint(colourBold, d.Span.String()), p.paint(colour, d.Severity.String()), oneLine(d.Message), d.Code)
	if !p.snippet(d, colour) && d.Hint != "" {
		fmt.Fprintf(&p.b, "   hint: %s\n", oneLine(d.Hint))
	}
	for _, n := range d.Notes {
		if n.Span.IsValid() {
			fmt.Fprintf(&p.b, "%s: %s: %s\n", p.paint(colourBold, n.Span.String()), p.paint(colourCyan, "note"), oneLine(n.Message))
		} else {
			fmt.Fprintf(&p.b, "   %s: %s\n", p.paint(colourCyan, "note"), oneLine(n.Message))
		}
	}
}

// snippet writes the source line and the carets with the hint. It reports
// whether there is a line to show.
func (p *printer) snippet(d *Diagnostic, colour string) bool {
	start := d.Span.Start
	if p.file == nil || !start.IsValid() || start.Line > p.file.NumLines() {
		return false
	}
	line := p.file.Line(start.Line)
	before := prefix(line, start.Column-1)
	marked := 1
	if n := d.Span.Len(); n > 0 && len(before) < len(line) {
		text := line[len(before):]
		marked = max(1, utf8.RuneCountInString(text[:min(n, len(text))]))
	}
	number := fmt.Sprintf("%5d", start.Line)
	fmt.Fprintf(&p.b, "%s | %s\n", number, line)
	fmt.Fprintf(&p.b, "%s | %s%s", strings.Repeat(" ", len(number)), blank(before), p.paint(colour, strings.Repeat("^", marked)))
	if d.Hint != "" {
		p.b.WriteString(" " + oneLine(d.Hint))
	}
	p.b.WriteString("\n")
	return true
}

// prefix returns the first n runes of s, or all when there are fewer.
func prefix(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// blank returns s with everything but tabs made a space, so that what follows
// stands where it stood after s.
func blank(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, s)
}

// oneLine keeps a message on one line, whatever user text is in it.
func oneLine(s string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(s) }
