package timer

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/program"
)

func makeWheel() program.Saver { return NewWheel(100) }

// What was saved and loaded at any moment fires like what was not.
func TestReload(t *testing.T) {
	whole, cut := NewWheel(100), NewWheel(100)
	r := rand.New(rand.NewPCG(1, 2))
	now := int64(1_700_000_000) * second
	for i := range 20_000 {
		if i%997 == 0 {
			cut = testkit.Reload(t, cut, makeWheel).(*Wheel)
			cut.checkInvariants(t)
		}
		now += r.Int64N(second)
		slot := r.IntN(100)
		switch r.IntN(4) {
		case 0, 1:
			deadline := now + r.Int64N(1<<r.IntN(50)) - second
			if r.IntN(50) == 0 {
				deadline = []int64{Never, math.MinInt64, 0}[r.IntN(3)]
			}
			whole.Arm(slot, deadline, uint64(i))
			cut.Arm(slot, deadline, uint64(i))
		case 2:
			if a, b := whole.Cancel(slot), cut.Cancel(slot); a != b {
				t.Fatalf("step %d: Cancel = %v, without saving %v", i, b, a)
			}
		case 3:
			s, d, ok := whole.Pop(now)
			if s2, d2, ok2 := cut.Pop(now); s != s2 || d != d2 || ok != ok2 {
				t.Fatalf("step %d: Pop = %d, %d, %v, without saving %d, %d, %v", i, s2, d2, ok2, s, d, ok)
			}
		}
	}
	if whole.Len() != cut.Len() || whole.Len() == 0 {
		t.Errorf("%d timers, without saving %d", cut.Len(), whole.Len())
	}
}

// Resume gives a timer the place that it had among equal deadlines.
func TestResume(t *testing.T) {
	w := NewWheel(3)
	for i := range 3 {
		w.Arm(i, 5*second, uint64(i+1))
	}
	w.Cancel(0)
	if w.Len() != 2 {
		t.Fatalf("Len = %d", w.Len())
	}
	w.Resume(0)
	for want := range 3 {
		if s, _, ok := w.Pop(5 * second); !ok || s != want {
			t.Fatalf("Pop = %d, %v, want %d", s, ok, want)
		}
	}
}

func TestForm(t *testing.T) {
	if got, want := NewWheel(7).Form(), "wheel 1 7"; got != want {
		t.Errorf("Form = %q, want %q", got, want)
	}
}

// FuzzLoad: no image makes Load panic, nor what follows if it was loaded.
func FuzzLoad(f *testing.F) {
	w := NewWheel(100)
	for i := range 50 {
		w.Arm(i, int64(i*i)*second, uint64(i))
	}
	w.Pop(100 * second)
	f.Add(testkit.Image(w))
	f.Add(testkit.Image(NewWheel(100)))
	f.Fuzz(func(t *testing.T, b []byte) {
		w := NewWheel(100)
		if w.Load(image.NewReader(b)) != nil {
			return
		}
		w.checkInvariants(t)
		n := w.Len()
		for limit := int64(math.MinInt64); ; limit = Never {
			for {
				if _, _, ok := w.Pop(limit); !ok {
					break
				}
				n--
			}
			if limit == Never {
				break
			}
		}
		never := 0
		for s := range 100 {
			if d, ok := w.Deadline(s); ok && d == Never {
				never++
			}
		}
		if n != never || w.Len() != n {
			t.Errorf("%d timers did not fire, %d are never due", n, never)
		}
	})
}
