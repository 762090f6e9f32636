package program

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestSaturation(t *testing.T) {
	edge := []int64{0, 1, -1, 2, -2, 1 << 31, -1 << 31, 1<<32 + 1, math.MaxInt64, math.MaxInt64 - 1, math.MinInt64, math.MinInt64 + 1}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		edge = append(edge, int64(r.Uint64())>>r.UintN(63))
	}
	clamp := func(b *big.Int) int64 {
		switch {
		case b.IsInt64():
			return b.Int64()
		case b.Sign() > 0:
			return math.MaxInt64
		}
		return math.MinInt64
	}
	for _, x := range edge {
		bx := big.NewInt(x)
		if got, want := Neg(x), clamp(new(big.Int).Neg(bx)); got != want {
			t.Errorf("Neg(%d) = %d, want %d", x, got, want)
		}
		if got, want := Abs(x), clamp(new(big.Int).Abs(bx)); got != want {
			t.Errorf("Abs(%d) = %d, want %d", x, got, want)
		}
		for _, y := range edge {
			by := big.NewInt(y)
			for _, op := range []struct {
				name      string
				got, want int64
			}{
				{"Add", Add(x, y), clamp(new(big.Int).Add(bx, by))},
				{"Sub", Sub(x, y), clamp(new(big.Int).Sub(bx, by))},
				{"Mul", Mul(x, y), clamp(new(big.Int).Mul(bx, by))},
			} {
				if op.got != op.want {
					t.Fatalf("%s(%d, %d) = %d, want %d", op.name, x, y, op.got, op.want)
				}
			}
			if y != 0 {
				if got, want := Mod(x, y), clamp(new(big.Int).Rem(bx, by)); got != want {
					t.Fatalf("Mod(%d, %d) = %d, want %d", x, y, got, want)
				}
			}
		}
	}
	if Mod(5, 0) != 0 {
		t.Error("Mod(5, 0) is not 0")
	}
}

func TestUndefined(t *testing.T) {
	u := Undefined()
	for name, x := range map[string]float64{
		"1/0": Div(1, 0), "0/0": Div(0, 0), "undefined/1": Div(u, 1), "log 0": Log(0), "log -1": Log(-1),
		"log2 0": Log2(0), "sqrt -1": Sqrt(-1), "log undefined": Log(u), "undefined": u,
	} {
		if Defined(x) {
			t.Errorf("%s = %v, want undefined", name, x)
		}
		if Ne(x, 1) || Ne(1, x) || Ne(x, x) {
			t.Errorf("%s != … is true", name)
		}
	}
	if Div(1, 4) != 0.25 || Log2(8) != 3 || Sqrt(9) != 3 || Log(1) != 0 || !Ne(1, 2) || Ne(2, 2) {
		t.Error("ordinary arithmetic is off")
	}
}

func TestShiftAndConvert(t *testing.T) {
	for _, n := range []int64{-1, 64, math.MaxInt64, math.MinInt64} {
		if ShiftOK(n) {
			t.Errorf("ShiftOK(%d) = true", n)
		}
	}
	if !ShiftOK(0) || !ShiftOK(63) || Shl(3, 4) != 48 || Shr(-8, 1) != -4 {
		t.Error("shifts are off")
	}
	tests := []struct {
		x    float64
		want int64
	}{{1.9, 1}, {-1.9, -1}, {1e30, math.MaxInt64}, {-1e30, math.MinInt64}, {math.Inf(1), math.MaxInt64}, {Undefined(), 0}, {1 << 62, 1 << 62}}
	for _, tt := range tests {
		if got := ToInt(tt.x); got != tt.want {
			t.Errorf("ToInt(%v) = %d, want %d", tt.x, got, tt.want)
		}
	}
	if BoolInt(true) != 1 || BoolInt(false) != 0 || BoolFloat(true) != 1 || BoolFloat(false) != 0 {
		t.Error("bools are off")
	}
}
