package probe

import (
	"testing"
	"time"
)

// TestBellPatience: who was woken soon looks longer before it parks again, within
// bounds; who was parked for long does not.
func TestBellPatience(t *testing.T) {
	b := newBell()
	for range 20 {
		b.waited(shortWait / 2)
	}
	if b.patience != maxLooks {
		t.Errorf("after short waits it looks %d times, want %d", b.patience, maxLooks)
	}
	b.waited(time.Second)
	if b.patience != minLooks {
		t.Errorf("after a long wait it looks %d times, want %d", b.patience, minLooks)
	}
}

// TestBellRings: until returns once the other side has written and rung, whether the
// owner looks at that time or is parked, and no token is left that would wake it for nothing.
func TestBellRings(t *testing.T) {
	b := newBell()
	var to, from position
	go func() {
		for n := range uint64(2000) {
			for to.n.Load() <= n {
				time.Sleep(time.Microsecond)
			}
			from.n.Store(n + 1)
			b.ring()
		}
	}()
	for n := range uint64(2000) {
		to.n.Store(n + 1)
		b.until(func() bool { return from.n.Load() > n })
	}
	if len(b.token) != 0 || b.parked.Load() {
		t.Errorf("at the end %d tokens are left, parked = %v", len(b.token), b.parked.Load())
	}
}
