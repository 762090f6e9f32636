package check

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"github.com/streamon/streamon/lang/types"
)

// Entries of a list's file. The syntax is that of runtime/list, which reads the
// file when the program runs and which this package may not import; a test
// compares the two. In this order of trial:
//
//	53   0x1f90   -1            a number
//	20..25                      a range of numbers
//	192.0.2.1   2001:db8::1     an address
//	192.0.2.0/24                a network
//	192.0.2.5..192.0.2.9        a range of addresses
//	02:00:5e:10:00:01           a MAC address, also with '-'
//	example.com  .example.com  *.example.com   names

const byteOrderMark = "\xef\xbb\xbf"

const noEntry = "expected a number, range, address, network, MAC address or name"

// entryKind returns what an entry is, Int, Net, MAC or String, or why it is
// nothing.
func entryKind(entry string) (kind types.Type, reason string) {
	if from, to, ok := strings.Cut(entry, ".."); ok {
		return rangeKind(strings.TrimSpace(from), strings.TrimSpace(to))
	}
	_, err := parseInt(entry)
	switch {
	case err == nil:
		return types.Int, ""
	case errors.Is(err, strconv.ErrRange):
		return types.Invalid, "number beyond 64 bits"
	case strings.Contains(entry, "/"):
		p, err := netip.ParsePrefix(entry)
		if err != nil {
			return types.Invalid, "expected a network such as 192.0.2.0/24 or 2001:db8::/32"
		}
		if p.Masked() != p {
			return types.Invalid, "host bits are set; the network is " + p.Masked().String()
		}
		return types.Net, ""
	case isMAC(entry):
		return types.MAC, ""
	}
	if a, err := netip.ParseAddr(entry); err == nil {
		if a.Zone() != "" {
			return types.Invalid, "address with a zone"
		}
		return types.Net, ""
	}
	if reason := checkName(entry); reason != "" {
		return types.Invalid, reason
	}
	return types.String, ""
}

func rangeKind(from, to string) (types.Type, string) {
	const backwards = "the range ends before it begins"
	a, errA := parseInt(from)
	b, errB := parseInt(to)
	if errA == nil && errB == nil {
		if b < a {
			return types.Invalid, backwards
		}
		return types.Int, ""
	}
	x, errX := netip.ParseAddr(from)
	y, errY := netip.ParseAddr(to)
	switch {
	case errX != nil || errY != nil || x.Zone() != "" || y.Zone() != "" || x.Is4() != y.Is4():
		return types.Invalid, "expected a range of two numbers or of two addresses of one family"
	case y.Less(x):
		return types.Invalid, backwards
	}
	return types.Net, ""
}

// parseInt reads a decimal or 0x number, without underscores and octals.
func parseInt(s string) (int64, error) {
	if d, ok := strings.CutPrefix(s, "0x"); ok {
		if d == "" || d[0] == '-' || d[0] == '+' {
			return 0, strconv.ErrSyntax
		}
		return strconv.ParseInt(d, 16, 64)
	}
	return strconv.ParseInt(s, 10, 64)
}

// isMAC accepts six groups of two hexadecimal digits between ':' or '-'.
func isMAC(s string) bool {
	if len(s) != 17 || s[2] != ':' && s[2] != '-' {
		return false
	}
	for i := range 6 {
		if i > 0 && s[3*i-1] != s[2] {
			return false
		}
		if _, err := strconv.ParseUint(s[3*i:3*i+2], 16, 8); err != nil {
			return false
		}
	}
	return true
}

// checkName says why a name, with or without the mark of a domain before it, is
// none.
func checkName(name string) string {
	if rest, ok := strings.CutPrefix(name, "*."); ok {
		name = rest
	} else {
		name = strings.TrimPrefix(name, ".")
	}
	name = strings.TrimSuffix(name, ".")
	if name == "" || len(name) > 253 {
		return noEntry
	}
	if last := name[strings.LastIndexByte(name, '.')+1:]; last != "" && strings.Trim(last, "0123456789") == "" {
		return "the last label is all digits: neither an address nor a name"
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return "a label of the name is empty or longer than 63 bytes"
		}
		for _, c := range []byte(label) {
			if c <= ' ' || c > '~' || strings.IndexByte(`,;:/\*"'()`, c) >= 0 {
				return noEntry + "; one entry a line"
			}
		}
	}
	return ""
}
