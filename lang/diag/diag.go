// Package diag owns diagnostics: what the compiler says to the writer of a
// program. A diagnostic is a value; the same value feeds the terminal, JSON,
// tests and editors. Front-ends and the checker add to a [List]; whoever runs
// them prints it.
//
//	var l diag.List
//	l.Errorf(diag.UnknownField, id.Span(), "unknown packet field %q", id.Name).
//		Suggest(diag.Nearest(id.Name, names)).
//		Note(source.Span{}, "layer ip has src, dst")
//	l.Print(os.Stderr, file, false)
package diag

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/streamon/streamon/lang/source"
)

// Severity says whether a program with this diagnostic can be built.
type Severity int

// The severities.
const (
	Error   Severity = iota // the program cannot be built
	Warning                 // it can, but hardly does what is wanted

	numSeverities
)

var severityNames = [numSeverities]string{Error: "error", Warning: "warning"}

// String returns "error" or "warning".
func (s Severity) String() string {
	if s < 0 || s >= numSeverities {
		return "?"
	}
	return severityNames[s]
}

// Diagnostic is one complaint about one place.
type Diagnostic struct {
	Severity Severity
	Code     Code
	Span     source.Span // what it is about; the caret line underlines it
	Message  string      // lower case, no full stop
	Hint     string      // printed after the carets: what to do; or ""
	Notes    []Note      // other places, each says what it contributes
	Fix      *Fix        // a change that probably is what was meant; or nil

	isForm bool // the hint was set by Formf
}

// Fix is a change of the program: the text of the span is replaced. Only a guess
// at a misspelt name makes one, so a person looks at it before it is made.
type Fix struct {
	Span source.Span
	Text string
}

// Note is a further remark, with a place of its own or, if the span is zero, none.
type Note struct {
	Span    source.Span
	Message string
}

// Note adds a remark about a second place and returns d.
func (d *Diagnostic) Note(at source.Span, format string, args ...any) *Diagnostic {
	d.Notes = append(d.Notes, Note{at, fmt.Sprintf(format, args...)})
	return d
}

// Hintf sets the hint in place of any before it, takes back a fix, and returns d.
func (d *Diagnostic) Hintf(format string, args ...any) *Diagnostic {
	d.Hint, d.Fix, d.isForm = fmt.Sprintf(format, args...), nil, false
	return d
}

// Formf is Hintf for a hint that shows how something is written in .smon.
func (d *Diagnostic) Formf(format string, args ...any) *Diagnostic {
	d.Hintf(format, args...).isForm = true
	return d
}

// Suggest sets the hint "did you mean …?" and the fix that puts name in the place of
// the diagnostic, and returns d; an empty name, as [Nearest] returns when nothing
// is near, changes nothing.
func (d *Diagnostic) Suggest(name string) *Diagnostic {
	if name != "" {
		d.Hint = fmt.Sprintf("did you mean %q?", name)
		d.Fix, d.isForm = &Fix{d.Span, name}, false
	}
	return d
}

// Error returns the first line of the diagnostic, which stands alone.
func (d *Diagnostic) Error() string {
	return fmt.Sprintf("%s: %s: %s [%s]", d.Span, d.Severity, d.Message, d.Code)
}

// List is diagnostics in the order they were found, see [List.Sort]. The zero
// value is empty and ready to use; it is not safe for concurrent use.
type List []*Diagnostic

// Errorf adds an error and returns it, for hints and notes to be added.
func (l *List) Errorf(code Code, at source.Span, format string, args ...any) *Diagnostic {
	return l.add(Error, code, at, format, args...)
}

// Warnf adds a warning and returns it, for hints and notes to be added.
func (l *List) Warnf(code Code, at source.Span, format string, args ...any) *Diagnostic {
	return l.add(Warning, code, at, format, args...)
}

func (l *List) add(s Severity, code Code, at source.Span, format string, args ...any) *Diagnostic {
	d := &Diagnostic{Severity: s, Code: code, Span: at, Message: fmt.Sprintf(format, args...)}
	*l = append(*l, d)
	return d
}

// HasErrors reports whether a program with this list cannot be built.
func (l List) HasErrors() bool { return l.Count(Error) > 0 }

// Count returns how many diagnostics have the severity.
func (l List) Count(s Severity) int {
	n := 0
	for _, d := range l {
		if d.Severity == s {
			n++
		}
	}
	return n
}

// DropForms takes back the hints that were set by Formf: whoever writes XML cannot write
// what they show.
func (l List) DropForms() {
	for _, d := range l {
		if d.isForm {
			d.Hint, d.isForm = "", false
		}
	}
}

// Sort orders l by place, then errors before warnings, and removes what is
// said twice of the same place.
func (l *List) Sort() {
	slices.SortStableFunc(*l, func(a, b *Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Span.Start.Filename, b.Span.Start.Filename),
			cmp.Compare(a.Span.Start.Offset, b.Span.Start.Offset),
			cmp.Compare(a.Severity, b.Severity),
		)
	})
	*l = slices.CompactFunc(*l, func(a, b *Diagnostic) bool {
		return a.Code == b.Code && a.Span == b.Span && a.Message == b.Message
	})
}

// Err returns l as an error when it has errors, else nil.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return l
}

// Error returns the first error's line and how many more there are.
func (l List) Error() string {
	first := ""
	for _, d := range l {
		if d.Severity == Error {
			first = d.Error()
			break
		}
	}
	switch n := l.Count(Error); {
	case n == 0:
		return "no errors"
	case n == 1:
		return first
	default:
		return fmt.Sprintf("%s (and %d more)", first, n-1)
	}
}
