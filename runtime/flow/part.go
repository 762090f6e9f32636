package flow

import (
	"encoding/binary"
	"math/bits"
)

// The hash of a flow key is the sum of what its parts contribute:
//
//	Σ Of…(seed, part i) · OddI mod 2⁶⁴
//
// where Of… is the XXH64 hash of one field under the seed and the odd factors tell
// the places apart; the first is 1. So a field that stands in many keys of a packet
// is hashed once, and a key costs a multiplication and an addition for each further
// part; constant parts are one addend, known beforehand.
//
// Two keys that differ in a part collide if a sum of differences of hashes is 0: as
// for multilinear hashing (J. L. Carter and M. N. Wegman 1979; D. Lemire and O. Kaser
// 2014), by chance 2⁻⁶⁴ for an adversary who does not know the seed. All 64 bits of
// a sum are as good as those of its parts, so there is no last mixing.

// The factors, odd and without structure: √2, √3, … scaled to 64 bits.
const (
	Odd1 uint64 = 0x6A09E667F3BCC909
	Odd2 uint64 = 0xBB67AE8584CAA73B
	Odd3 uint64 = 0x3C6EF372FE94F82B
	Odd4 uint64 = 0xA54FF53A5F1D36F1
	Odd5 uint64 = 0x510E527FADE682D1
	Odd6 uint64 = 0x9B05688C2B3E6C1F
	Odd7 uint64 = 0x1F83D9ABFB41BD6B
	Odd8 uint64 = 0x5BE0CD19137E2179
)

// MaxParts is the number of parts a key can have.
const MaxParts = 9

// OfIP is the hash of an address: Hash16. The first eight bytes of most addresses are 0,
// for those of IPv4 begin so, and are not worth the two multiplications by which they
// would change nothing.
func OfIP(seed uint64, ip *[16]byte) uint64 {
	h := seed + (prime5 + 16)
	if x := binary.LittleEndian.Uint64(ip[:]); x != 0 {
		h ^= round(0, x)
	}
	return avalanche(step8(bits.RotateLeft64(h, 27)*prime1+prime4, binary.LittleEndian.Uint64(ip[8:])))
}

// OfMAC is the hash of a MAC address.
func OfMAC(seed uint64, mac *[6]byte) uint64 {
	return OfInt(seed, int64(mac[0])<<40|int64(mac[1])<<32|int64(mac[2])<<24|int64(mac[3])<<16|int64(mac[4])<<8|int64(mac[5]))
}

// OfInt is the hash of an integer, a duration or a time: that of its eight bytes,
// least first.
func OfInt(seed uint64, v int64) uint64 { return avalanche(step8(seed+(prime5+8), uint64(v))) }

// OfBool is the hash of a bool.
func OfBool(seed uint64, v bool) uint64 {
	if v {
		return OfInt(seed, 1)
	}
	return OfInt(seed, 0)
}

// OfString is the hash of a text, and that of the field in which PutString puts it.
func OfString(seed uint64, s []byte) uint64 {
	if len(s) <= maxText {
		return Hash(seed, s)
	}
	var k [SizeString]byte
	PutString(k[:], s)
	return Hash64(seed, &k)
}

// OfText is the hash of a field that PutString wrote.
func OfText(seed uint64, k *[SizeString]byte) uint64 {
	if text, whole := Text(k[:]); whole {
		return Hash(seed, text)
	}
	return Hash64(seed, k)
}
