package sketch

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/program"
)

type topKKey = [6]byte // not a multiple of eight: slots have gaps

var samples = []testkit.SaverSample{
	{Name: "pair", Usage: usageOf, Make: func() program.Saver { return NewPair(10*sec, 500, 0.01) }, Do: func(s program.Saver, r *rand.Rand, now int64) float64 {
		if s.(*Pair).Set(key(1, r.Uint64N(2000)), now) {
			return 1
		}
		return 0
	}},
	{Name: "pair for ever", Usage: usageOf, Make: func() program.Saver { return NewPair(0, 500, 0.01) }, Do: func(s program.Saver, r *rand.Rand, now int64) float64 {
		if s.(*Pair).Set(key(1, r.Uint64N(2000)), now) {
			return 1
		}
		return 0
	}},
	{Name: "cbf", Usage: usageOf, Make: func() program.Saver { return NewCBF(10*sec, 500, 0.01) }, Do: func(s program.Saver, r *rand.Rand, now int64) float64 {
		return float64(s.(*CBF).Add(key(1, r.Uint64N(500)), r.Int64N(1<<38), now))
	}},
	{Name: "tbf", Usage: usageOf, Make: func() program.Saver { return NewTBF(10*sec, 0, 500, 0.01) }, Do: func(s program.Saver, r *rand.Rand, now int64) float64 {
		return s.(*TBF).Add(key(1, r.Uint64N(500)), r.Float64(), now)
	}},
	{Name: "tewma", Usage: usageOf, Make: func() program.Saver { return NewTEWMA(60*sec, sec, 500, 0.01) }, Do: func(s program.Saver, r *rand.Rand, now int64) float64 {
		return s.(*TEWMA).Add(key(1, r.Uint64N(500)), 1, now)
	}},
	{Name: "hll", Usage: usageOf, Make: func() program.Saver { return NewHLL(10*sec, 0.02) }, Do: func(s program.Saver, r *rand.Rand, now int64) float64 {
		s.(*HLL).Add(key(1, r.Uint64N(1<<40)), now)
		return s.(*HLL).Estimate(now)
	}},
	{Name: "topk", Usage: usageOf, Make: func() program.Saver { return NewTopK[topKKey](5, 50, 10*sec) }, Do: func(s program.Saver, r *rand.Rand, now int64) float64 {
		t, n := s.(*TopK[topKKey]), byte(r.Uint64N(200))
		k := topKKey{n, 0, 0, 0, 0, n}
		sum := t.Add(&k, key(1, uint64(n)), r.Int64N(100), now)
		for i, e := range t.List(now, nil) {
			sum = sum*31 + e.Count + e.Error + int64(e.Key[5])*int64(i)
		}
		return float64(sum)
	}},
}

// A structure that was saved and loaded at any moment answers like the one that was not,
// over many windows, whether it was empty, young or full.
func TestReload(t *testing.T) { testkit.ReloadAll(t, samples, 60e6) }

func usageOf(s program.Saver) any {
	switch s := s.(type) {
	case *Pair:
		return s.Usage()
	case *CBF:
		return s.Usage()
	case *TBF:
		return s.Usage()
	case *TEWMA:
		return s.Usage()
	case *HLL:
		return s.Usage()
	case *TopK[topKKey]:
		return s.Usage()
	}
	return nil
}

// The number of a form stands for what is written. Whoever changes a cell raises it, and
// this test with it.
func TestForms(t *testing.T) {
	for _, test := range []struct{ form, wantForm, shape, want string }{
		{NewPair(0, 500, 0.01).Form(), "pair 1 28", testkit.Shape(pairBlock{}), "[8]uint64"},
		{NewCBF(0, 500, 0.01).Form(), "cbf 1 1122", testkit.Shape(cbfLine{}), "{0:turn=uint32 4:lo=[6][2]uint32 52:hi=[6][2]uint8}64"},
		{NewTBF(0, 0, 500, 0.01).Form(), "decay 1 920", testkit.Shape(decayLine{}), "{0:number=int64 8:v=[7]uint64}64"},
		{NewHLL(0, 0.02).Form(), "hll 1 4096", testkit.Shape(uint8(0)), "uint8"},
		{NewTopK[topKKey](5, 50, 0).Form(), "topk 1 50 40", testkit.Shape(slot[topKKey]{}),
			"{0:Entry={0:Key=[6]uint8 8:Count=int64 16:Error=int64}24 24:hash=uint64 32:pos=uint32}40"},
	} {
		if test.form != test.wantForm || test.shape != test.want {
			t.Errorf("form %q, cells %s; want %q, %s", test.form, test.shape, test.wantForm, test.want)
		}
	}
}

// FuzzLoad: no image makes Load panic, nor what follows if it was loaded.
func FuzzLoad(f *testing.F) { testkit.FuzzLoad(f, samples) }

// TestFlip: nor does an image with one wrong byte.
func TestFlip(t *testing.T) { testkit.FlipAll(t, samples) }

// A cell that is no value, and a line of a time to come, would make values that are none.
func TestDecayRefused(t *testing.T) {
	for name, spoil := range map[string]func(l *decayLine, number int64){
		"no number":       func(l *decayLine, _ int64) { l.v[0] = math.Float64bits(math.NaN()) },
		"endless":         func(l *decayLine, _ int64) { l.v[1] = math.Float64bits(math.Inf(1)) },
		"below zero":      func(l *decayLine, _ int64) { l.v[2] = math.Float64bits(-1) },
		"of time to come": func(l *decayLine, number int64) { l.number = number + 1 },
		"of no time":      func(l *decayLine, _ int64) { l.number = -1 },
	} {
		from, to := NewTBF(10*sec, 0, 500, 0.01), NewTBF(10*sec, 0, 500, 0.01)
		from.Add(key(1, 1), 1, t0)
		spoil(&from.lines[3], from.number)
		if err := to.Load(image.NewReader(testkit.Image(from))); err != image.ErrWrong {
			t.Errorf("%s: Load = %v, want %v", name, err, image.ErrWrong)
		}
	}
}
