package sketch

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/program"
)

// sample is a structure with something to do about a key at a time, which answers.
type sample struct {
	name string
	make func() program.Saver
	do   func(s program.Saver, r *rand.Rand, now int64) float64
}

type topKKey = [6]byte // not a multiple of eight: slots have gaps

var samples = []sample{
	{"pair", func() program.Saver { return NewPair(10*sec, 500, 0.01) }, func(s program.Saver, r *rand.Rand, now int64) float64 {
		if s.(*Pair).Set(key(1, r.Uint64N(2000)), now) {
			return 1
		}
		return 0
	}},
	{"pair for ever", func() program.Saver { return NewPair(0, 500, 0.01) }, func(s program.Saver, r *rand.Rand, now int64) float64 {
		if s.(*Pair).Set(key(1, r.Uint64N(2000)), now) {
			return 1
		}
		return 0
	}},
	{"cbf", func() program.Saver { return NewCBF(10*sec, 500, 0.01) }, func(s program.Saver, r *rand.Rand, now int64) float64 {
		return float64(s.(*CBF).Add(key(1, r.Uint64N(500)), r.Int64N(1<<38), now))
	}},
	{"tbf", func() program.Saver { return NewTBF(10*sec, 0, 500, 0.01) }, func(s program.Saver, r *rand.Rand, now int64) float64 {
		return s.(*TBF).Add(key(1, r.Uint64N(500)), r.Float64(), now)
	}},
	{"tewma", func() program.Saver { return NewTEWMA(60*sec, sec, 500, 0.01) }, func(s program.Saver, r *rand.Rand, now int64) float64 {
		return s.(*TEWMA).Add(key(1, r.Uint64N(500)), 1, now)
	}},
	{"hll", func() program.Saver { return NewHLL(10*sec, 0.02) }, func(s program.Saver, r *rand.Rand, now int64) float64 {
		s.(*HLL).Add(key(1, r.Uint64N(1<<40)), now)
		return s.(*HLL).Estimate(now)
	}},
	{"topk", func() program.Saver { return NewTopK[topKKey](5, 50, 10*sec) }, func(s program.Saver, r *rand.Rand, now int64) float64 {
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
func TestReload(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			whole, cut := s.make(), s.make()
			r := rand.New(rand.NewPCG(1, 2))
			now := t0
			for i := range 6_000 {
				if slices.Contains([]int{0, 1, 100, 777, 5000}, i) {
					cut = testkit.Reload(t, cut, s.make)
				}
				now += r.Int64N(60e6)
				if r.Uint64N(1000) == 0 {
					now += r.Int64N(40) * sec
				}
				a, b := r.Uint64(), r.Uint64()
				want := s.do(whole, rand.New(rand.NewPCG(a, b)), now)
				if got := s.do(cut, rand.New(rand.NewPCG(a, b)), now); got != want {
					t.Fatalf("operation %d yields %v, without saving %v", i, got, want)
				}
			}
			if u, v := usageOf(cut), usageOf(whole); u != v {
				t.Errorf("usage %+v, without saving %+v", u, v)
			}
		})
	}
}

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
func FuzzLoad(f *testing.F) {
	for i, s := range samples {
		from := s.make()
		r := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			s.do(from, r, t0+r.Int64N(20*sec))
		}
		f.Add(uint8(i), testkit.Image(from))
		f.Add(uint8(i), testkit.Image(s.make()))
	}
	f.Fuzz(func(_ *testing.T, kind uint8, b []byte) { loadAndUse(samples[int(kind)%len(samples)], b) })
}

func loadAndUse(s sample, b []byte) {
	to := s.make()
	if to.Load(image.NewReader(b)) != nil {
		return
	}
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 50 {
		s.do(to, r, t0+int64(i)*sec)
	}
	usageOf(to)
}

// TestFlip: nor does an image with one wrong byte.
func TestFlip(t *testing.T) {
	for _, s := range samples {
		from := s.make()
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 300 {
			s.do(from, r, t0+int64(i)*sec/10)
		}
		testkit.Flip(testkit.Image(from), func(b []byte) { loadAndUse(s, b) })
	}
}
