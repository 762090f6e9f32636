package capture

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/streamon/streamon/runtime/packet"
)

// loopSource reads one file again and again.
type loopSource struct {
	open func() (Source, error)
	left int // passes still to begin; negative = for ever
	src  Source
	on   *shelf   // whose blocks frames are kept in; nil = they are not
	done []Source // earlier passes whose frames may still be in use

	shift    packet.Time // added to recorded times in this pass
	min, max packet.Time // recorded times of this pass
	packets  int64       // of this pass
	damages  []error     // of the first pass; the others repeat them
	passes   int
	err      error
}

// Loop returns a source that yields what open opens n times in a row, or for ever
// if n ≤ 0. From the second pass on, times are shifted so that packet time goes
// on: the oldest packet of a pass comes one mean inter-packet time (1 ms if there
// is none) after the newest of the pass before. The first file is opened at once.
// Damage does not end the loop; it is reported at the end. A file without packets
// does end it.
func Loop(open func() (Source, error), n int) (Source, error) {
	src, err := open()
	if err != nil {
		return nil, err
	}
	if n <= 0 {
		n = -1
	}
	l := &loopSource{open: open, left: n, src: src}
	l.begin(0)
	if _, ok := src.(keeper); ok {
		return keptLoop{l}, nil
	}
	return l, nil
}

// keptLoop is a loop over sources whose frames can be kept.
type keptLoop struct{ *loopSource }

func (l keptLoop) hold(on *shelf) {
	l.on = on
	l.src.(keeper).hold(on)
}

// release closes earlier passes.
func (l keptLoop) release() {
	if len(l.done) > 0 {
		closeAll(l.done)
		l.done = l.done[:0]
	}
	l.src.(keeper).release()
}

func (l *loopSource) Name() string { return l.src.Name() }

// Close closes all passes.
func (l *loopSource) Close() error {
	err := errors.Join(closeAll(l.done), l.src.Close())
	l.done = nil
	return err
}

// begin starts a pass over l.src.
func (l *loopSource) begin(shift packet.Time) {
	l.shift, l.min, l.max, l.packets = shift, math.MaxInt64, math.MinInt64, 0
	l.passes++
	if l.left > 0 {
		l.left--
	}
}

// Next implements Source.
func (l *loopSource) Next(f *Frame) error {
	for l.err == nil {
		err := l.src.Next(f)
		if err == nil {
			l.packets++
			l.min, l.max = min(l.min, f.Time), max(l.max, f.Time)
			f.Time = addTime(f.Time, l.shift)
			return nil
		}
		l.err = l.again(err)
	}
	return l.err
}

// again begins the next pass, or returns what ends the source; end is how the
// pass ended.
func (l *loopSource) again(end error) error {
	if found := Damages(end); len(found) > 0 {
		if l.passes == 1 {
			l.damages = append(l.damages, end)
		}
	} else if end != io.EOF {
		return end
	}
	if l.left == 0 || l.packets == 0 {
		if l.damages != nil {
			return errors.Join(l.damages...)
		}
		return io.EOF
	}
	src, err := l.open()
	if err != nil {
		return err
	}
	if l.on != nil {
		k, ok := src.(keeper)
		if !ok {
			src.Close()
			return fmt.Errorf("repeating %q: the file changed its format", l.Name())
		}
		k.hold(l.on)
	}
	if l.on != nil {
		l.done = append(l.done, l.src)
	} else {
		l.src.Close()
	}
	l.src = src
	gap := packet.Time(1e6)
	if l.packets > 1 && l.max > l.min {
		gap = max(1, (l.max-l.min)/packet.Time(l.packets-1))
	}
	l.begin(addTime(l.shift, l.max-l.min+gap))
	return nil
}

// addTime adds and stays inside packet time.
func addTime(a, b packet.Time) packet.Time {
	switch s := a + b; {
	case a > 0 && b > 0 && s < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && s >= 0:
		return math.MinInt64
	default:
		return s
	}
}
