package capture

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/streamon/streamon/runtime/packet"
)

// fakeClock moves only when somebody sleeps.
type fakeClock struct {
	now   time.Time
	slept []time.Duration
}

func (c *fakeClock) Now() time.Time { return c.now }

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.slept = append(c.slept, d)
	c.now = c.now.Add(d)
	return nil
}

const second = packet.Time(1e9)

func TestPacedKeepsTime(t *testing.T) {
	for _, c := range []struct {
		speed float64
		want  []time.Duration
	}{
		{1, []time.Duration{time.Second, 2 * time.Second}},
		{10, []time.Duration{time.Second / 10, time.Second / 5}},
		{0.5, []time.Duration{2 * time.Second, 4 * time.Second}},
		{0, nil},
		{math.Inf(1), nil},
	} {
		clock := &fakeClock{now: time.Unix(1e9, 0)}
		// The packet out of order comes at once.
		src := Paced(context.Background(), &memSource{frames: framesAt(5*second, 6*second, 5*second, 8*second)}, c.speed, clock)
		got, err := read(src)
		if err != io.EOF || len(got) != 4 || !slices.Equal(clock.slept, c.want) {
			t.Errorf("speed %v: %d packets, %v, slept %v, want %v", c.speed, len(got), err, clock.slept, c.want)
		}
	}
}

func TestPacedCatchesUp(t *testing.T) {
	clock := &fakeClock{now: time.Unix(0, 0)}
	src := Paced(context.Background(), &memSource{frames: framesAt(0, 1*second, 2*second)}, 1, clock)
	var f Frame
	src.Next(&f)
	clock.now = clock.now.Add(1500 * time.Millisecond) // a slow reader
	src.Next(&f)
	src.Next(&f)
	if want := []time.Duration{500 * time.Millisecond}; !slices.Equal(clock.slept, want) {
		t.Errorf("slept %v, want %v", clock.slept, want)
	}
}

func TestPacedSkipsSeams(t *testing.T) {
	clock := &fakeClock{now: time.Unix(0, 0)}
	year := 365 * 24 * 3600 * second
	src := Paced(context.Background(), &memSource{frames: framesAt(0, second, year, year+second, math.MaxInt64)}, 1, clock)
	if got, err := read(src); len(got) != 5 || err != io.EOF {
		t.Fatalf("%d packets, %v, want 5, EOF", len(got), err)
	}
	if want := []time.Duration{time.Second, time.Second}; !slices.Equal(clock.slept, want) {
		t.Errorf("slept %v, want %v", clock.slept, want)
	}
}

func TestPacedIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	src := Paced(ctx, &memSource{frames: framesAt(0, 3600*second)}, 1, WallClock)
	var f Frame
	if err := src.Next(&f); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(time.Millisecond, cancel)
	if err := src.Next(&f); !errors.Is(err, context.Canceled) {
		t.Errorf("Next = %v, want context.Canceled", err)
	}
}

// TestPacedBatches checks that a batch holds what is due and no more, and that
// waiting for the next one does not last.
func TestPacedBatches(t *testing.T) {
	var dec packet.Decoder
	clock := &fakeClock{now: time.Unix(0, 0)}
	b := NewBatcher(Paced(context.Background(), &memSource{frames: framesAt(0, 0, 0, second/4, second/4)}, 1, clock), &dec)
	var sizes []int
	var batch packet.Batch
	for {
		err := b.Next(&batch)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, batch.N)
	}
	if want := []int{3, 0, 0, 2}; !slices.Equal(sizes, want) {
		t.Errorf("batches of %v packets, want %v", sizes, want)
	}
}

func TestLoopShiftsTime(t *testing.T) {
	open := func() (Source, error) { return &memSource{frames: framesAt(10, 20, 14)}, nil }
	src, err := Loop(open, 3)
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(src)
	var times []packet.Time
	for _, f := range got {
		times = append(times, f.Time)
	}
	// A pass lasts 10 and has three packets, so the gap is 5.
	want := []packet.Time{10, 20, 14, 25, 35, 29, 40, 50, 44}
	if err != io.EOF || !slices.Equal(times, want) {
		t.Errorf("times %v, %v, want %v, EOF", times, err, want)
	}
}

func TestLoopEnds(t *testing.T) {
	damage := &DamagedError{Path: "mem", Reason: "x"}
	opened := 0
	open := func(times ...packet.Time) func() (Source, error) {
		return func() (Source, error) {
			if opened++; opened > 5 {
				return nil, errors.New("gone")
			}
			return &memSource{frames: framesAt(times...), end: damage}, nil
		}
	}
	for _, c := range []struct {
		name    string
		n       int
		open    func() (Source, error)
		packets int
		end     string
	}{
		{"one packet, 1 ms apart", 2, open(7), 2, damage.Error()},
		{"no packet", 0, open(), 0, damage.Error()},
		{"for ever, until it cannot be opened", 0, open(7), 5, "gone"},
	} {
		opened = 0
		src, err := Loop(c.open, c.n)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(src)
		if len(got) != c.packets || err.Error() != c.end {
			t.Errorf("%s: %d packets, %v, want %d, %s", c.name, len(got), err, c.packets, c.end)
		}
		if len(got) > 1 && got[1].Time != 7+1e6 {
			t.Errorf("%s: second packet at %d, want %d", c.name, got[1].Time, packet.Time(7+1e6))
		}
	}
}

// TestLoopOfAFile runs the kept path: batches that span passes.
func TestLoopOfAFile(t *testing.T) {
	file := ngFile(ngIDB(1, 0), ngEPB(0, 1, 4, 4, "abcd"), ngEPB(0, 2, 4, 4, "efgh"))
	src, err := Loop(func() (Source, error) { return NewSource("f", bytes.NewReader(file)) }, 300)
	if err != nil {
		t.Fatal(err)
	}
	var dec packet.Decoder
	b := NewBatcher(src, &dec)
	if b.keep == nil {
		t.Error("a loop over files copies its packets")
	}
	batch := new(packet.Batch)
	n := 0
	for ; b.Next(batch) == nil; n += batch.N {
		for i, p := range batch.Packets[:batch.N] {
			if want := []string{"abcd", "efgh"}[(n+i)%2]; string(p.Data) != want {
				t.Fatalf("packet %d = %q, want %q", n+i, p.Data, want)
			}
		}
	}
	if n != 600 || b.Late() != 0 {
		t.Errorf("%d packets, %d late, want 600, 0", n, b.Late())
	}
}

func TestConcat(t *testing.T) {
	damage := &DamagedError{Path: "b", Reason: "x"}
	a, b, c := &memSource{frames: framesAt(1, 2)}, &memSource{frames: framesAt(3), end: damage}, &memSource{frames: framesAt(4)}
	src := Concat(a, b, c)
	got, err := read(src)
	if d := Damages(err); len(got) != 4 || len(d) != 1 || d[0] != damage {
		t.Errorf("%d packets, %v, want 4 and the damage of the second file", len(got), err)
	}
	if err := src.Close(); err != nil || !a.closed || !b.closed || !c.closed {
		t.Errorf("Close = %v, closed %v %v %v, want all", err, a.closed, b.closed, c.closed)
	}
	if _, err := read(Concat()); err != io.EOF {
		t.Errorf("nothing joined ends with %v, want EOF", err)
	}
}
