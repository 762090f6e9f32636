package flow

import (
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	"github.com/cespare/xxhash/v2"
)

// TestOf: the hash of a value is that of the field it is written to.
func TestOf(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for range 2000 {
		seed := r.Uint64()
		var b [SizeString]byte
		ip := [16]byte(random(r, 16))
		if PutIP(b[:], &ip); OfIP(seed, &ip) != OfIP(seed, (*[16]byte)(b[:])) || OfIP(seed, &ip) != Hash(seed, ip[:]) {
			t.Fatalf("OfIP(%d, %x) differs", seed, ip)
		}
		v := int64(r.Uint64())
		var le [8]byte
		for i := range le {
			le[i] = byte(v >> (8 * i))
		}
		if PutInt(b[:], v); OfInt(seed, v) != OfInt(seed, Int(b[:])) || OfInt(seed, v) != Hash(seed, le[:]) {
			t.Fatalf("OfInt(%d, %d) differs", seed, v)
		}
		s := []byte(strings.Repeat("ä-x", 100)[:r.IntN(200)])
		if PutString(b[:], s); OfString(seed, s) != OfText(seed, &b) {
			t.Fatalf("OfString(%d, %q) = %x, OfText %x", seed, s, OfString(seed, s), OfText(seed, &b))
		}
	}
	mac := [6]byte{2, 0, 0, 0, 0, 1}
	if OfMAC(1, &mac) == OfMAC(1, &[6]byte{1, 0, 0, 0, 0, 2}) || OfBool(1, true) == OfBool(1, false) {
		t.Error("two values have one hash")
	}
}

// TestOfIP: whatever of an address is 0, its hash is XXH64 of the sixteen bytes.
func TestOfIP(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 10))
	for _, c := range []struct {
		name    string
		pattern string // by byte: 0, f for 0xff, or x for any
	}{
		{"IPv4", "0000000000ffxxxx"},
		{"0.0.0.0", "0000000000ff0000"},
		{"::", "0000000000000000"},
		{"::1", "000000000000000x"},
		{"IPv6", "xxxxxxxxxxxxxxxx"},
		{"one byte at the front", "x000000000000000"},
		{"one byte of the first half", "0000000x00ffxxxx"},
		{"no interface", "xxxxxxxx00000000"},
		{"all ones", "ffffffffffffffff"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 200 {
				ip, seed := [16]byte(random(r, 16)), r.Uint64()
				for i, p := range c.pattern {
					switch p {
					case '0':
						ip[i] = 0
					case 'f':
						ip[i] = 0xff
					}
				}
				d := xxhash.NewWithSeed(seed)
				d.Write(ip[:])
				if got, want := OfIP(seed, &ip), d.Sum64(); got != want || got != Hash16(seed, &ip) {
					t.Fatalf("OfIP(%d, %x) = %x, want %x; Hash16 is %x", seed, ip, got, want, Hash16(seed, &ip))
				}
			}
		})
	}
}

// TestSumsSpread: keys of a grid of parts are spread as chance would have it over
// lines taken from the upper bits and over fingerprints from the lower: collisions
// are counted against their expectation.
func TestSumsSpread(t *testing.T) {
	const n = 700 // values a part
	seed := uint64(12345)
	lines, prints := map[uint64]int{}, map[uint32]int{}
	keys := 0
	for a := range n {
		for b := range n {
			h := OfInt(seed, int64(a)) + OfInt(seed, int64(b))*Odd1
			hi, _ := bits.Mul64(h, 1<<16)
			lines[hi]++
			prints[uint32(h)]++
			keys++
		}
	}
	pairs := float64(keys) * float64(keys-1) / 2
	same := 0.0
	for _, c := range lines {
		same += float64(c) * float64(c-1) / 2
	}
	if want := pairs / (1 << 16); same < 0.98*want || same > 1.02*want {
		t.Errorf("%.0f pairs of keys share a line, expected %.0f", same, want)
	}
	same = 0
	for _, c := range prints {
		same += float64(c) * float64(c-1) / 2
	}
	if want := pairs / (1 << 32); same > 2*want+30 {
		t.Errorf("%.0f pairs of keys share a fingerprint, expected %.0f", same, want)
	}
	// Both orders of two values are two keys.
	if OfInt(seed, 1)+OfInt(seed, 2)*Odd1 == OfInt(seed, 2)+OfInt(seed, 1)*Odd1 {
		t.Error("a key and its reverse have one hash")
	}
}

// Flipping any bit of any part changes about half of the bits of the sum.
func TestSumsAvalanche(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	total, n := 0, 0
	for range 200 {
		seed, a, b := r.Uint64(), int64(r.Uint64()), int64(r.Uint64())
		h := OfInt(seed, a) + OfInt(seed, b)*Odd1
		for bit := range 64 {
			total += bits.OnesCount64(h^(OfInt(seed, a^1<<bit)+OfInt(seed, b)*Odd1)) + bits.OnesCount64(h^(OfInt(seed, a)+OfInt(seed, b^1<<bit)*Odd1))
			n += 2
		}
	}
	if mean := float64(total) / float64(n); mean < 31.5 || mean > 32.5 {
		t.Errorf("%.2f bits change on average, want 32", mean)
	}
}

// Prefetching reads no further than a line of the array and changes nothing.
func TestWarm(t *testing.T) {
	base := make([][64]byte, 100)
	column := []uint64{0, ^uint64(0), 1 << 63, 7}
	if n := testing.AllocsPerRun(10, func() {
		WarmFirst(base, column, 3)
		WarmSecond(base, column, 3)
		WarmFirst(base, nil, 0)
		WarmSecond(base[:0], column, 0)
		for _, far := range []bool{false, true} {
			prefetch(unsafe.Pointer(&base[0]), uint64(len(base)), &column[0], 3, len(column), far)
			prefetchSecond(unsafe.Pointer(&base[0]), uint64(len(base)), &column[0], 3, len(column), far)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
	for i := range base {
		if base[i] != [64]byte{} {
			t.Fatalf("line %d was written to", i)
		}
	}
}

func BenchmarkWarm(b *testing.B) {
	base, column := make([][64]byte, 1<<16), make([]uint64, 64)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range column {
		column[i] = r.Uint64()
	}
	for i := range b.N {
		WarmFirst(base, column, uint64(i)*Odd1)
	}
}
