package sink

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"
)

func items(q *queue) (got string) {
	never := make(chan struct{})
	q.close()
	for {
		batch := q.take(nil, 3, 1<<20, 0, never)
		if len(batch) == 0 {
			return got
		}
		for _, it := range batch {
			got += string(it.body)
		}
		q.done(batch)
	}
}

// TestQueueFull: what stays of a to f in a queue of four, with one on its way.
func TestQueueFull(t *testing.T) {
	tests := []struct {
		full    policy
		bytes   int64
		want    string
		dropped uint64
	}{
		{dropNewest, 100, "bcd", 2}, {dropOldest, 100, "def", 2}, {dropNewest, 2, "b", 4}, {dropOldest, 2, "f", 4},
	}
	for _, tt := range tests {
		q := newQueue(4, tt.bytes, tt.full)
		q.offer(&item{body: []byte("a")})
		flying := q.take(nil, 1, 100, 0, nil)
		for _, s := range []string{"b", "c", "d", "e", "f"} {
			q.offer(&item{body: []byte(s)})
		}
		if offered, dropped, waiting := q.counts(); offered != 6 || dropped != tt.dropped || waiting != len(tt.want)+1 {
			t.Errorf("%s: offered %d, dropped %d, waiting %d", policies[tt.full], offered, dropped, waiting)
		}
		q.done(flying)
		if got := items(q); got != tt.want {
			t.Errorf("%s, %d bytes: %q is left, want %q", policies[tt.full], tt.bytes, got, tt.want)
		}
		if q.held != 0 || q.flying != 0 {
			t.Errorf("%s: %d bytes, %d on their way in an empty queue", policies[tt.full], q.held, q.flying)
		}
	}
	q := newQueue(4, 10, wait)
	q.offer(&item{body: make([]byte, 11)}) // never has room: does not wait
	if _, dropped, _ := q.counts(); dropped != 1 {
		t.Error("a record larger than the queue was not dropped")
	}
}

// A writer that is to wait goes on when there is room, when the sink fails, and when the
// queue is closed.
func TestQueueWait(t *testing.T) {
	for name, release := range map[string]func(*queue, []*item){
		"room":   func(q *queue, b []*item) { q.done(b) },
		"failed": func(q *queue, b []*item) { q.fail(true) },
		"closed": func(q *queue, b []*item) { q.close() },
	} {
		q := newQueue(1, 100, wait)
		q.offer(&item{body: []byte("a")})
		batch := q.take(nil, 1, 100, 0, nil)
		done := make(chan struct{})
		go func() { q.offer(&item{body: []byte("b")}); close(done) }()
		select {
		case <-done:
			t.Fatalf("%s: the writer did not wait", name)
		case <-time.After(20 * time.Millisecond):
		}
		release(q, batch)
		<-done
		_, dropped, _ := q.counts()
		if (dropped == 0) != (name == "room") {
			t.Errorf("%s: %d dropped", name, dropped)
		}
	}
}

// Everything that is offered is taken or dropped, in order, whatever happens at once.
func TestQueueConcurrent(t *testing.T) {
	for _, full := range []policy{dropNewest, dropOldest, wait} {
		q := newQueue(50, 1000, full)
		var writers sync.WaitGroup
		for range 4 {
			writers.Go(func() {
				for i := range 5000 {
					q.offer(&item{body: fmt.Appendf(nil, "%d", i)})
				}
			})
		}
		go func() { writers.Wait(); q.close() }()
		never, taken := make(chan struct{}), 0
		for {
			batch := q.take(nil, 7, 20, 0, never)
			if len(batch) == 0 {
				break
			}
			taken += len(batch)
			q.done(batch)
		}
		offered, dropped, waiting := q.counts()
		if offered != 20000 || int(dropped)+taken != 20000 || waiting != 0 || full == wait && dropped > 0 || q.held != 0 {
			t.Errorf("%s: offered %d, taken %d, dropped %d, waiting %d, %d bytes", policies[full], offered, taken, dropped, waiting, q.held)
		}
	}
}

// take gathers for a while, but a full batch goes at once.
func TestQueueLinger(t *testing.T) {
	q := newQueue(100, 1000, dropNewest)
	begun := time.Now()
	q.offer(&item{body: []byte("a")})
	go func() {
		time.Sleep(10 * time.Millisecond)
		q.offer(&item{body: []byte("b")})
	}()
	if got := q.take(nil, 10, 100, 300*time.Millisecond, nil); len(got) != 2 || time.Since(begun) < 300*time.Millisecond {
		t.Errorf("%d items after %s, want 2 after 300ms", len(got), time.Since(begun))
	}
	q.done(make([]*item, 0))
	q.flying, q.held = 0, 0
	for range 3 {
		q.offer(&item{body: []byte("c")})
	}
	if got := q.take(nil, 3, 100, time.Hour, nil); len(got) != 3 {
		t.Errorf("%d items, want 3 at once", len(got))
	}
}

// A writer that waits does not wait for linger as well: nothing more can come.
func TestQueueFullGoes(t *testing.T) {
	for _, options := range []string{"queue=5", "memory=2kB"} {
		var out bytes.Buffer
		set := NewSet(open(t, "stdout:?full=wait&linger=1h&"+options, Options{Stdout: &out}))
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := range 50 {
				set.Write(origin, alert(i))
			}
		}()
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatalf("%s: the writer still waits", options)
		}
		set.Close()
		if c := set.Counts()[0]; c.Sent != 50 || c.Dropped != 0 {
			t.Errorf("%s: %+v", options, c)
		}
	}
}
