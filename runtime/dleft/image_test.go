package dleft

import (
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/program"
)

type odd = [13]byte // cells have gaps

var samples = savers()

func savers() []testkit.SaverSample {
	counters := func(s program.Saver, r *rand.Rand, now int64) float64 {
		c, k := s.(*Counters), keyOf(r.Uint64N(150))
		switch h := hash16(&k); r.Uint64N(4) {
		case 0:
			c.Delete(h)
			return 0
		case 1: // wide now and then
			v, _ := c.Add(h, r.Int64N(1<<33)-1<<31, now)
			return float64(v)
		default:
			v, _ := c.Add(h, 1, now)
			return float64(v)
		}
	}
	table := func(s program.Saver, r *rand.Rand, now int64) float64 {
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
		return float64(*v)
	}
	return []testkit.SaverSample{
		{Name: "counters, evict", Make: func() program.Saver { return NewCounters(60, Evict) }, Do: counters, Usage: usageOf, Check: check},
		{Name: "counters, reject", Make: func() program.Saver { return NewCounters(60, Reject) }, Do: counters, Usage: usageOf, Check: check},
		{Name: "table, evict", Make: func() program.Saver { return NewTable[odd, int16](60, Evict) }, Do: table, Usage: usageOf, Check: check},
		{Name: "table, reject", Make: func() program.Saver { return NewTable[odd, int16](60, Reject) }, Do: table, Usage: usageOf, Check: check},
	}
}

func TestReload(t *testing.T) { testkit.ReloadAll(t, samples, sec) }

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

func check(s program.Saver) error {
	switch s := s.(type) {
	case *Counters:
		return s.checkInvariants()
	case *Table[odd, int16]:
		return s.checkInvariants(func(k *odd) uint64 { return hash16(&key16{k[0]}) })
	}
	return nil
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
func FuzzLoad(f *testing.F) { testkit.FuzzLoad(f, samples) }

// TestFlip: nor does an image with one wrong byte.
func TestFlip(t *testing.T) { testkit.FlipAll(t, samples) }
