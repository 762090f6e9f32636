package sketch

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/runtime/flow"
)

const sec = int64(1e9)

// t0 is a packet time such as captures hold.
const t0 = 1_700_000_000 * sec

// key is the hash of key number i under a seed.
func key(seed, i uint64) uint64 {
	var k [8]byte
	binary.BigEndian.PutUint64(k[:], i)
	return flow.Hash(seed, k[:])
}

// streams are the two shapes of traffic that bounds are tested on: n keys, drawn
// as often as one likes.
func streams(n int, seed uint64) map[string]func() uint64 {
	// Each has its own source: the order of a map must not change what they draw.
	r := rand.New(rand.NewPCG(seed, 1))
	z := rand.NewZipf(rand.New(rand.NewPCG(seed, 2)), 1.1, 1, uint64(n-1))
	return map[string]func() uint64{
		"uniform": func() uint64 { return r.Uint64N(uint64(n)) },
		"zipf":    z.Uint64,
	}
}

// wantAligned checks that cells start on a cache line.
func wantAligned(t *testing.T, what string, p any) {
	t.Helper()
	var a uint64
	if fmt.Sscanf(fmt.Sprintf("%p", p), "0x%x", &a); a == 0 || a%64 != 0 {
		t.Errorf("%s at %#x, want a multiple of 64", what, a)
	}
}

// wantNoAllocs checks that f does not allocate.
func wantNoAllocs(t *testing.T, what string, f func()) {
	t.Helper()
	if n := testing.AllocsPerRun(200, f); n != 0 {
		t.Errorf("%s: %v allocations, want 0", what, n)
	}
}
