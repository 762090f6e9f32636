package capture

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/streamon/streamon/runtime/packet"
)

// Options of an interface description block that change what packets mean.
const (
	optEnd      = 0
	optTSResol  = 9
	optTSOffset = 14
)

// ngIface is what the packets of one pcapng interface need.
type ngIface struct {
	link    packet.LinkType
	snapLen uint32 // 0 = unlimited
	mul     uint64 // nanoseconds = units × mul / div >> shift; one of the three is not 1 (0 for shift)
	div     uint64
	shift   uint8
	offset  int64 // seconds to add
}

// addIface reads an interface description block.
func (s *ngSource) addIface(b []byte) (reason string) {
	if len(b) < 20 {
		return fmt.Sprintf("an interface description of %d bytes", len(b))
	}
	if s.base+len(s.ifaces) >= maxInterfaces {
		return fmt.Sprintf("more than %d interfaces", maxInterfaces)
	}
	i := ngIface{link: packet.LinkType(s.u16(b[8:])), snapLen: s.u32(b[12:])}
	i.setResolution(6)
	for opts := b[16 : len(b)-4]; len(opts) >= 4; {
		code, n := s.u16(opts), int(s.u16(opts[2:]))
		if code == optEnd {
			break
		}
		if n > len(opts)-4 {
			return fmt.Sprintf("an interface option of %d bytes in a block of %d", n, len(b))
		}
		value := opts[4 : 4+n]
		switch {
		case code == optTSResol && n >= 1:
			i.setResolution(value[0])
		case code == optTSOffset && n >= 8:
			i.offset = int64(s.u64(value))
		}
		opts = opts[min(len(opts), 4+(n+3)&^3):]
	}
	s.ngForm = &ngForm{s.swapped, append(s.ifaces, i), s.base} // nobody looks behind the end of theirs
	return ""
}

// u64 reads an option of 64 bits in the byte order of the section.
func (s *ngSource) u64(b []byte) uint64 {
	first, second := uint64(s.u32(b)), uint64(s.u32(b[4:]))
	if s.swapped {
		return first<<32 | second
	}
	return second<<32 | first
}

// setResolution takes if_tsresol: units are 10^-r seconds, or 2^-r with the
// highest bit set.
func (i *ngIface) setResolution(r byte) {
	i.mul, i.div, i.shift = 1, 1, 0
	switch exp := r & 0x7f; {
	case r&0x80 != 0:
		i.mul, i.shift = 1e9, exp
	case exp <= 9:
		i.mul = pow10(9 - exp)
	case exp <= 9+19:
		i.div = pow10(exp - 9)
	default: // finer than 2^64 units per nanosecond: nothing is left
		i.mul = 0
	}
}

// pow10 returns 10^n for n ≤ 19.
func pow10(n uint8) uint64 {
	v := uint64(1)
	for range n {
		v *= 10
	}
	return v
}

// time turns a count of units into packet time. What does not fit into packet
// time (the years 1677 to 2262) becomes its nearest end.
func (i *ngIface) time(units uint64) packet.Time {
	hi, lo := bits.Mul64(units, i.mul)
	if i.div != 1 {
		lo /= i.div // mul is 1 here, so hi is 0
	}
	if i.shift != 0 {
		lo = lo>>i.shift | hi<<(64-i.shift) // a shift of 64 or more yields 0
		if i.shift > 64 {
			lo = hi >> (i.shift - 64)
		}
		hi >>= i.shift
	}
	if i.offset == 0 && hi == 0 && lo <= math.MaxInt64 {
		return packet.Time(lo)
	}
	return addSeconds(hi, lo, i.offset)
}

// addSeconds returns hi·2^64 + lo nanoseconds plus s seconds, held inside packet time.
func addSeconds(hi, lo uint64, s int64) packet.Time {
	neg := s < 0
	abs := uint64(s)
	if neg {
		abs = -abs
	}
	ohi, olo := bits.Mul64(abs, 1e9)
	if !neg {
		var carry uint64
		lo, carry = bits.Add64(lo, olo, 0)
		hi, carry = bits.Add64(hi, ohi, carry)
		if carry != 0 || hi != 0 || lo > math.MaxInt64 {
			return math.MaxInt64
		}
		return packet.Time(lo)
	}
	lo, borrow := bits.Sub64(lo, olo, 0)
	hi, borrow = bits.Sub64(hi, ohi, borrow)
	switch {
	case borrow == 0 && (hi != 0 || lo > math.MaxInt64):
		return math.MaxInt64
	case borrow != 0 && (hi != math.MaxUint64 || lo < 1<<63):
		return math.MinInt64
	}
	return packet.Time(lo)
}
