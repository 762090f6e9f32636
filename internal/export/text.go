package export

import (
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/streamon/streamon/runtime/program"
)

// Text writes one line a record for people to read:
//
//	2012-06-01 09:30:00.123456 HIGH conficker 10.0.0.7 alert -> infected: 10.0.0.7 scans port 445 [answer_ratio=0.12]
type Text struct {
	w     io.Writer
	buf   []byte
	color bool
	err   error
}

// NewText returns a Writer of text lines to w, with colours for terminals if asked.
func NewText(w io.Writer, color bool) *Text { return &Text{w: w, color: color} }

// The colours of levels: SGR parameters (ECMA-48 §8.3.117).
var colors = [...]string{
	program.LevelInfo: "2", program.LevelLow: "36", program.LevelMedium: "33", program.LevelHigh: "31", program.LevelCritical: "1;31",
}

var levelWords = [...]string{
	program.LevelInfo: "INFO", program.LevelLow: "LOW", program.LevelMedium: "MEDIUM", program.LevelHigh: "HIGH", program.LevelCritical: "CRITICAL",
}

// Write implements Writer.
func (t *Text) Write(o *Origin, r *program.Record) error {
	t.buf = append(AppendLine(t.buf, o, r, t.color), '\n')
	if len(t.buf) >= flushSize {
		return t.Flush()
	}
	return t.err
}

// AppendLine appends r as a line of text, without its end.
func AppendLine(l []byte, o *Origin, r *program.Record, color bool) []byte {
	l = appendClock(l, r)
	l = append(l, ' ')
	switch r.Type {
	case program.AlertRecord:
		if color {
			l = append(append(append(l, "\x1b["...), colors[r.Level]...), 'm')
		}
		l = append(l, levelWords[r.Level]...)
		if color {
			l = append(l, "\x1b[0m"...)
		}
	case program.PublishRecord:
		l = append(l, "PUBLISH"...)
	case program.ExecRecord:
		l = append(l, "EXEC"...)
	default:
		l = append(l, "LOG"...)
	}
	l = append(append(l, ' '), o.Name()...)
	for i := range r.Entity {
		l = append(l, ' ')
		l = appendShown(l, r.Entity[i].Value)
	}
	if r.From != "" {
		l = append(append(l, ' '), r.From...)
		if r.To != r.From {
			l = append(append(l, " -> "...), r.To...)
		}
	}
	l = append(l, ": "...)
	switch r.Type {
	case program.PublishRecord:
		l = append(l, r.Topic...)
	case program.ExecRecord:
		l = appendCommand(l, r)
	default:
		l = appendSafe(l, r.Message)
	}
	l = appendNamed(l, r.Features)
	l = appendNamed(l, r.Fields)
	if r.Suppressed > 0 {
		l = strconv.AppendUint(append(l, " ("...), r.Suppressed, 10)
		l = append(l, " like it were held back)"...)
	}
	return l
}

// Flush implements Writer.
func (t *Text) Flush() error {
	if len(t.buf) > 0 && t.err == nil {
		_, t.err = t.w.Write(t.buf)
	}
	t.buf = t.buf[:0]
	return t.err
}

// appendClock appends date and time to the microsecond.
func appendClock(b []byte, r *program.Record) []byte {
	n := len(b)
	b = program.AppendTime(b, r.Time)
	b[n+len("2012-06-01")] = ' '
	return b[:n+len("2012-06-01 09:30:00.123456")]
}

// appendCommand appends the arguments of a command, those after the first in quotes,
// and why it does not run.
func appendCommand(b []byte, r *program.Record) []byte {
	for i := range r.Args {
		if i == 0 {
			b = appendSafe(b, r.Arg(0))
			continue
		}
		b = append(appendSafe(append(b, ` "`...), r.Arg(i)), '"')
	}
	if !r.Runs {
		b = append(appendSafe(append(b, " (not run: "...), r.Reason), ')')
	}
	return b
}

// appendNamed appends values in brackets, or nothing.
func appendNamed(b []byte, fields []program.Field) []byte {
	for i := range fields {
		if i == 0 {
			b = append(b, " ["...)
		} else {
			b = append(b, ' ')
		}
		b = append(appendSafe(b, fields[i].Name), '=')
		b = appendShown(b, fields[i].Value)
	}
	if len(fields) > 0 {
		b = append(b, ']')
	}
	return b
}

// appendShown appends a value; only text and lists can hold what needs escaping.
func appendShown(b []byte, v program.Value) []byte {
	switch v.Kind {
	case program.KindString:
		return appendSafe(b, v.S)
	case program.KindFloat:
		return program.AppendFloat(b, v.F, ".6g")
	case program.KindEntries:
		for i := range v.L {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = append(appendSafe(b, v.L[i].Name), ' ')
			b = appendShown(b, v.L[i].Value)
		}
		return b
	}
	return program.AppendValue(b, v, "")
}

// appendSafe appends text with everything that a terminal might act on as \x1b,
// \u202e and the like.
func appendSafe[S string | []byte](b []byte, s S) []byte {
	const hex = "0123456789abcdef"
	for i := 0; i < len(s); {
		if c := s[i]; c >= 0x20 && c < 0x7f {
			b = append(b, c)
			i++
			continue
		}
		r, size := decodeRune(s[i:])
		switch {
		case r == utf8.RuneError && size == 1 || r < 0xa0:
			if r != utf8.RuneError && size == 2 { // C1: shown by number, not by bytes
				b = append(b, '\\', 'x', hex[r>>4&15], hex[r&15])
			} else {
				b = append(b, '\\', 'x', hex[s[i]>>4], hex[s[i]&15])
			}
		case isControl(r):
			b = append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			b = append(b, s[i:i+size]...)
		}
		i += size
	}
	return b
}
