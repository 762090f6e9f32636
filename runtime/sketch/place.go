package sketch

import "math/bits"

// A key of the counting sketches has four cells: two different ones in each of
// two lines, and the lines come from different halves of the array, so that they
// never coincide.

// The pairs of different cells of a line of 6 and of 7, padded to a power of two
// so that no index needs a bounds check.
var (
	pairs6 = cellPairs(6)
	pairs7 = cellPairs(7)
)

func cellPairs(cells uint8) (t [32][2]uint8) {
	i := 0
	for a := range cells {
		for b := a + 1; b < cells; b++ {
			t[i] = [2]uint8{a, b}
			i++
		}
	}
	return t
}

// pick maps the lower 32 bits of h to [0, n).
func pick(h uint64, n uint64) uint64 { return (h & lowHalf * n) >> 32 }

// upper maps the upper bits of h to [0, n).
func upper(h, n uint64) uint64 {
	hi, _ := bits.Mul64(h, n)
	return hi
}
