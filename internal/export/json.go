package export

import (
	"io"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// JSON writes one JSON object a line, its fields always in the same order. It
// allocates nothing per record once its buffer has grown.
type JSON struct {
	w   io.Writer
	buf []byte
	err error // the first error of w; nothing is written after it
}

// NewJSON returns a Writer of JSON lines to w.
func NewJSON(w io.Writer) *JSON { return &JSON{w: w} }

// Write implements Writer.
func (j *JSON) Write(o *Origin, r *program.Record) error {
	j.buf = append(AppendRecord(j.buf, o, r), '\n')
	if len(j.buf) >= flushSize {
		return j.Flush()
	}
	return j.err
}

// Flush implements Writer.
func (j *JSON) Flush() error {
	if len(j.buf) > 0 && j.err == nil {
		_, j.err = j.w.Write(j.buf)
	}
	j.buf = j.buf[:0]
	return j.err
}

// AppendRecord appends r as a JSON object, without a line end.
func AppendRecord(b []byte, o *Origin, r *program.Record) []byte {
	b = append(b, `{"schema":`...)
	b = strconv.AppendInt(b, schemaVersion, 10)
	b = append(b, `,"time":"`...)
	b = program.AppendTime(b, r.Time)
	b = appendText(b, `","type":`, r.Type.String())
	b = appendText(b, `,"program":`, o.Program)
	b = appendText(b, `,"version":`, o.Version)
	if o.Instance != "" {
		b = appendText(b, `,"instance":`, o.Instance)
	}
	if o.Tenant != "" {
		b = appendText(b, `,"tenant":`, o.Tenant)
	}
	b = appendText(b, `,"event":`, r.Event)
	b = append(b, `,"entity":`...)
	b = AppendObject(b, r.Entity)
	b = appendText(b, `,"from":`, r.From)
	b = appendText(b, `,"to":`, r.To)
	switch r.Type {
	case program.AlertRecord:
		b = appendText(b, `,"level":`, r.Level.String())
		if r.Code != "" {
			b = appendText(b, `,"code":`, r.Code)
		}
		b = append(b, `,"message":`...)
		b = appendString(b, r.Message)
		b = append(b, `,"features":`...)
		b = AppendObject(b, r.Features)
		if r.Suppressed > 0 {
			b = strconv.AppendUint(append(b, `,"suppressed":`...), r.Suppressed, 10)
		}
	case program.PublishRecord:
		b = appendText(b, `,"topic":`, r.Topic)
		b = append(b, `,"fields":`...)
		b = AppendObject(b, r.Fields)
	case program.ExecRecord:
		b = append(b, `,"argv":[`...)
		for i := range r.Args {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, r.Arg(i))
		}
		b = append(b, `],"run":`...)
		b = strconv.AppendBool(b, r.Runs)
		if !r.Runs {
			b = appendText(b, `,"reason":`, r.Reason)
		}
	default:
		b = append(b, `,"message":`...)
		b = appendString(b, r.Message)
		if len(r.Fields) > 0 {
			b = append(b, `,"fields":`...)
			b = AppendObject(b, r.Fields)
		}
	}
	return append(b, '}')
}

// appendText appends literal text and then a JSON string.
func appendText(b []byte, literal, s string) []byte {
	return appendString(append(b, literal...), s)
}

// AppendObject appends named values as a JSON object.
func AppendObject(b []byte, fields []program.Field) []byte {
	b = append(b, '{')
	for i := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, fields[i].Name), ':')
		b = appendValue(b, &fields[i].Value)
	}
	return append(b, '}')
}

// AppendValue appends v as JSON: undefined and what JSON has no number for as
// null, durations in seconds, times and addresses as strings, top-k lists as
// arrays of {"key", "value"}.
func AppendValue(b []byte, v program.Value) []byte { return appendValue(b, &v) }

func appendValue(b []byte, v *program.Value) []byte {
	switch v.Kind {
	case program.KindBool:
		return strconv.AppendBool(b, v.I != 0)
	case program.KindInt:
		return strconv.AppendInt(b, v.I, 10)
	case program.KindFloat:
		if math.IsNaN(v.F) || math.IsInf(v.F, 0) {
			return append(b, "null"...)
		}
		return program.AppendFloat(b, v.F, "")
	case program.KindDuration:
		return appendSeconds(b, v.I)
	case program.KindTime:
		b = program.AppendTime(append(b, '"'), packet.Time(v.I))
		return append(b, '"')
	case program.KindIP:
		b = program.AppendIP(append(b, '"'), v.B)
		return append(b, '"')
	case program.KindMAC:
		b = program.AppendMAC(append(b, '"'), [6]byte(v.B[:6]))
		return append(b, '"')
	case program.KindString:
		return appendString(b, v.S)
	case program.KindEntries:
		b = append(b, '[')
		for i := range v.L {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(b, `{"key":`, v.L[i].Name)
			b = append(b, `,"value":`...)
			b = append(appendValue(b, &v.L[i].Value), '}')
		}
		return append(b, ']')
	}
	return append(b, "null"...)
}

// appendSeconds appends ns nanoseconds as a number of seconds, exactly.
func appendSeconds(b []byte, ns int64) []byte {
	u := uint64(ns)
	if ns < 0 {
		b = append(b, '-')
		u = -u
	}
	b = strconv.AppendUint(b, u/1e9, 10)
	rest := u % 1e9
	if rest == 0 {
		return b
	}
	b = append(b, '.')
	for unit := uint64(1e8); rest > 0; unit /= 10 {
		b = append(b, byte('0'+rest/unit))
		rest %= unit
	}
	return b
}

// appendString appends s as a JSON string (RFC 8259 §7). Bytes that are not UTF-8
// become U+FFFD; control characters are escaped.
func appendString[S string | []byte](b []byte, s S) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < 0x7f {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = decodeRune(s[i:]); (r != utf8.RuneError || size > 1) && !isControl(r) {
				i += size
				continue
			} else if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), `\ufffd`...)
			} else {
				b = append(append(b, s[start:i]...), `\u`...)
				b = append(b, hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
			}
		} else {
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, `\n`...)
			case '\t':
				b = append(b, `\t`...)
			case '\r':
				b = append(b, `\r`...)
			default:
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
		}
		i += size
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// decodeRune decodes the first rune of s without converting all of it.
func decodeRune[S string | []byte](s S) (rune, int) {
	var head [utf8.UTFMax]byte
	return utf8.DecodeRune(head[:copy(head[:], s)])
}

// AppendPath appends the states of an alert's entity as a field of a JSON object that is
// not empty: ,"path":[{"state":"alert","since":"…"}].
func AppendPath(b []byte, r *program.Record) []byte {
	b = append(b, `,"path":[`...)
	for i, s := range r.Path {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, `{"state":`...), s.State)
		b = append(program.AppendTime(append(b, `,"since":"`...), s.Since), `"}`...)
	}
	return append(b, ']')
}
