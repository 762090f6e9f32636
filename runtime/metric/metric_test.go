package metric

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/streamon/streamon/runtime/dleft"
	"github.com/streamon/streamon/runtime/flow"
)

var kinds = []Kind{Bloom, CBF, TBF, TEWMA, DLeft, HLL, TopK}

// usage makes the structure of s and returns its usage.
func usage(s Spec) flow.Usage {
	switch s.Kind {
	case Bloom:
		return NewDistinct(s).Usage()
	case CBF:
		return NewCBF(s).Usage()
	case TBF:
		return NewTBF(s).Usage()
	case TEWMA:
		return NewTEWMA(s).Usage()
	case DLeft:
		return NewCounters(s).Usage()
	case HLL:
		return NewHLL(s).Usage()
	case TopK:
		return NewTopK[[16]byte](s).Usage()
	}
	panic("unknown kind " + string(s.Kind))
}

// TestBytes: what explain promises is what the structure takes.
func TestBytes(t *testing.T) {
	for _, kind := range kinds {
		for _, s := range []Spec{{Kind: kind}, {Kind: kind, Capacity: 777, Error: 0.002, K: 5, Window: 30e9}} {
			if got, want := Bytes(s), usage(s).Bytes; got != want || got == 0 {
				t.Errorf("Bytes(%+v) = %d, want %d", s, got, want)
			}
			if Bound(s) == "" || Check(s) != nil {
				t.Errorf("%+v: bound %q, check %v", s, Bound(s), Check(s))
			}
		}
	}
	if Bytes(Spec{Kind: "no"}) != 0 || Bound(Spec{Kind: "no"}) != "" {
		t.Error("an unknown kind has a size or a bound")
	}
}

func TestDefaults(t *testing.T) {
	for _, c := range []struct {
		in, want Spec
	}{
		{Spec{Kind: Bloom}, Spec{Kind: Bloom, Window: 60e9, Memory: 240e9, Capacity: 65536, Error: 0.01, K: 10, KeyBytes: 16}},
		{Spec{Kind: TBF, Window: 10e9}, Spec{Kind: TBF, Window: 10e9, Memory: 40e9, Capacity: 65536, Error: 0.01, K: 10, KeyBytes: 16}},
		{Spec{Kind: HLL}, Spec{Kind: HLL, Capacity: 65536, Error: 0.01, K: 10, KeyBytes: 16}},
		{Spec{Kind: TopK, K: 20}, Spec{Kind: TopK, Capacity: 200, Error: 0.01, K: 20, KeyBytes: 16}},
	} {
		if got := c.in.WithDefaults(); got != c.want {
			t.Errorf("%+v with defaults = %+v, want %+v", c.in, got, c.want)
		}
	}
}

// TestSpecsReachTheStructure: window, capacity, policy and tick are not mixed up.
func TestSpecsReachTheStructure(t *testing.T) {
	const now = int64(1_700_000_000e9)
	d := NewDistinct(Spec{Window: 10e9})
	d.Set(1, now)
	if !d.Get(1, now+19e9) || d.Get(1, now+20e9) {
		t.Errorf("bloom of 10 s: seen %v after 19 s, %v after 20 s", d.Get(1, now+19e9), d.Get(1, now+20e9))
	}
	c := NewCBF(Spec{Window: 10e9})
	c.Add(1, 3, now)
	if a, b := c.Get(1, now+9e9), c.Get(1, now+10e9); a != 3 || b != 0 {
		t.Errorf("cbf of 10 s: %d after 9 s, %d after 10 s, want 3, 0", a, b)
	}
	b := NewTBF(Spec{Window: 10e9, Memory: 80e9})
	if got := b.Add(1, 1, now); got != 0.5 {
		t.Errorf("tbf of 10 s in 80 s: one arrival reads %v, want 0.5", got)
	}
	if got, want := b.Get(1, now+20e9), 0.5*math.Exp(-1); math.Abs(got-want) > 1e-12 {
		t.Errorf("tbf of 10 s in 80 s: after τ %v, want %v", got, want)
	}
	e := NewTEWMA(Spec{Window: 60e9, Tick: 1e9})
	v := e.Add(1, 1, now)
	if got := e.Get(1, now+999e6); got != v {
		t.Errorf("tewma with a tick of 1 s: %v after 0.999 s, want %v", got, v)
	}
	k := NewCounters(Spec{Capacity: 1, Full: dleft.Reject})
	for h := range uint64(1000) {
		k.Add(h*0x9E3779B97F4A7C15, 1, now)
	}
	if u := k.Usage(); u.Rejected == 0 || u.Evicted != 0 {
		t.Errorf("dleft with full: reject: %+v", u)
	}
	top := NewTopK[[8]byte](Spec{K: 2})
	for i := range byte(5) {
		top.Add(&[8]byte{i}, uint64(i), int64(i), now)
	}
	if got := top.List(now, nil); len(got) != 2 || got[0].Key[0] != 4 || got[1].Key[0] != 3 {
		t.Errorf("topk of 2: %v", got)
	}
	h := NewHLL(Spec{Window: 10e9})
	h.Add(1, now)
	if a, b := h.Estimate(now), h.Estimate(now+10e9); math.Abs(a-1) > 0.01 || b != 0 {
		t.Errorf("hll of 10 s: %v, after 10 s %v, want 1, 0", a, b)
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		s    Spec
		want error
	}{
		{Spec{Kind: "mean"}, ErrKind},
		{Spec{}, ErrKind},
		{Spec{Kind: CBF, Window: -1}, ErrNegative},
		{Spec{Kind: CBF, Capacity: -1}, ErrNegative},
		{Spec{Kind: CBF, Error: math.NaN()}, ErrNegative},
		{Spec{Kind: CBF, Error: 0.5}, ErrError},
		{Spec{Kind: TEWMA, Window: 6e9}, ErrWindow},
		{Spec{Kind: TEWMA, Window: 7e9}, nil},
		{Spec{Kind: TEWMA}, nil},
		{Spec{Kind: TBF, Capacity: 1 << 31}, ErrCapacity},
	} {
		if got := Check(c.s); !errors.Is(got, c.want) {
			t.Errorf("Check(%+v) = %v, want %v", c.s, got, c.want)
		}
	}
}

func TestBoundText(t *testing.T) {
	for kind, want := range map[Kind]string{
		Bloom: "for 60 s; a new key is taken for a known one with probability 1 % or less",
		DLeft: "65536 keys, then evict",
		HLL:   "error 1 %",
		TopK:  "amounts / 100 or less",
	} {
		if got := Bound(Spec{Kind: kind}); !strings.Contains(got, want) {
			t.Errorf("Bound(%s) = %q, want it to contain %q", kind, got, want)
		}
	}
}
