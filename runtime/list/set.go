package list

import (
	"encoding/binary"
	"slices"
)

// Set is an immutable set of numbers, addresses, MAC addresses and names. The
// zero Set is empty. Any number of concurrent readers.
type Set struct {
	ints  []intRange    // sorted, disjoint, not adjacent
	low   *[1024]uint64 // the numbers 0…65535 as a bitmap; nil if ints holds none of them
	ips   []ipRange     // sorted, disjoint
	macs  map[[6]byte]struct{}
	exact map[string]struct{} // names, lower case, without final dot
	below map[string]struct{} // domains whose names below are meant
	n     int
}

type intRange struct{ lo, hi int64 }

// ipRange is a range of addresses; a network is one.
type ipRange struct{ lo, hi addr }

// addr is an address as a 128-bit number.
type addr struct{ hi, lo uint64 }

func toAddr(ip *[16]byte) addr {
	return addr{binary.BigEndian.Uint64(ip[:8]), binary.BigEndian.Uint64(ip[8:])}
}

func (a addr) less(b addr) bool { return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo }

func (a addr) compare(b addr) int {
	switch {
	case a.less(b):
		return -1
	case b.less(a):
		return 1
	}
	return 0
}

// Len is the number of entries that the set was made of.
func (s *Set) Len() int { return s.n }

// HasInt reports whether v is a number of the set or lies in a range of it. Cost:
// one bit for 0…65535, else a binary search.
func (s *Set) HasInt(v int64) bool {
	if uint64(v) < 1<<16 {
		return s.low != nil && s.low[v>>6]>>(v&63)&1 != 0
	}
	lo, hi := 0, len(s.ints)
	for lo < hi {
		if m := int(uint(lo+hi) / 2); s.ints[m].hi < v {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo < len(s.ints) && s.ints[lo].lo <= v
}

// HasIP reports whether an address of the set, or a network of it, is or holds ip
// (IPv4 in its mapped form). Cost: a binary search over the merged ranges.
func (s *Set) HasIP(ip *[16]byte) bool {
	a := toAddr(ip)
	lo, hi := 0, len(s.ips)
	for lo < hi {
		if m := int(uint(lo+hi) / 2); s.ips[m].hi.less(a) {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo < len(s.ips) && !a.less(s.ips[lo].lo)
}

// HasMAC reports whether mac is in the set.
func (s *Set) HasMAC(mac *[6]byte) bool {
	_, ok := s.macs[*mac]
	return ok
}

// maxName is the longest name that can match: 253 octets of text (RFC 1035
// §2.3.4) and a final dot.
const maxName = 254

// HasName reports whether name is a name of the set or belongs to a domain of it.
// Letter case (ASCII) and a final dot make no difference. Cost: one look-up per
// label.
func (s *Set) HasName(name []byte) bool {
	if len(s.exact)+len(s.below) == 0 || len(name) > maxName {
		return false
	}
	var buf [maxName]byte
	n := lower(buf[:], name)
	b := buf[:n]
	if _, ok := s.exact[string(b)]; ok {
		return true
	}
	if len(s.below) == 0 {
		return false
	}
	for i, c := range b {
		if c == '.' {
			if _, ok := s.below[string(b[i+1:])]; ok {
				return true
			}
		}
	}
	return false
}

// lower copies name to dst in lower case, without a final dot, and returns its
// length.
func lower(dst, name []byte) int {
	if n := len(name); n > 0 && name[n-1] == '.' {
		name = name[:n-1]
	}
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst[i] = c
	}
	return len(name)
}

// seal sorts and merges what Parse collected.
func (s *Set) seal() {
	slices.SortFunc(s.ints, func(a, b intRange) int {
		if a.lo < b.lo {
			return -1
		}
		if a.lo > b.lo {
			return 1
		}
		return 0
	})
	out := s.ints[:0]
	for _, r := range s.ints {
		if k := len(out) - 1; k >= 0 && r.lo <= out[k].hi {
			out[k].hi = max(out[k].hi, r.hi)
			continue
		}
		out = append(out, r)
	}
	s.ints = out
	for _, r := range s.ints {
		for v := max(r.lo, 0); v <= min(r.hi, 1<<16-1); v++ {
			if s.low == nil {
				s.low = new([1024]uint64)
			}
			s.low[v>>6] |= 1 << (v & 63)
		}
	}
	slices.SortFunc(s.ips, func(a, b ipRange) int { return a.lo.compare(b.lo) })
	ips := s.ips[:0]
	for _, r := range s.ips {
		if k := len(ips) - 1; k >= 0 && !ips[k].hi.less(r.lo) {
			if ips[k].hi.less(r.hi) {
				ips[k].hi = r.hi
			}
			continue
		}
		ips = append(ips, r)
	}
	s.ips = ips
}
