package flow

import (
	"encoding/binary"
	"math/bits"
)

// The five primes of XXH64 (specification §"XXH64 Algorithm Description").
const (
	prime1 uint64 = 0x9E3779B185EBCA87
	prime2 uint64 = 0xC2B2AE3D27D4EB4F
	prime3 uint64 = 0x165667B19E3779F9
	prime4 uint64 = 0x85EBCA77C2B2AE63
	prime5 uint64 = 0x27D4EB2F165667C5
)

// Hash returns the XXH64 hash of b under seed. It allocates nothing and may run
// concurrently. Any length is hashed; for the sizes of fields Hash16 and Hash64 give
// the same value faster.
//
// Source: Y. Collet, "xxHash fast digest algorithm", XXH64. It is written out
// here, and tested equal to github.com/cespare/xxhash/v2 for every length and
// seed, because a plugin must link against runtime/ without any other module.
func Hash(seed uint64, b []byte) uint64 {
	n := uint64(len(b))
	var h uint64
	if len(b) >= 32 {
		v1, v2, v3, v4 := seed+prime1+prime2, seed+prime2, seed, seed-prime1
		for len(b) >= 32 {
			v1 = round(v1, binary.LittleEndian.Uint64(b[0:8]))
			v2 = round(v2, binary.LittleEndian.Uint64(b[8:16]))
			v3 = round(v3, binary.LittleEndian.Uint64(b[16:24]))
			v4 = round(v4, binary.LittleEndian.Uint64(b[24:32]))
			b = b[32:]
		}
		h = merge(v1, v2, v3, v4) + n
	} else {
		h = seed + prime5 + n
	}
	for ; len(b) >= 8; b = b[8:] {
		h = step8(h, binary.LittleEndian.Uint64(b))
	}
	if len(b) >= 4 {
		h ^= uint64(binary.LittleEndian.Uint32(b)) * prime1
		h = bits.RotateLeft64(h, 23)*prime2 + prime3
		b = b[4:]
	}
	for _, c := range b {
		h ^= uint64(c) * prime5
		h = bits.RotateLeft64(h, 11) * prime1
	}
	return avalanche(h)
}

// Shard returns which of so many shards a key with hash h belongs to, 0 … shards-1. It
// depends on all of h and is independent of the bits by which structures place keys.
func Shard(h uint64, shards int) int {
	hi, _ := bits.Mul64((h^h>>31)*prime3, uint64(shards))
	return int(hi)
}

// OfTwo is Shard(h, 2).
func OfTwo(h uint64) uint64 { return (h ^ h>>31) * prime3 >> 63 }

// Hash16 is Hash of a 16-byte key, such as one address. It is written out, since
// with the helpers it would be too large for the compiler to inline.
func Hash16(seed uint64, k *[16]byte) uint64 {
	h := seed + (prime5 + 16)
	h = bits.RotateLeft64(h^bits.RotateLeft64(binary.LittleEndian.Uint64(k[:])*prime2, 31)*prime1, 27)*prime1 + prime4
	h = bits.RotateLeft64(h^bits.RotateLeft64(binary.LittleEndian.Uint64(k[8:])*prime2, 31)*prime1, 27)*prime1 + prime4
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}

// Hash64 is Hash of a 64-byte key, such as one string.
func Hash64(seed uint64, k *[64]byte) uint64 {
	v1 := round(seed+prime1+prime2, binary.LittleEndian.Uint64(k[0:8]))
	v2 := round(seed+prime2, binary.LittleEndian.Uint64(k[8:16]))
	v3 := round(seed, binary.LittleEndian.Uint64(k[16:24]))
	v4 := round(seed-prime1, binary.LittleEndian.Uint64(k[24:32]))
	v1 = round(v1, binary.LittleEndian.Uint64(k[32:40]))
	v2 = round(v2, binary.LittleEndian.Uint64(k[40:48]))
	v3 = round(v3, binary.LittleEndian.Uint64(k[48:56]))
	v4 = round(v4, binary.LittleEndian.Uint64(k[56:64]))
	return avalanche(merge(v1, v2, v3, v4) + 64)
}

// round mixes eight input bytes into one of the four lanes.
func round(acc, x uint64) uint64 {
	return bits.RotateLeft64(acc+x*prime2, 31) * prime1
}

// merge joins the four lanes of an input of 32 bytes or more.
func merge(v1, v2, v3, v4 uint64) uint64 {
	h := bits.RotateLeft64(v1, 1) + bits.RotateLeft64(v2, 7) + bits.RotateLeft64(v3, 12) + bits.RotateLeft64(v4, 18)
	h = (h^round(0, v1))*prime1 + prime4
	h = (h^round(0, v2))*prime1 + prime4
	h = (h^round(0, v3))*prime1 + prime4
	return (h^round(0, v4))*prime1 + prime4
}

// step8 mixes eight bytes of the tail.
func step8(h, x uint64) uint64 {
	return bits.RotateLeft64(h^round(0, x), 27)*prime1 + prime4
}

// avalanche spreads every input bit over the whole result.
func avalanche(h uint64) uint64 {
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}
