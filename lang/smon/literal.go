package smon

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/streamon/streamon/lang/diag"
)

// scanColonAddress reads a MAC address, an IPv6 address or an IPv6 network. A name
// before a colon is not taken for one: an address has two colons in a row or
// at least five.
func scanColonAddress(rest string) (lexer.TokenType, int) {
	if !isHex(rest[0]) && !strings.HasPrefix(rest, "::") {
		return 0, 0
	}
	n := spanLen(rest, func(c byte) bool { return isHex(c) || c == ':' || c == '.' })
	run, _, _ := strings.Cut(rest[:n], "..")
	if !strings.Contains(run, "::") && strings.Count(run, ":") < 5 {
		return 0, 0
	}
	ends := func(n int) bool { return n >= len(rest) || !isWord(rest[n]) }
	if len(run) >= 17 && ends(17) {
		if _, err := parseMAC(run[:17]); err == nil && !strings.HasPrefix(run[17:], ":") {
			return tokMAC, 17
		}
	}
	// A colon or point may follow the address; at most two bytes are not its own.
	for n := len(run); n > 1 && n >= len(run)-2; n-- {
		if _, err := netip.ParseAddr(run[:n]); err != nil || !ends(n) {
			continue
		}
		if bits := prefixLen(rest[n:]); bits > 0 {
			return tokNet, n + bits
		}
		return tokIP, n
	}
	return 0, 0
}

// prefixLen returns the length of "/24" at the start of s, or 0.
func prefixLen(s string) int {
	if len(s) < 2 || s[0] != '/' || !isDigit(s[1]) {
		return 0
	}
	n := 1 + spanLen(s[1:], isDigit)
	if n < len(s) && isWord(s[n]) {
		return 0
	}
	return n
}

// scanNumber reads everything that begins with a digit and has no colon:
// numbers, durations, sizes, IPv4 addresses and networks.
func (s *scanner) scanNumber(rest string) (lexer.TokenType, int) {
	n := 0
	for n < len(rest) {
		c := rest[n]
		switch {
		case isWord(c):
		case c == '.' && n+1 < len(rest) && isDigit(rest[n+1]):
		case (c == '-' || c == '+') && n+1 < len(rest) && isDigit(rest[n+1]) && isExponent(rest[:n]):
		default:
			return s.number(rest, n)
		}
		n++
	}
	return s.number(rest, n)
}

// isExponent reports whether a decimal number that ends in e stands in s, so
// that a sign continues it.
func isExponent(s string) bool {
	body, found := strings.CutSuffix(strings.ToLower(s), "e")
	return found && body != "" && spanLen(body, func(c byte) bool { return isDigit(c) || c == '.' || c == '_' }) == len(body)
}

// number classifies the first n bytes of rest and checks their value.
func (s *scanner) number(rest string, n int) (lexer.TokenType, int) {
	text := rest[:n]
	digits := spanLen(text, func(c byte) bool { return isDigit(c) || c == '_' })
	lower := strings.ToLower(text)
	typ := tokInt
	switch {
	case strings.Count(text, ".") > 1:
		typ = tokIP
		if bits := prefixLen(rest[n:]); bits > 0 {
			typ, n = tokNet, n+bits
			for n+1 < len(rest) && rest[n] == '.' && isDigit(rest[n+1]) { // a dotted mask
				n += 1 + spanLen(rest[n+1:], isDigit)
			}
		}
	case strings.HasPrefix(lower, "0x"), digits == n:
	case strings.HasSuffix(lower, "b"):
		typ = tokSize
	case strings.Trim(lower, "0123456789._e+-") == "":
		typ = tokFloat
	case strings.IndexByte("0123456789", lower[n-1]) < 0:
		typ = tokDuration
	}
	if typ == tokIP && strings.HasPrefix(rest[n:], ".*") {
		n += len(".*")
	}
	s.checkLiteral(typ, rest[:n])
	return typ, n
}

// checkLiteral reports a literal that has the form of its type but no value.
func (s *scanner) checkLiteral(typ lexer.TokenType, text string) {
	var err error
	switch typ {
	case tokInt:
		_, err = parseInt(text)
	case tokFloat:
		_, err = parseFloat(text)
	case tokDuration:
		_, err = parseDuration(text)
	case tokSize:
		_, err = parseSize(text)
	case tokIP:
		_, err = parseIP(text)
	case tokNet:
		_, err = parseNet(text)
	}
	if err != nil {
		d := errorf(s.diags, diag.BadLiteral, s.span(len(text)), "%q: %s", text, err)
		switch typ {
		case tokIP:
			if strings.HasSuffix(text, "*") {
				d.Hintf("addresses that begin alike are a network: ip.src in 10.0.0.0/24")
				return
			}
			d.Hintf("an IPv4 address is four numbers from 0 to 255")
		case tokNet:
			d.Hintf("write the length of the prefix: 10.0.0.0/8, at most 32, for IPv6 128")
		}
		if typ == tokDuration {
			d.Hintf("durations are written 500ms, 60s, 10m, 1h30m, 2d; sizes 10KB, 1MB, 1GiB")
		}
	}
}

var (
	errNumber   = errors.New("not a number")
	errTooLarge = errors.New("number too large")
)

func parseInt(text string) (int64, error) {
	digits, base := text, 10
	if len(text) > 1 && (text[1] == 'x' || text[1] == 'X') {
		digits, base = text[2:], 16
	}
	v, err := strconv.ParseInt(strings.ReplaceAll(digits, "_", ""), base, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, errTooLarge
	case err != nil || strings.HasSuffix(digits, "_"):
		return 0, errNumber
	}
	return v, nil
}

func parseFloat(text string) (float64, error) {
	v, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	switch {
	case math.IsInf(v, 0):
		return 0, errTooLarge
	case err != nil:
		return 0, errNumber
	}
	return v, nil
}

var durationUnits = map[string]int64{
	"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86400e9, "w": 7 * 86400e9,
}

var sizeUnits = map[string]int64{
	"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
	"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40,
}

// parseDuration reads one or more numbers with their units: 1h30m, 1.5s.
func parseDuration(text string) (time.Duration, error) {
	sum := new(big.Rat)
	for rest := text; rest != ""; {
		n := spanLen(rest, func(c byte) bool { return isDigit(c) || c == '.' || c == '_' })
		unit := spanLen(rest[n:], isLetterOnly)
		factor, known := durationUnits[rest[n:n+unit]]
		value, err := parseUnits(rest[:n], factor)
		switch {
		case unit == 0 || err != nil:
			return 0, errNumber
		case !known:
			return 0, fmt.Errorf("unknown unit %q", rest[n:n+unit])
		}
		sum.Add(sum, value)
		rest = rest[n+unit:]
	}
	v, err := whole(sum)
	return time.Duration(v), err
}

// parseSize reads a number with a unit of bytes; the case of the unit is free.
func parseSize(text string) (int64, error) {
	n := spanLen(text, func(c byte) bool { return isDigit(c) || c == '.' || c == '_' })
	factor, known := sizeUnits[strings.ToUpper(text[n:])]
	if !known {
		return 0, fmt.Errorf("unknown unit %q", text[n:])
	}
	value, err := parseUnits(text[:n], factor)
	if err != nil {
		return 0, err
	}
	return whole(value)
}

func isLetterOnly(c byte) bool { return isLetter(c) && c != '_' }

// parseUnits returns a decimal number times factor, exactly.
func parseUnits(text string, factor int64) (*big.Rat, error) {
	text = strings.ReplaceAll(text, "_", "")
	if len(text) > 40 {
		return nil, errTooLarge
	}
	v, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, errNumber
	}
	return v.Mul(v, new(big.Rat).SetInt64(factor)), nil
}

// whole returns the integer part of r if it fits.
func whole(r *big.Rat) (int64, error) {
	v := new(big.Int).Quo(r.Num(), r.Denom())
	if !v.IsInt64() {
		return 0, errTooLarge
	}
	return v.Int64(), nil
}

func parseIP(text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return a, errors.New("not an address")
	}
	return a, nil
}

func parseNet(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return p, errors.New("not a network")
	}
	return p, nil
}

func parseMAC(text string) (mac [6]byte, err error) {
	parts := strings.Split(text, ":")
	if len(parts) != len(mac) {
		return mac, errors.New("not a link-layer address")
	}
	for i, p := range parts {
		v, err := strconv.ParseUint(p, 16, 8)
		if err != nil || len(p) != 2 {
			return mac, errors.New("not a link-layer address")
		}
		mac[i] = byte(v)
	}
	return mac, nil
}
