package program

import (
	"strconv"

	"github.com/streamon/streamon/runtime/packet"
)

// AppendIP appends an address: dotted decimal for IPv4 (the mapped form), else
// the canonical text of RFC 5952 §4.
func AppendIP(buf []byte, ip [16]byte) []byte {
	if isMapped(&ip) {
		for i, b := range ip[12:] {
			if i > 0 {
				buf = append(buf, '.')
			}
			buf = strconv.AppendUint(buf, uint64(b), 10)
		}
		return buf
	}
	from, to := longestZeros(&ip)
	for i := 0; i < 8; i++ {
		if i == from {
			buf = append(buf, "::"...)
			i = to - 1
			continue
		}
		if i > 0 && i != to {
			buf = append(buf, ':')
		}
		buf = strconv.AppendUint(buf, uint64(ip[2*i])<<8|uint64(ip[2*i+1]), 16)
	}
	return buf
}

func isMapped(ip *[16]byte) bool {
	return [10]byte(ip[:10]) == [10]byte{} && ip[10] == 0xff && ip[11] == 0xff
}

// longestZeros returns the first longest run of at least two zero groups, the
// part that "::" stands for; from is -1 if there is none.
func longestZeros(ip *[16]byte) (from, to int) {
	from, to = -1, -1
	best := 1
	for i := 0; i < 8; i++ {
		n := i
		for n < 8 && ip[2*n] == 0 && ip[2*n+1] == 0 {
			n++
		}
		if n-i > best {
			from, to, best = i, n, n-i
		}
		i = max(i, n-1)
	}
	return from, to
}

// AppendMAC appends an address as six hexadecimal bytes with colons.
func AppendMAC(buf []byte, mac [6]byte) []byte {
	const hex = "0123456789abcdef"
	for i, b := range mac {
		if i > 0 {
			buf = append(buf, ':')
		}
		buf = append(buf, hex[b>>4], hex[b&15])
	}
	return buf
}

// AppendValue appends v as messages show it. A top-k list is its keys and counts:
// "10.0.0.1 3200, 10.0.0.2 17".
func AppendValue(buf []byte, v Value, format string) []byte {
	switch v.Kind {
	case KindBool:
		return AppendBool(buf, v.I != 0)
	case KindInt:
		return AppendInt(buf, v.I, format)
	case KindFloat:
		return AppendFloat(buf, v.F, format)
	case KindDuration:
		return AppendDuration(buf, v.I, format)
	case KindTime:
		return AppendTime(buf, packet.Time(v.I))
	case KindIP:
		return AppendIP(buf, v.B)
	case KindMAC:
		return AppendMAC(buf, [6]byte(v.B[:6]))
	case KindString:
		return AppendString(buf, v.S, format)
	case KindEntries:
		for i := range v.L {
			if i > 0 {
				buf = append(buf, ", "...)
			}
			buf = append(append(buf, v.L[i].Name...), ' ')
			buf = AppendValue(buf, v.L[i].Value, format)
		}
		return buf
	}
	return AppendUndefined(buf)
}
