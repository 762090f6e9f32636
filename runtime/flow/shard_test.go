package flow

import (
	"math/bits"
	"testing"
)

// TestShard: keys are spread evenly over shards, and those of one shard evenly over
// the lines that tables and sketches take from the upper bits of the same hash.
func TestShard(t *testing.T) {
	const n, lines = 200_000, 64
	for _, shards := range []int{1, 2, 3, 16} {
		count := make([]int, shards)
		byLine := make([][lines]int, shards)
		for i := range int64(n) {
			h := OfInt(42, i)
			s := Shard(h, shards)
			if s < 0 || s >= shards {
				t.Fatalf("Shard(%x, %d) = %d", h, shards, s)
			}
			if shards == 2 && OfTwo(h) != uint64(s) {
				t.Fatalf("OfTwo(%x) = %d, want %d", h, OfTwo(h), s)
			}
			count[s]++
			line, _ := bits.Mul64(h, lines)
			byLine[s][line]++
		}
		for s, c := range count {
			if want := n / shards; c < want*95/100 || c > want*105/100 {
				t.Errorf("%d of %d keys are of shard %d of %d", c, n, s, shards)
			}
			for line, c := range byLine[s] {
				if want := float64(n) / float64(shards*lines); float64(c) < 0.6*want || float64(c) > 1.4*want {
					t.Errorf("shard %d of %d has %d keys in line %d, want about %.0f", s, shards, c, line, want)
				}
			}
		}
	}
}
