package list

import (
	"bytes"
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// Error is one entry that Parse could not read.
type Error struct {
	Line   int    // 1-based
	Entry  string // as written
	Reason string
}

// Error returns "line 3: "10.0.0.0/40": …".
func (e *Error) Error() string {
	return "line " + strconv.Itoa(e.Line) + ": " + strconv.Quote(e.Entry) + ": " + e.Reason
}

// maxErrors is how many entries Parse reports before it gives up.
const maxErrors = 10

// Parse reads a list: one entry a line, blank lines and what follows a '#' are
// skipped. An entry is, in this order of trial,
//
//	53   0x1f90   -1            a number
//	20..25                      a range of numbers, ends included
//	192.0.2.1   2001:db8::1     an address
//	192.0.2.0/24                a network; host bits must be zero
//	192.0.2.5..192.0.2.9        a range of addresses
//	02:00:5e:10:00:01           a MAC address, also with '-'
//	www.example.com             a name
//	.example.com                a domain: the name and all names below it
//	*.example.com               the names below it only
//
// The error, if any, joins one *Error per bad entry, ten at most; the set is then
// nil, so that half a file never comes into force. text is not kept.
func Parse(text []byte) (*Set, error) {
	s := new(Set)
	var errs []error
	for line := 1; len(text) > 0 && len(errs) < maxErrors; line++ {
		var l []byte
		l, text, _ = bytes.Cut(text, []byte{'\n'})
		l, _, _ = bytes.Cut(l, []byte{'#'})
		if line == 1 {
			l = bytes.TrimPrefix(l, []byte("\xef\xbb\xbf"))
		}
		entry := string(bytes.TrimSpace(l))
		if entry == "" {
			continue
		}
		if reason := s.add(entry); reason != "" {
			errs = append(errs, &Error{Line: line, Entry: entry, Reason: reason})
			continue
		}
		s.n++
	}
	if errs != nil {
		return nil, errors.Join(errs...)
	}
	s.seal()
	return s, nil
}

// add puts one entry into s, or says why it cannot.
func (s *Set) add(entry string) (reason string) {
	if from, to, ok := strings.Cut(entry, ".."); ok {
		return s.addRange(strings.TrimSpace(from), strings.TrimSpace(to))
	}
	if v, err := parseInt(entry); err == nil {
		s.ints = append(s.ints, intRange{v, v})
		return ""
	} else if errors.Is(err, strconv.ErrRange) {
		return "number beyond 64 bits"
	}
	if strings.Contains(entry, "/") {
		return s.addNet(entry)
	}
	if mac, ok := parseMAC(entry); ok {
		if s.macs == nil {
			s.macs = make(map[[6]byte]struct{})
		}
		s.macs[mac] = struct{}{}
		return ""
	}
	if ip, err := netip.ParseAddr(entry); err == nil {
		if ip.Zone() != "" {
			return "address with a zone"
		}
		b := ip.As16()
		a := toAddr(&b)
		s.ips = append(s.ips, ipRange{a, a})
		return ""
	}
	return s.addName(entry)
}

func (s *Set) addRange(from, to string) (reason string) {
	a, errA := parseInt(from)
	b, errB := parseInt(to)
	if errA == nil && errB == nil {
		if b < a {
			return "the range ends before it begins"
		}
		s.ints = append(s.ints, intRange{a, b})
		return ""
	}
	x, errX := netip.ParseAddr(from)
	y, errY := netip.ParseAddr(to)
	if errX != nil || errY != nil || x.Zone() != "" || y.Zone() != "" || x.Is4() != y.Is4() {
		return "expected a range of two numbers or of two addresses of one family"
	}
	if y.Less(x) {
		return "the range ends before it begins"
	}
	xb, yb := x.As16(), y.As16()
	s.ips = append(s.ips, ipRange{toAddr(&xb), toAddr(&yb)})
	return ""
}

func (s *Set) addNet(entry string) (reason string) {
	p, err := netip.ParsePrefix(entry)
	if err != nil {
		return "expected a network such as 192.0.2.0/24 or 2001:db8::/32"
	}
	if p.Masked() != p {
		return "host bits are set; the network is " + p.Masked().String()
	}
	n := p.Bits()
	if p.Addr().Is4() {
		n += 96
	}
	b := p.Addr().As16()
	lo := toAddr(&b)
	hi := lo
	if n <= 64 {
		hi.hi |= ones(64 - n)
		hi.lo = ^uint64(0)
	} else {
		hi.lo |= ones(128 - n)
	}
	s.ips = append(s.ips, ipRange{lo, hi})
	return ""
}

// ones is a number with the lower n ≤ 64 bits set.
func ones(n int) uint64 { return ^(^uint64(0) << n) }

func (s *Set) addName(entry string) (reason string) {
	name, below, self := entry, false, true
	if rest, ok := strings.CutPrefix(entry, "*."); ok {
		name, below, self = rest, true, false
	} else if rest, ok := strings.CutPrefix(entry, "."); ok {
		name, below = rest, true
	}
	if reason := checkName(name); reason != "" {
		return reason
	}
	buf := make([]byte, len(name))
	name = string(buf[:lower(buf, []byte(name))])
	if s.exact == nil {
		s.exact, s.below = make(map[string]struct{}), make(map[string]struct{})
	}
	if self {
		s.exact[name] = struct{}{}
	}
	if below {
		s.below[name] = struct{}{}
	}
	return ""
}

// checkName says why name cannot be a domain name, or nothing. Any visible ASCII
// is allowed in a label, as real queries hold more than RFC 1035 §2.3.1 prefers.
func checkName(name string) (reason string) {
	name = strings.TrimSuffix(name, ".")
	if name == "" || len(name) > maxName-1 {
		return "expected a number, range, address, network, MAC address or name"
	}
	if last := name[strings.LastIndexByte(name, '.')+1:]; strings.Trim(last, "0123456789") == "" && last != "" {
		return "the last label is all digits: neither an address nor a name"
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return "a label of the name is empty or longer than 63 bytes"
		}
		for _, c := range []byte(label) {
			if c <= ' ' || c > '~' || strings.IndexByte(`,;:/\*"'()`, c) >= 0 {
				return "expected a number, range, address, network, MAC address or name; one entry a line"
			}
		}
	}
	return ""
}

// parseInt reads a decimal or 0x number. Unlike ParseInt with base 0 it takes
// neither underscores nor octal.
func parseInt(s string) (int64, error) {
	if d, ok := strings.CutPrefix(s, "0x"); ok {
		if d == "" || d[0] == '-' || d[0] == '+' {
			return 0, strconv.ErrSyntax
		}
		return strconv.ParseInt(d, 16, 64)
	}
	return strconv.ParseInt(s, 10, 64)
}

// parseMAC reads six groups of two hexadecimal digits between ':' or '-'.
func parseMAC(s string) (mac [6]byte, ok bool) {
	if len(s) != 17 || s[2] != ':' && s[2] != '-' {
		return mac, false
	}
	for i := range mac {
		if i > 0 && s[3*i-1] != s[2] {
			return mac, false
		}
		v, err := strconv.ParseUint(s[3*i:3*i+2], 16, 8)
		if err != nil {
			return mac, false
		}
		mac[i] = byte(v)
	}
	return mac, true
}
