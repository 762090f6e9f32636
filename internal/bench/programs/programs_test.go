package programs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/runtime/dleft"
	"github.com/streamon/streamon/runtime/sketch"
)

// The structures have the bytes of the kernel's, with its own sizes and for two
// million flows.
func TestSizes(t *testing.T) {
	for _, tt := range []struct {
		name               string
		shape              shape
		detector, counters int64
	}{
		{"in cache", inCache, 64 << 14, 2 * 64 << 16},
		{"out of cache", outOfCache, 64 << 17, 2 * 64 << 18},
	} {
		t.Run(tt.name, func(t *testing.T) {
			detector, counters := tt.shape.keys()
			if got := sketch.PairBytes(detector, detectorError); got != tt.detector {
				t.Errorf("a detector for %d keys has %d bytes, want %d", detector, got, tt.detector)
			}
			if got := dleft.CountersBytes(counters); got != tt.counters {
				t.Errorf("counters for %d keys have %d bytes, want %d", counters, got, tt.counters)
			}
		})
	}
}

func TestLargest(t *testing.T) {
	for _, tt := range []struct {
		bytes int64
		want  int
	}{{0, 0}, {63, 0}, {64, 10}, {127, 10}, {128, 20}} {
		if got := largest(tt.bytes, func(n int) int64 { return int64(n+9) / 10 * 64 }); got != tt.want {
			t.Errorf("largest(%d) = %d, want %d", tt.bytes, got, tt.want)
		}
	}
}

// Every program is sound, and named as its file.
func TestAll(t *testing.T) {
	texts := All([]int{1, 4, 16, 32})
	if len(texts) != 2+2*4+1 {
		t.Errorf("%d programs, want 11", len(texts))
	}
	for file, text := range texts {
		if _, diags := lang.Check(file, []byte(text), nil); len(diags) > 0 {
			t.Errorf("%s: %v", file, diags)
		}
		if name, _, _ := strings.Cut(file, "."); !strings.HasPrefix(text, "program "+name+" ") {
			t.Errorf("%s begins %.40q", file, text)
		}
	}
}

// Each metric has a key of its own, as the kernel's have; those of the owned form
// contain the source.
func TestKeys(t *testing.T) {
	for _, tt := range []struct {
		text  string
		owned bool
	}{{WorstCase(32), false}, {WorstCaseOwned(32), true}, {OutOfCache(16), false}} {
		seen := map[string]bool{}
		strangers := 0
		for line := range strings.Lines(tt.text) {
			if _, key, ok := strings.Cut(strings.TrimSpace(line), "["); ok {
				count, _, _ := strings.Cut(key, "]")
				if seen[key] || seen[count] {
					t.Errorf("key %s occurs twice", key)
				}
				seen[key], seen[count] = true, true
				if !strings.Contains(count, "ip.src") {
					strangers++
				}
			}
		}
		if len(seen) == 0 || (strangers == 0) != tt.owned {
			t.Errorf("%d keys, %d of them without the source, owned = %v", len(seen), strangers, tt.owned)
		}
	}
	if a, b := fmt.Sprint(inCache.keys()), fmt.Sprint(outOfCache.keys()); a == b {
		t.Errorf("both shapes hold %s keys", a)
	}
}
