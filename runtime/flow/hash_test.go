package flow

import (
	"math/rand/v2"
	"testing"

	"github.com/cespare/xxhash/v2"
)

func random(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// TestHashAgainstXXHash compares with the reference of the product's design,
// for every length through several strides of 32 and with many seeds.
func TestHashAgainstXXHash(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := 0; n <= 300; n++ {
		for i := range 8 {
			seed := r.Uint64()
			if i < 2 {
				seed = uint64(i)
			}
			b := random(r, n)
			d := xxhash.NewWithSeed(seed)
			d.Write(b)
			if got, want := Hash(seed, b), d.Sum64(); got != want {
				t.Fatalf("Hash(%d, %x) = %x, want %x", seed, b, got, want)
			}
			if seed == 0 && Hash(0, b) != xxhash.Sum64(b) {
				t.Fatalf("Hash(0, %x) = %x, want %x", b, Hash(0, b), xxhash.Sum64(b))
			}
		}
	}
}

func TestFixedSizes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		b, seed := random(r, 64), r.Uint64()
		for _, c := range []struct {
			n   int
			got uint64
		}{
			{16, Hash16(seed, (*[16]byte)(b))},
			{64, Hash64(seed, (*[64]byte)(b))},
		} {
			if want := Hash(seed, b[:c.n]); c.got != want {
				t.Fatalf("Hash%d(%d, %x) = %x, want %x", c.n, seed, b[:c.n], c.got, want)
			}
		}
	}
}

func FuzzHash(f *testing.F) {
	f.Add(uint64(0), []byte(""))
	f.Add(uint64(1), []byte("0123456789abcdef0123456789abcdef"))
	f.Add(^uint64(0), []byte("a name that is longer than one stride of thirty-two bytes, and then some"))
	f.Fuzz(func(t *testing.T, seed uint64, b []byte) {
		d := xxhash.NewWithSeed(seed)
		d.Write(b)
		if got, want := Hash(seed, b), d.Sum64(); got != want {
			t.Errorf("Hash(%d, %x) = %x, want %x", seed, b, got, want)
		}
	})
}

func TestHashAllocatesNothing(t *testing.T) {
	var k [64]byte
	var sum uint64
	if n := testing.AllocsPerRun(100, func() {
		sum += Hash(1, k[:]) + Hash16(1, (*[16]byte)(k[:])) + Hash64(1, &k)
		PutString(k[:], k[1:40])
		Both(k[:32])
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
	_ = sum
}

var sink uint64

// The loop carries no dependence from one hash to the next: what is measured is
// throughput, as when a batch is hashed.
func BenchmarkHash(b *testing.B) {
	var keys [64][64]byte
	r := rand.New(rand.NewPCG(5, 6))
	for i := range keys {
		copy(keys[i][:], random(r, 64))
	}
	run := func(name string, n int64, f func(k *[64]byte) uint64) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(n)
			b.ReportAllocs()
			var s uint64
			for i := 0; b.Loop(); i++ {
				s += f(&keys[i&63])
			}
			sink = s
		})
	}
	run("fixed16", 16, func(k *[64]byte) uint64 { return Hash16(1, (*[16]byte)(k[:])) })
	run("fixed64", 64, func(k *[64]byte) uint64 { return Hash64(1, (*[64]byte)(k[:])) })
	run("any16", 16, func(k *[64]byte) uint64 { return Hash(1, k[:16]) })
	run("any40", 40, func(k *[64]byte) uint64 { return Hash(1, k[:40]) })
	run("xxhash16", 16, func(k *[64]byte) uint64 { return xxhash.Sum64(k[:16]) })
}

// BenchmarkHash16 is a direct, inlined call, as in generated code.
func BenchmarkHash16(b *testing.B) {
	b.ReportAllocs()
	var keys [64][16]byte
	for i := range keys {
		PutInt(keys[i][:], int64(i))
	}
	var s uint64
	for i := range b.N {
		s += Hash16(7, &keys[i&63])
	}
	sink = s
}

// BenchmarkHash16Chain is the latency of one hash: each key holds the last result.
func BenchmarkHash16Chain(b *testing.B) {
	b.ReportAllocs()
	var k [16]byte
	for b.Loop() {
		PutInt(k[8:], int64(Hash16(1, &k)))
	}
}
