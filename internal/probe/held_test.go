package probe

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A request that a held output keeps waiting is refused long before its deadline, and is not
// done afterwards; one without a deadline waits.
func TestRequestWhileHeld(t *testing.T) {
	p := New(Options{})
	p.running, p.ended = true, make(chan struct{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p.writes.turn()
	for _, accepts := range []bool{false, true} { // whether somebody takes it and does not come to it
		taken := make(chan *request, 1)
		if accepts {
			go func() { taken <- <-p.requests }()
		}
		begun := time.Now()
		if err := p.between(ctx, func() { t.Error("it was done") }); !errors.Is(err, ErrHeld) {
			t.Errorf("accepted %t: %v", accepts, err)
		}
		if d := time.Since(begun); d < heldAfter/2 || d > 10*heldAfter {
			t.Errorf("accepted %t: refused after %s", accepts, d)
		}
		if accepts {
			(<-taken).do()
		}
	}
	waited := make(chan bool, 1)
	go func() {
		waited <- false
		p.between(context.Background(), func() {})
		waited <- true
	}()
	<-waited
	select {
	case <-waited:
		t.Error("a request without a deadline was not kept")
	case r := <-p.requests:
		p.writes.turn()
		r.do()
	}
	if !<-waited {
		t.Error("it was not done")
	}
}
