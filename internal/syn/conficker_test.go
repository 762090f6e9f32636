package syn

import (
	"testing"
)

func TestConficker(t *testing.T) {
	trace, truth := Conficker(ConfickerConfig{Seed: 1})
	t.Logf("%d packets, %d bytes, infected %v", len(trace.Frames), len(trace.Bytes()), truth.Infected)
	for _, h := range truth.Hosts {
		t.Log(h.Address, h.Role, h.FirstInfected, h.FirstInfectedAt, *h.Total)
	}
}
