// Package flow makes flow keys: fixed-size byte arrays, and their seeded hash.
//
// It owns the layout of a key, which is the same in generated code, in tables
// and in the reference evaluator, and the hash that every structure is indexed
// by. Which fields make up a key is the compiler's business. The package
// imports nothing of ours: addresses are plain arrays. As the one package below
// all structures it also holds Usage and the allocation of their large arrays.
//
// A key is its fields, one after the other without gaps, in an array:
//
//	field                size  layout
//	ip                    16   network order, IPv4 as ::ffff:a.b.c.d
//	mac                    6   transmission order
//	int, duration, time    8   big-endian two's complement
//	bool                   1   0 or 1
//	string                64   byte 0: length, at most 255; then up to 63 bytes
//	                           of text, zero padded; a longer text keeps its
//	                           first 55 bytes and, in the last 8, its Hash under
//	                           seed 0, big-endian
//
// so that comparing and storing a key are one operation each. Its hash is made of the
// hashes of its fields (part.go):
//
//	var k [24]byte
//	flow.PutIP(k[0:], (*[16]byte)(&p.Src))
//	flow.PutInt(k[16:], int64(p.DstPort))
//	h := flow.OfIP(seed, (*[16]byte)(&p.Src)) + flow.OfInt(seed, int64(p.DstPort))*flow.Odd1
package flow

import (
	"bytes"
	"encoding/binary"
)

// Sizes of the fields of a key, in bytes.
const (
	SizeIP     = 16
	SizeMAC    = 6
	SizeInt    = 8
	SizeBool   = 1
	SizeString = 64
)

const (
	maxText = SizeString - 1     // longest text that is kept whole
	cutText = SizeString - 1 - 8 // what is kept of a longer one
)

// PutIP writes an address to b[:16].
func PutIP(b []byte, ip *[16]byte) { *(*[SizeIP]byte)(b) = *ip }

// PutMAC writes a MAC address to b[:6].
func PutMAC(b []byte, mac *[6]byte) { *(*[SizeMAC]byte)(b) = *mac }

// PutInt writes an integer, a duration or a time to b[:8].
func PutInt(b []byte, v int64) { binary.BigEndian.PutUint64(b, uint64(v)) }

// PutBool writes 1 or 0 to b[0].
func PutBool(b []byte, v bool) {
	b[0] = 0
	if v {
		b[0] = 1
	}
}

// PutString writes s to b[:64]. Two texts of more than 63 bytes that agree in
// their first 55 bytes and in length (capped at 255) are told apart by 64 bits
// of hash.
func PutString(b []byte, s []byte) {
	k := (*[SizeString]byte)(b)
	if len(s) <= maxText {
		k[0] = byte(len(s))
		n := copy(k[1:], s)
		clear(k[1+n:])
		return
	}
	k[0] = byte(min(len(s), 255))
	copy(k[1:1+cutText], s)
	binary.BigEndian.PutUint64(k[1+cutText:], Hash(0, s))
}

// IP reads what PutIP wrote.
func IP(b []byte) [16]byte { return *(*[SizeIP]byte)(b) }

// MAC reads what PutMAC wrote.
func MAC(b []byte) [6]byte { return *(*[SizeMAC]byte)(b) }

// Int reads what PutInt wrote.
func Int(b []byte) int64 { return int64(binary.BigEndian.Uint64(b)) }

// Bool reads what PutBool wrote.
func Bool(b []byte) bool { return b[0] != 0 }

// Text returns the text in a string field and whether it is whole; if not it is
// the first 55 bytes. The result aliases b.
func Text(b []byte) (text []byte, whole bool) {
	k := (*[SizeString]byte)(b)
	if n := int(k[0]); n <= maxText {
		return k[1 : 1+n], true
	}
	return k[1 : 1+cutText], false
}

// String returns the text in a string field for people to read: a text that was
// cut ends in "…". It allocates.
func String(b []byte) string {
	text, whole := Text(b)
	if whole {
		return string(text)
	}
	return string(text) + "…"
}

// Less reports whether a sorts before b, byte by byte. a and b have one length.
func Less(a, b []byte) bool { return bytes.Compare(a, b) < 0 }

// Both puts the two halves of k in rising order, so that a key made of two
// parts of one layout ignores direction: both(a, b) of the language. len(k) is
// even.
func Both(k []byte) {
	n := len(k) / 2
	if n == SizeIP {
		both16((*[2 * SizeIP]byte)(k))
		return
	}
	a, b := k[:n], k[n:2*n]
	if bytes.Compare(a, b) <= 0 {
		return
	}
	for i := range a {
		a[i], b[i] = b[i], a[i]
	}
}

// both16 is Both for a pair of addresses, in registers.
func both16(k *[32]byte) {
	a, b := binary.BigEndian.Uint64(k[0:]), binary.BigEndian.Uint64(k[8:])
	c, d := binary.BigEndian.Uint64(k[16:]), binary.BigEndian.Uint64(k[24:])
	if a < c || a == c && b <= d {
		return
	}
	binary.BigEndian.PutUint64(k[0:], c)
	binary.BigEndian.PutUint64(k[8:], d)
	binary.BigEndian.PutUint64(k[16:], a)
	binary.BigEndian.PutUint64(k[24:], b)
}
