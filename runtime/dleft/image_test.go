package dleft

import (
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/program"
)

// sample is a structure with something to do about a key, which answers.
type sample struct {
	name string
	make func() program.Saver
	do   func(s program.Saver, r *rand.Rand, now int64) int64
}

type odd = [13]byte // cells have gaps

func samples() []sample {
	counters := func(s program.Saver, r *rand.Rand, now int64) int64 {
		c, k := s.(*Counters), keyOf(r.Uint64N(150))
		switch h := hash16(&k); r.Uint64N(4) {
		case 0:
			c.Delete(h)
			return 0
		case 1: // wide now and then
			v, _ := c.Add(h, r.Int64N(1<<33)-1<<31, now)
			return v
		default:
			v, _ := c.Add(h, 1, now)
			return v
		}
	}
	table := func(s program.Saver, r *rand.Rand, now int64) int64 {
		t, k := s.(*Table[odd, int16]), odd{byte(r.Uint64N(200))}
		h := hash16(&key16{k[0]})
		if r.Uint64N(4) == 0 {
			t.Delete(h, &k)
			return 0
		}
		v, isNew := t.Put(h, &k, now)
		if v == nil {
			return -1
		}
		if *v++; isNew {
			return -2
		}
		return int64(*v)
	}
	return []sample{
		{"counters, evict", func() program.Saver { return NewCounters(60, Evict) }, counters},
		{"counters, reject", func() program.Saver { return NewCounters(60, Reject) }, counters},
		{"table, evict", func() program.Saver { return NewTable[odd, int16](60, Evict) }, table},
		{"table, reject", func() program.Saver { return NewTable[odd, int16](60, Reject) }, table},
	}
}

func TestReload(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			whole, cut := s.make(), s.make()
			r := rand.New(rand.NewPCG(1, 2))
			now := t0
			for i := range 10_000 {
				if i%1237 == 0 || i == 1 {
					cut = testkit.Reload(t, cut, s.make)
				}
				now += r.Int64N(sec)
				a, b := r.Uint64(), r.Uint64()
				want := s.do(whole, rand.New(rand.NewPCG(a, b)), now)
				if got := s.do(cut, rand.New(rand.NewPCG(a, b)), now); got != want {
					t.Fatalf("operation %d yields %v, without saving %v", i, got, want)
				}
			}
			if u, v := usageOf(cut), usageOf(whole); u != v {
				t.Errorf("usage %+v, without saving %+v", u, v)
			}
			check(t, cut)
		})
	}
}

func usageOf(s program.Saver) any {
	switch s := s.(type) {
	case *Counters:
		u := s.Usage()
		u.Bytes = 0 // the list of wide values grows in other steps
		return u
	case *Table[odd, int16]:
		return s.Usage()
	}
	return nil
}

func check(t *testing.T, s program.Saver) {
	t.Helper()
	var err error
	switch s := s.(type) {
	case *Counters:
		err = s.checkInvariants()
	case *Table[odd, int16]:
		err = s.checkInvariants(func(k *odd) uint64 { return hash16(&key16{k[0]}) })
	}
	if err != nil {
		t.Error(err)
	}
}

// The number of a form stands for what is written. Whoever changes a cell raises it, and
// this test with it.
func TestForms(t *testing.T) {
	for _, test := range []struct{ form, wantForm, shape, want string }{
		{NewCounters(60, Evict).Form(), "counters 1 18", testkit.Shape(bucket{}), "{0:fp=[6]uint32 24:flags=uint32 28:v=[6]int32 52:used=[6]uint16}64"},
		{NewTable[odd, int16](60, Evict).Form(), "table 1 12 13 2 16", testkit.Shape(tags{}), "{0:fp=[8]uint32 32:used=[8]uint32}64"},
		{"", "", testkit.Shape(cell[odd, int16]{}), "{0:key=[13]uint8 14:val=int16}16"},
	} {
		if test.form != test.wantForm || test.shape != test.want {
			t.Errorf("form %q, cells %s; want %q, %s", test.form, test.shape, test.wantForm, test.want)
		}
	}
}

// FuzzLoad: no image makes Load panic, nor what follows if it was loaded.
func FuzzLoad(f *testing.F) {
	for i, s := range samples() {
		from := s.make()
		r := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			s.do(from, r, t0)
		}
		f.Add(uint8(i), testkit.Image(from))
		f.Add(uint8(i), testkit.Image(s.make()))
	}
	f.Fuzz(func(_ *testing.T, kind uint8, b []byte) { loadAndUse(samples()[int(kind)%len(samples())], b) })
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
	for _, s := range samples() {
		from := s.make()
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 300 {
			s.do(from, r, t0+int64(i)*sec/10)
		}
		testkit.Flip(testkit.Image(from), func(b []byte) { loadAndUse(s, b) })
	}
}
