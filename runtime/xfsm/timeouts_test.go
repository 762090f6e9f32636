package xfsm

import (
	"testing"

	"github.com/streamon/streamon/runtime/timer"
)

type captured = struct{ Port uint16 }

func newTimeouts(capacity int, full Policy) (*Timeouts[key, captured], *timer.Agenda) {
	t, a := NewTimeouts[key, captured](capacity, full), &timer.Agenda{}
	t.Bind(a)
	return t, a
}

func TestStartStopFire(t *testing.T) {
	to, _ := newTimeouts(100, Evict)
	h1, k1 := keyOf(1)
	h2, k2 := keyOf(2)
	h3, k3 := keyOf(3)
	to.Start(h1, k1, 10*second, 0, &captured{80})
	to.Start(h2, k2, 5*second, 0, &captured{81})
	to.Start(h3, k3, 6*second, 0, &captured{82})
	to.Start(h2, k2, 10*second, 0, &captured{83}) // later packet, later deadline
	if !to.Stop(h3, k3) || to.Stop(h3, k3) {
		t.Error("Stop does not report whether there was a timer")
	}
	var k key
	var c captured
	if d, ok := to.Fire(9*second, &k, &c); ok {
		t.Errorf("Fire(9s) = %d, nothing is due", d)
	}
	for _, want := range []struct {
		k    *key
		port uint16
	}{{k1, 80}, {k2, 83}} {
		if d, ok := to.Fire(10*second, &k, &c); !ok || d != 10*second || k != *want.k || c.Port != want.port {
			t.Errorf("Fire = %d, %v, key %v, port %d; want key %v, port %d", d, ok, k, c.Port, want.k, want.port)
		}
		if to.Stop(h1, k1) {
			t.Error("Stop after firing = true")
		}
	}
	if _, ok := to.Fire(timer.Never-1, &k, &c); ok || to.Len() != 0 || to.keys.Len() != 0 {
		t.Errorf("timers left: %d, keys %d", to.Len(), to.keys.Len())
	}
}

func TestRepeat(t *testing.T) {
	to, _ := newTimeouts(100, Evict)
	h, k := keyOf(1)
	to.Start(h, k, 10*second, 10*second, &captured{80})
	var got []int64
	var gk key
	var c captured
	for {
		d, ok := to.Fire(35*second, &gk, &c)
		if !ok {
			break
		}
		got = append(got, d/second)
	}
	if len(got) != 3 || got[2] != 30 || c.Port != 80 {
		t.Errorf("fired at %v with port %d, want 10 20 30", got, c.Port)
	}
	if d, ok := to.Fire(40*second, &gk, &c); !ok || d != 40*second {
		t.Errorf("Fire(40s) = %d, %v", d, ok)
	}
	if !to.Stop(h, k) { // from its handler
		t.Error("Stop of a repeating timer = false")
	}
	if _, ok := to.Fire(timer.Never-1, &gk, &c); ok {
		t.Error("a stopped timer fired")
	}
}

func TestSkip(t *testing.T) {
	tests := []struct {
		name          string
		first, period int64
		limit         int64
		fired         int
		next          int64
		skipped       uint64
	}{
		{"exactly as many as allowed", 1, 1, 1000, 1000, 1001, 0},
		{"one too many", 1, 1, 1001, 1000, 1002, 1},
		{"multiple of the start, not of zero", 7, 10, 20005, 1000, 20007, 1000},
		{"300 years", -1 << 62, 1, 1 << 62, 1000, 1<<62 + 1, 1<<63 + 1 - 1000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			to, _ := newTimeouts(10, Evict)
			ti := NewTicks(1)
			var a timer.Agenda
			ti.Bind(&a)
			h, k := keyOf(1)
			to.Start(h, k, tt.first, tt.period, &captured{})
			ti.Start(0, tt.first, tt.period)
			fired, ticked := 0, 0
			var c captured
			for {
				if _, ok := to.Fire(tt.limit, k, &c); !ok {
					break
				}
				fired++
			}
			for {
				if _, _, ok := ti.Fire(tt.limit); !ok {
					break
				}
				ticked++
			}
			next, _ := to.wheel.Deadline(0)
			to.Range(func(_ *key, d int64) bool { next = d; return true })
			tick, _ := ti.wheel.Deadline(0)
			if fired != tt.fired || next != tt.next || to.Skipped() != tt.skipped {
				t.Errorf("timeout: fired %d, next %d, skipped %d; want %d, %d, %d", fired, next, to.Skipped(), tt.fired, tt.next, tt.skipped)
			}
			if ticked != tt.fired || tick != tt.next || ti.Skipped() != tt.skipped {
				t.Errorf("tick: fired %d, next %d, skipped %d; want %d, %d, %d", ticked, tick, ti.Skipped(), tt.fired, tt.next, tt.skipped)
			}
		})
	}
}

// A handler that starts its own timer with no delay must not hang the probe.
func TestHandlerRestartsItself(t *testing.T) {
	to, _ := newTimeouts(100, Evict)
	h, k := keyOf(1)
	to.Start(h, k, 10*second, 0, &captured{})
	var gk key
	var c captured
	n := 0
	for {
		d, ok := to.Fire(20*second, &gk, &c)
		if !ok {
			break
		}
		n++
		to.Start(h, &gk, d, 0, &captured{})
	}
	if n != MaxFirings || to.Skipped() != 1 {
		t.Errorf("fired %d times, skipped %d, want %d and 1", n, to.Skipped(), MaxFirings)
	}
	if d, ok := to.Fire(21*second, &gk, &c); !ok || d != 20*second+1 {
		t.Errorf("next firing = %d, %v, want just after the advance", d, ok)
	}
}

// At the end of time nothing fires for ever.
func TestEndOfTime(t *testing.T) {
	to, _ := newTimeouts(100, Evict)
	ti := NewTicks(1)
	tab := NewTable[key](100, Evict)
	var a timer.Agenda
	ti.Bind(&a)
	tab.Bind(&a, abc)
	h, k := keyOf(1)
	to.Start(h, k, timer.Never-5, 10, &captured{})
	h2, k2 := keyOf(2)
	to.Start(h2, k2, timer.Never-5, 0, &captured{})
	ti.Start(0, timer.Never-5, 1)
	tab.Move(h, k, 1, 0, timer.Never-5)
	n := 0
	var gk key
	var c captured
	for {
		d, ok := to.Fire(timer.Never, &gk, &c)
		if !ok {
			break
		}
		n++
		if gk == *k2 {
			to.Start(h2, k2, d, 0, &c)
		}
	}
	for {
		if _, _, ok := ti.Fire(timer.Never); !ok {
			break
		}
		n++
	}
	for {
		s, d, ok := tab.Expire(timer.Never, &gk)
		if !ok {
			break
		}
		n++
		tab.Move(h, k, 3-s, d, d)
	}
	if want := 1 + MaxFirings + 5 + MaxFirings; n != want {
		t.Errorf("%d firings, want %d", n, want)
	}
}

func TestTimeoutsFull(t *testing.T) {
	to, _ := newTimeouts(100, Evict)
	for i := range 5000 {
		h, k := keyOf(i)
		if !to.Start(h, k, int64(i), 0, &captured{uint16(i)}) {
			t.Fatalf("Start(%d) = false", i)
		}
	}
	u := to.Usage()
	if u.Evicted == 0 || u.Used != to.Len() || to.wheel.Len() != to.keys.Len() || int(u.Evicted)+u.Used != 5000 {
		t.Errorf("usage %+v, %d armed, %d keys", u, to.Len(), to.keys.Len())
	}
	rej, _ := newTimeouts(100, Reject)
	refused := 0
	for i := range 5000 {
		h, k := keyOf(i)
		if !rej.Start(h, k, int64(i), 0, &captured{}) {
			refused++
		}
	}
	if u := rej.Usage(); u.Rejected != uint64(refused) || refused != 5000-u.Used {
		t.Errorf("usage %+v, refused %d", u, refused)
	}
}

func TestTimeoutsSurviveGeneration(t *testing.T) {
	to, _ := newTimeouts(100, Evict)
	h, k := keyOf(9)
	to.Start(h, k, 10*second, 0, &captured{443})
	var a timer.Agenda
	if i := to.Bind(&a); i != 0 || a.Earliest() > 10*second {
		t.Errorf("Bind = %d, Earliest %d", i, a.Earliest())
	}
	var gk key
	var c captured
	if d, ok := to.Fire(10*second, &gk, &c); !ok || d != 10*second || c.Port != 443 {
		t.Errorf("Fire = %d, %v, %v", d, ok, c)
	}
}

func TestTicks(t *testing.T) {
	ti := NewTicks(2)
	var a timer.Agenda
	ti.Bind(&a)
	ti.Start(0, 10, 10)
	ti.Start(1, 10, 5)
	ti.Start(1, 1, 1) // runs already
	ti.Start(0, 10, 0)
	var got []int64
	for {
		i, d, ok := ti.Fire(20)
		if !ok {
			break
		}
		got = append(got, d*10+int64(i))
	}
	// Tick 1 was armed for 20 at 15, tick 0 at 10: the earlier armed one comes first.
	want := []int64{100, 101, 151, 200, 201}
	if len(got) != len(want) {
		t.Fatalf("fired %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("fired %v, want %v", got, want)
			break
		}
	}
	if u := ti.Usage(); u.Used != 2 || u.Capacity != 2 {
		t.Errorf("usage %+v", u)
	}
}

func TestTimeoutsZeroAlloc(t *testing.T) {
	to, _ := newTimeouts(1000, Evict)
	i := 0
	var c captured
	k := new(key)
	got := testing.AllocsPerRun(5000, func() {
		h := putKey(k, i%3000)
		to.Start(h, k, int64(i)*second, int64(i%2)*second, &captured{1})
		to.Fire(int64(i-100)*second, k, &c)
		to.Stop(h, k)
		i++
	})
	if got != 0 {
		t.Errorf("allocations per run = %v, want 0", got)
	}
}

func BenchmarkTimeouts(b *testing.B) {
	to, _ := newTimeouts(1<<16, Evict)
	var c captured
	k := new(key)
	b.ReportAllocs()
	for i := range b.N {
		to.Start(putKey(k, i&0xffff), k, int64(i)*1000+second, 0, &c)
		to.Fire(int64(i)*1000, k, &c)
	}
}
