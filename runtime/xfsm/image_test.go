package xfsm

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/program"
	"github.com/streamon/streamon/runtime/timer"
)

// memory is what a program has: states, timers and ticks under one agenda.
type memory struct {
	agenda timer.Agenda
	states *Table[key]
	timers *Timeouts[key, captured]
	ticks  *Ticks
}

const tickPeriod = 7 * second

func makeStates() program.Saver { return NewTable[key](8, Evict) }
func makeTimers() program.Saver { return NewTimeouts[key, captured](8, Evict) }
func makeTicks() program.Saver  { return NewTicks(1) }

// newMemory binds structures as Activate does.
func newMemory(states, timers, ticks program.Saver, now int64) *memory {
	m := &memory{states: states.(*Table[key]), timers: timers.(*Timeouts[key, captured]), ticks: ticks.(*Ticks)}
	m.states.Bind(&m.agenda, abc)
	m.states.BindLazy([]int64{-1, -1, -1, 20 * second})
	m.timers.Bind(&m.agenda)
	m.ticks.Bind(&m.agenda)
	m.ticks.Start(0, (now/tickPeriod+1)*tickPeriod, tickPeriod)
	return m
}

// advance fires what is due, and says what.
func (m *memory) advance(now int64) (said []string) {
	var k key
	var c captured
	for {
		wheel, deadline, ok := m.agenda.Next(now)
		if !ok {
			return said
		}
		switch wheel {
		case 0:
			s, d, _ := m.states.Expire(now, &k)
			m.states.Move(putKey(&k, int(k[7])), &k, (s+1)%3, d, d+second)
			said = append(said, fmt.Sprint("state ", s, " of ", k, " ends at ", d))
		case 1:
			d, ok := m.timers.Fire(now, &k, &c)
			said = append(said, fmt.Sprint("timer of ", k, c, " at ", d, ok))
			if k[7]%8 == 0 {
				m.timers.Start(putKey(&k, int(k[7])), &k, deadline+3*second, 0, &c)
			}
		case 2:
			_, d, ok := m.ticks.Fire(now)
			said = append(said, fmt.Sprint("tick at ", d, ok))
		}
	}
}

// step does something about a random key. Times are whole seconds, so that much is due
// at one time.
func (m *memory) step(r *rand.Rand, now int64) (said []string) {
	said = m.advance(now)
	n := r.IntN(250)
	h, k := keyOf(n)
	in := now + r.Int64N(60)*second
	switch r.IntN(7) {
	case 0, 1:
		to, expires := r.IntN(4), in+1
		if to == 3 { // lazy
			expires = 0
		}
		m.states.Move(h, k, to, now, expires)
	case 2:
		m.timers.Start(h, k, in, 0, &captured{uint16(n)})
	case 3:
		m.timers.Postpone(h, k, in, r.Int64N(2)*second, &captured{uint16(n + 1)})
	case 4:
		m.timers.Stop(h, k)
	default:
		s, ended := m.states.Look(h, k, now)
		said = append(said, fmt.Sprint("look ", s, ended))
	}
	return said
}

// A program's states and timers that were saved and loaded at any moment go on like those
// that were not: who is in which state, what fires, when, and in which order.
func TestReload(t *testing.T) {
	whole := newMemory(makeStates(), makeTimers(), makeTicks(), 0)
	cut := newMemory(makeStates(), makeTimers(), makeTicks(), 0)
	r := rand.New(rand.NewPCG(1, 2))
	now, events := int64(0), 0
	for i := range 10_000 {
		if i%499 == 0 {
			cut = newMemory(testkit.Reload(t, cut.states, makeStates), testkit.Reload(t, cut.timers, makeTimers), testkit.Reload(t, cut.ticks, makeTicks), now)
		}
		if r.IntN(3) == 0 {
			now += r.Int64N(3) * second
		}
		if r.IntN(2000) == 0 {
			now += 3000 * second // more firings than one advance has
		}
		a, b := r.Uint64(), r.Uint64()
		want := whole.step(rand.New(rand.NewPCG(a, b)), now)
		got := cut.step(rand.New(rand.NewPCG(a, b)), now)
		if !slices.Equal(got, want) {
			t.Fatalf("step %d: %q\nwithout saving: %q", i, got, want)
		}
		events += len(want)
	}
	if u, v := cut.states.Usage(), whole.states.Usage(); u != v || u.Evicted == 0 {
		t.Errorf("states: %+v, without saving %+v", u, v)
	}
	if u, v := cut.timers.Usage(), whole.timers.Usage(); u != v || u.Evicted == 0 {
		t.Errorf("timers: %+v, without saving %+v", u, v)
	}
	if cut.timers.Skipped() >= whole.timers.Skipped() || events < 10_000 {
		t.Errorf("skipped %d of %d, events %d", cut.timers.Skipped(), whole.timers.Skipped(), events)
	}
}

// A tick goes on where it was if its period is the same, and begins anew if not, or ends.
func TestTicksAreKept(t *testing.T) {
	for _, test := range []struct {
		name   string
		period int64
		want   int64
	}{{"same", 10 * second, 10 * second}, {"another", 4 * second, 12 * second}, {"none", 0, -1}} {
		t.Run(test.name, func(t *testing.T) {
			var a, b timer.Agenda
			ticks := NewTicks(1)
			ticks.Bind(&a)
			ticks.Start(0, 10*second, 10*second)
			ticks.Bind(&b)
			ticks.Start(0, 12*second, test.period)
			got := int64(-1)
			if _, deadline, ok := ticks.Fire(1000 * second); ok {
				got = deadline
			}
			if got != test.want {
				t.Errorf("fires at %d, want %d", got, test.want)
			}
		})
	}
}

// The number of a form stands for what is written. Whoever changes a value raises it, and
// this test with it.
func TestForms(t *testing.T) {
	for _, test := range []struct{ form, wantForm, shape, want string }{
		{makeStates().Form(), "states 1, table 1 4 8 16 24", testkit.Shape(place{}), "{0:since=int64 8:state=uint16 10:expired=uint16 12:advance=uint32}16"},
		{makeTimers().Form(), "timers 1, table 1 4 8 32 40", testkit.Shape(armed[captured]{}),
			"{0:repeat={0:period=int64 8:limit=int64 16:fired=int32}24 24:c={0:Port=uint16}2}32"},
		{makeTicks().Form(), "ticks 1 1", testkit.Shape(repeat{}), "{0:period=int64 8:limit=int64 16:fired=int32}24"},
	} {
		if test.form != test.wantForm || test.shape != test.want {
			t.Errorf("form %q, cells %s; want %q, %s", test.form, test.shape, test.wantForm, test.want)
		}
	}
}

// FuzzLoad: no image makes Load panic, nor what follows if it was loaded.
func FuzzLoad(f *testing.F) {
	makers := []func() program.Saver{makeStates, makeTimers, makeTicks}
	m := newMemory(makeStates(), makeTimers(), makeTicks(), 0)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		m.step(r, int64(i)*second)
	}
	for i, s := range []program.Saver{m.states, m.timers, m.ticks} {
		f.Add(uint8(i), testkit.Image(s))
		f.Add(uint8(i), testkit.Image(makers[i]()))
	}
	f.Fuzz(func(_ *testing.T, kind uint8, b []byte) { loadAndUse(kind, b) })
}

func loadAndUse(kind uint8, b []byte) {
	made := []program.Saver{makeStates(), makeTimers(), makeTicks()}
	if made[int(kind)%3].Load(image.NewReader(b)) != nil {
		return
	}
	m := newMemory(made[0], made[1], made[2], 0)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 20 {
		m.step(r, int64(i)*second)
	}
	m.states.Usage()
	m.timers.Usage()
}

// TestFlip: nor does an image with one wrong byte.
func TestFlip(t *testing.T) {
	m := newMemory(makeStates(), makeTimers(), makeTicks(), 0)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		m.step(r, int64(i)*second)
	}
	for i, s := range []program.Saver{m.states, m.timers, m.ticks} {
		testkit.Flip(testkit.Image(s), func(b []byte) { loadAndUse(uint8(i), b) })
	}
}

// A timer that says it has fired fewer than no times would fire two thousand million times in
// one advance of the clock.
func TestFiringsRefused(t *testing.T) {
	for _, wrong := range []repeat{{period: 1, fired: -1}, {period: 1, fired: MaxFirings + 1}, {period: -1}} {
		ticks := NewTicks(1)
		ticks.timers[0] = wrong
		timers := NewTimeouts[key, captured](8, Evict)
		h, k := keyOf(1)
		timers.Bind(new(timer.Agenda))
		timers.Start(h, k, 5, 0, &captured{})
		if v := timers.keys.Get(h, k); v != nil {
			v.repeat = wrong
		}
		for _, test := range []struct{ from, to program.Saver }{{ticks, makeTicks()}, {timers, makeTimers()}} {
			if err := test.to.Load(image.NewReader(testkit.Image(test.from))); err != image.ErrWrong {
				t.Errorf("%T, %+v: Load = %v, want %v", test.from, wrong, err, image.ErrWrong)
			}
		}
	}
}
