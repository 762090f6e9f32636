package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/streamon/streamon/runtime/program"
)

// kindWords says what a value of each kind looks like, for messages.
var kindWords = map[program.Kind]string{
	program.KindBool:     "true or false",
	program.KindInt:      "a whole number such as 100, 0x1f or 1MB",
	program.KindFloat:    "a number such as 0.25",
	program.KindDuration: "a duration such as 60s, 10m or 1h30m",
	program.KindIP:       "an IPv4 or IPv6 address",
	program.KindMAC:      "a MAC address such as 02:00:5e:10:00:01",
	program.KindString:   "a text",
}

// ParseValue reads a parameter's value as a program would write it. The error says
// what was found and what was expected.
func ParseValue(kind program.Kind, text string) (program.Value, error) {
	v := program.Value{Kind: kind}
	var err error
	switch kind {
	case program.KindBool:
		var b bool
		switch text {
		case "true":
			b = true
		case "false":
		default:
			err = strconv.ErrSyntax
		}
		v.I = program.BoolInt(b)
	case program.KindInt:
		v.I, err = parseInt(text)
	case program.KindFloat:
		v.F, err = strconv.ParseFloat(text, 64)
		if math.IsNaN(v.F) || math.IsInf(v.F, 0) {
			err = strconv.ErrSyntax
		}
	case program.KindDuration:
		v.I, err = parseDuration(text)
	case program.KindIP:
		var a netip.Addr
		if a, err = netip.ParseAddr(text); err == nil && a.Zone() != "" {
			err = strconv.ErrSyntax
		}
		v.B = a.As16()
	case program.KindMAC:
		var m net.HardwareAddr
		if m, err = net.ParseMAC(text); err == nil && len(m) != 6 {
			err = strconv.ErrSyntax
		}
		copy(v.B[:], m)
	case program.KindString:
		if len(text) >= 2 && text[0] == '"' {
			text, err = strconv.Unquote(text)
		}
		v.S = []byte(text)
	default:
		return v, fmt.Errorf("parameters of kind %d cannot be set", kind)
	}
	if errors.Is(err, strconv.ErrRange) {
		return v, fmt.Errorf("%q does not fit in 64 bits", text)
	}
	if err != nil {
		return v, fmt.Errorf("%q: expected %s", text, kindWords[kind])
	}
	return v, nil
}

// sizes are the units of the language's size type, decimal and binary.
var sizes = []struct {
	suffix string
	factor int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

// parseInt reads a decimal or hexadecimal number, or a size.
func parseInt(text string) (int64, error) {
	if !strings.HasPrefix(strings.TrimPrefix(text, "-"), "0x") {
		for _, u := range sizes {
			if digits, ok := strings.CutSuffix(text, u.suffix); ok {
				return scale(strings.TrimSpace(digits), u.factor)
			}
		}
	}
	if hex, ok := strings.CutPrefix(text, "0x"); ok {
		return strconv.ParseInt(hex, 16, 64)
	}
	return strconv.ParseInt(text, 10, 64)
}

// units are the duration units of the language, longest suffix first.
var units = []struct {
	suffix string
	ns     int64
}{
	{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}, {"w", 7 * 86400e9},
}

// parseDuration reads one or more numbers with a unit each: 90s, 1h30m, 1.5s.
func parseDuration(text string) (int64, error) {
	var sum int64
	for rest, first := text, true; rest != "" || first; first = false {
		n := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		if n <= 0 {
			return 0, strconv.ErrSyntax
		}
		number := rest[:n]
		rest = rest[n:]
		factor := int64(0)
		for _, u := range units {
			if after, ok := strings.CutPrefix(rest, u.suffix); ok && (after == "" || after[0] >= '0' && after[0] <= '9') {
				factor, rest = u.ns, after
				break
			}
		}
		if factor == 0 {
			return 0, strconv.ErrSyntax
		}
		v, err := scale(number, factor)
		if err != nil {
			return 0, err
		}
		if sum > math.MaxInt64-v {
			return 0, strconv.ErrRange
		}
		sum += v
	}
	return sum, nil
}

// scale multiplies a decimal number by a factor.
func scale(digits string, factor int64) (int64, error) {
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		if n > math.MaxInt64/factor || n < math.MinInt64/factor {
			return 0, strconv.ErrRange
		}
		return n * factor, nil
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0, err
	}
	if f *= float64(factor); !(math.Abs(f) < math.MaxInt64) {
		return 0, strconv.ErrRange
	}
	return int64(math.Round(f)), nil
}

// ParseSize reads a number of bytes as the language writes it: 65536, 64KiB, 100MB.
func ParseSize(text string) (int64, error) {
	n, err := parseInt(text)
	if err == nil && n < 0 {
		err = strconv.ErrSyntax
	}
	if err != nil {
		return 0, fmt.Errorf("%q: expected a size such as 65536, 64KiB or 100MB", text)
	}
	return n, nil
}

// ParseDuration reads a duration as the language writes it: 90s, 1h30m, 1.5s.
func ParseDuration(text string) (time.Duration, error) {
	n, err := parseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q: expected a duration such as 60s, 10m or 1h30m", text)
	}
	return time.Duration(n), nil
}

// ParseRate reads "5/1m": five in one minute.
func ParseRate(text string) (most int, per time.Duration, err error) {
	n, span, _ := strings.Cut(text, "/")
	m, err := strconv.ParseUint(n, 10, 31)
	if d, e := parseDuration(span); err == nil && e == nil && m > 0 && d > 0 {
		return int(m), time.Duration(d), nil
	}
	return 0, 0, fmt.Errorf("%q: expected a rate such as 5/1m", text)
}

// ParseNet reads a network such as 192.0.2.0/24, or an address, which is a network of one.
// Bits of a host are cleared.
func ParseNet(text string) (netip.Prefix, error) {
	if n, err := netip.ParsePrefix(text); err == nil {
		if a := n.Addr(); a.Is4In6() && n.Bits() >= 96 { // what packets have as IPv4
			n = netip.PrefixFrom(a.Unmap(), n.Bits()-96)
		}
		return n.Masked(), nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("%.80q: expected a network or an address", text)
	}
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen()), nil
}
