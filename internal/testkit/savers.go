package testkit

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/program"
)

// SaverSample is a structure that can be saved, with something to do about it.
type SaverSample struct {
	Name string
	Make func() program.Saver
	// Do does something about a random key at a time, and returns what the structure
	// answers.
	Do func(s program.Saver, r *rand.Rand, now int64) float64
	// Usage returns what is to be the same after saving and loading.
	Usage func(s program.Saver) any
	// Check returns what is wrong inside of s; nil = nobody knows.
	Check func(s program.Saver) error
}

// saverBegin is when samples begin: 2023-11-14.
const saverBegin = 1_700_000_000_000_000_000

// saverJump bounds the pauses, in ns, that samples make now and then.
const saverJump = 40_000_000_000

// ReloadAll does much about each structure, in steps of random length up to step ns and a pause
// now and then. One that is saved and loaded meanwhile, when it is empty, young and full,
// must answer like the one that is not.
func ReloadAll(t *testing.T, samples []SaverSample, step int64) {
	for _, s := range samples {
		t.Run(s.Name, func(t *testing.T) {
			whole, cut := s.Make(), s.Make()
			r := rand.New(rand.NewPCG(1, 2))
			now := int64(saverBegin)
			for i := range 10_000 {
				if i == 1 || i == 100 || i%1237 == 0 {
					cut = Reload(t, cut, s.Make)
				}
				now += r.Int64N(step)
				if r.Uint64N(1000) == 0 {
					now += r.Int64N(saverJump)
				}
				a, b := r.Uint64(), r.Uint64()
				want := s.Do(whole, rand.New(rand.NewPCG(a, b)), now)
				if got := s.Do(cut, rand.New(rand.NewPCG(a, b)), now); got != want {
					t.Fatalf("operation %d yields %v, without saving %v", i, got, want)
				}
			}
			if u, v := s.Usage(cut), s.Usage(whole); u != v {
				t.Errorf("usage %+v, without saving %+v", u, v)
			}
			if s.Check != nil {
				if err := s.Check(cut); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// used returns a structure that something was done about.
func (s *SaverSample) used() program.Saver {
	to := s.Make()
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		s.Do(to, r, saverBegin+int64(i)*100_000_000)
	}
	return to
}

// FuzzLoad: no image makes Load of one of samples panic, nor what follows if it was
// loaded; and no answer is none.
func FuzzLoad(f *testing.F, samples []SaverSample) {
	for i := range samples {
		f.Add(uint8(i), Image(samples[i].used()))
		f.Add(uint8(i), Image(samples[i].Make()))
	}
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) { samples[int(kind)%len(samples)].load(t, b) })
}

// FlipAll: nor does an image with one wrong byte.
func FlipAll(t *testing.T, samples []SaverSample) {
	for i := range samples {
		Flip(Image(samples[i].used()), func(b []byte) { samples[i].load(t, b) })
	}
}

// load makes a structure of an image and does something about it, if it can be loaded.
func (s *SaverSample) load(t *testing.T, b []byte) {
	to := s.Make()
	if to.Load(image.NewReader(b)) != nil {
		return
	}
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 50 {
		if x := s.Do(to, r, saverBegin+int64(i)*1_000_000_000); math.IsNaN(x) {
			t.Fatalf("%s: operation %d yields no number", s.Name, i)
		}
	}
	s.Usage(to)
}
