package program

import "github.com/streamon/streamon/runtime/packet"

// AppendIP appends an address: dotted decimal for IPv4 (the mapped form), else
// the canonical text of RFC 5952 §4.
func AppendIP(buf []byte, ip [16]byte) []byte { return packet.AppendIP(buf, ip) }

// AppendMAC appends an address as six hexadecimal bytes with colons.
func AppendMAC(buf []byte, mac [6]byte) []byte { return packet.AppendMAC(buf, mac) }

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
