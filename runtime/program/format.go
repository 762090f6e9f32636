package program

import (
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/streamon/streamon/runtime/packet"
)

// Formatting for messages, without fmt and without allocation once the buffer
// is large enough. Every Append function returns the extended buffer.
//
// A format is what follows the colon in "{x:.2f}": [.N](f|e|g|d|x|s), or empty
// for the natural form of the kind. A verb that does not fit the kind prints the
// natural form; the checker has refused it before.

// undefinedText is how a message shows a missing value.
const undefinedText = "undefined"

// AppendUndefined appends the word for a value that there is none of.
func AppendUndefined(buf []byte) []byte { return append(buf, undefinedText...) }

// parseFormat splits a format into verb and precision; verb 0 is the natural
// form, precision -1 the default.
func parseFormat(format string) (verb byte, prec int) {
	prec = -1
	if format == "" {
		return 0, prec
	}
	if format[0] == '.' {
		prec = 0
		for format = format[1:]; format != "" && format[0] >= '0' && format[0] <= '9'; format = format[1:] {
			prec = min(prec*10+int(format[0]-'0'), 100)
		}
	}
	if format != "" {
		verb = format[len(format)-1]
	}
	return verb, prec
}

// AppendInt appends x: decimal by default and for "d", hexadecimal for "x"
// (lower case, no prefix), as a float for "f", "e" and "g".
func AppendInt(buf []byte, x int64, format string) []byte {
	switch verb, prec := parseFormat(format); verb {
	case 'x':
		return strconv.AppendInt(buf, x, 16)
	case 'f', 'e', 'g':
		if prec < 0 && verb == 'f' {
			prec = 6
		}
		return appendFloat(buf, float64(x), verb, prec)
	}
	return strconv.AppendInt(buf, x, 10)
}

// AppendFloat appends x: by default the shortest decimal that reads back as x,
// with an exponent only below 1e-4 and from 1e21 on; "f" and "e" have six
// decimals unless the format says otherwise; "d" and "x" round to an integer.
// NaN is "undefined".
func AppendFloat(buf []byte, x float64, format string) []byte {
	verb, prec := parseFormat(format)
	switch verb {
	case 'd', 'x':
		if x != x {
			return AppendUndefined(buf)
		}
		return AppendInt(buf, ToInt(math.RoundToEven(x)), format)
	case 'f', 'e':
		if prec < 0 {
			prec = 6
		}
	case 'g':
	default:
		verb = 'f'
		if a := math.Abs(x); a != 0 && (a < 1e-4 || a >= 1e21) {
			verb = 'e'
		}
	}
	return appendFloat(buf, x, verb, prec)
}

func appendFloat(buf []byte, x float64, verb byte, prec int) []byte {
	switch {
	case x != x:
		return AppendUndefined(buf)
	case math.IsInf(x, 1):
		return append(buf, "inf"...)
	case math.IsInf(x, -1):
		return append(buf, "-inf"...)
	}
	return strconv.AppendFloat(buf, x, verb, prec, 64)
}

// AppendBool appends true or false.
func AppendBool(buf []byte, b bool) []byte { return strconv.AppendBool(buf, b) }

// AppendString appends text; ".Ns" cuts it after N characters.
func AppendString(buf, text []byte, format string) []byte {
	if _, prec := parseFormat(format); prec >= 0 {
		n := 0
		for ; prec > 0 && n < len(text); prec-- {
			_, size := utf8.DecodeRune(text[n:])
			n += size
		}
		text = text[:n]
	}
	return append(buf, text...)
}

const (
	microsecond = 1000
	millisecond = 1000 * microsecond
	second      = 1000 * millisecond
	minute      = 60 * second
	hour        = 60 * minute
	day         = 24 * hour
)

// AppendDuration appends ns nanoseconds as programs write durations, largest
// unit first and without the zero ones: 1m30s, 2h, 1d12h, 1.5s, 250ms, 10us, 7ns,
// 0s. A fraction appears only below a second's unit; "f", "e" and "g" give
// seconds as a number, "d" whole nanoseconds.
func AppendDuration(buf []byte, ns int64, format string) []byte {
	switch verb, _ := parseFormat(format); verb {
	case 'd', 'x':
		return AppendInt(buf, ns, format)
	case 'f', 'e', 'g':
		return AppendFloat(buf, float64(ns)/second, format)
	}
	u := uint64(ns)
	if ns < 0 {
		buf = append(buf, '-')
		u = -u
	}
	switch {
	case u == 0:
		return append(buf, "0s"...)
	case u < microsecond:
		return append(strconv.AppendUint(buf, u, 10), "ns"...)
	case u < millisecond:
		return append(appendDecimal(buf, u, microsecond), "us"...)
	case u < second:
		return append(appendDecimal(buf, u, millisecond), "ms"...)
	}
	for _, unit := range [...]struct {
		size uint64
		name byte
	}{{day, 'd'}, {hour, 'h'}, {minute, 'm'}} {
		if n := u / unit.size; n > 0 {
			buf = append(strconv.AppendUint(buf, n, 10), unit.name)
			u %= unit.size
		}
	}
	if u > 0 {
		buf = append(appendDecimal(buf, u, second), 's')
	}
	return buf
}

// appendDecimal appends u / unit exactly, without trailing zeros; unit is a power of ten.
func appendDecimal(buf []byte, u, unit uint64) []byte {
	buf = strconv.AppendUint(buf, u/unit, 10)
	rest := u % unit
	if rest == 0 {
		return buf
	}
	buf = append(buf, '.')
	for unit /= 10; rest > 0; unit /= 10 {
		buf = append(buf, byte('0'+rest/unit))
		rest %= unit
	}
	return buf
}

// AppendTime appends t in the form of RFC 3339 §5.6, in UTC and always with nine
// decimals: 2012-06-01T09:30:00.000000001Z. Years outside 0 … 9999 do not occur:
// 64 bits of nanoseconds reach from 1677 to 2262.
func AppendTime(buf []byte, t packet.Time) []byte {
	days, rest := int64(t)/day, int64(t)%day
	if rest < 0 {
		days, rest = days-1, rest+day
	}
	y, m, d := civil(days)
	buf = append(appendPadded(buf, y, 4), '-')
	buf = append(appendPadded(buf, m, 2), '-')
	buf = append(appendPadded(buf, d, 2), 'T')
	buf = append(appendPadded(buf, rest/hour, 2), ':')
	buf = append(appendPadded(buf, rest/minute%60, 2), ':')
	buf = append(appendPadded(buf, rest/second%60, 2), '.')
	return append(appendPadded(buf, rest%second, 9), 'Z')
}

// civil turns days since 1970-01-01 into a date of the proleptic Gregorian
// calendar. It counts years from March, so that the leap day is the last of its
// year, in eras of 400 years = 146097 days.
func civil(days int64) (y, m, d int64) {
	z := days + 719468 // days since 0000-03-01
	era := z / 146097
	if z < 0 {
		era = (z - 146096) / 146097
	}
	doe := z - era*146097                                  // day of era, 0 … 146096
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365 // year of era, 0 … 399
	doy := doe - (365*yoe + yoe/4 - yoe/100)               // day of year from 1 March
	mp := (5*doy + 2) / 153                                // month from March, 0 … 11
	d = doy - (153*mp+2)/5 + 1
	m = mp + 3
	if m > 12 {
		m -= 12
	}
	y = yoe + era*400
	if m <= 2 {
		y++
	}
	return y, m, d
}

// appendPadded appends x ≥ 0 with at least width digits.
func appendPadded(buf []byte, x int64, width int) []byte {
	for limit := int64(10); width > 1; width, limit = width-1, limit*10 {
		if x < limit {
			for ; width > 1; width-- {
				buf = append(buf, '0')
			}
			break
		}
	}
	return strconv.AppendInt(buf, x, 10)
}
