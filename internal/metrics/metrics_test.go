package metrics

import (
	"math/rand/v2"
	"testing"
)

func TestCountLayers(t *testing.T) {
	var p Packets
	var want [64]uint64
	r := rand.New(rand.NewPCG(1, 2))
	for range 100000 {
		layers := r.Uint64() & r.Uint64()
		if r.IntN(2) == 0 {
			layers = 0x1503 // one frequent set
		}
		n := r.Uint64N(3)
		p.CountLayers(layers, n)
		for b := range want {
			want[b] += n * (layers >> b & 1)
		}
		if r.IntN(5000) == 0 {
			p.Settle()
		}
	}
	p.Settle()
	p.Settle()
	if p.Layers != want {
		t.Errorf("Layers = %v, want %v", p.Layers, want)
	}
}

func BenchmarkCountLayers(b *testing.B) {
	var p Packets
	for i := range b.N {
		p.CountLayers(uint64(0x100+i&7), 1)
	}
}
