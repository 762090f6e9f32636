package bench

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

// Several workers are as fast as lines of the cache get from one processor to another. A host
// that moves the processors of a virtual machine to where they share no cache makes that
// several times slower, for seconds; the machine itself cannot see it, but for this.

const (
	lineTurns   = 300 // in a sample
	lineSamples = 5
)

// lineTime is how long a line takes that two goroutines write in turns to go to the other
// one's processor and back: the least of some samples, in ns; 0 if there is one processor.
// Which two of more they run on is the system's choice.
func lineTime() float64 {
	if runtime.GOMAXPROCS(0) < 2 {
		return 0
	}
	var line struct {
		_    [128]byte
		turn atomic.Int64
		_    [128]byte
	}
	const turns = lineSamples * lineTurns
	go func() {
		defer ownThread()()
		for i := range int64(turns) {
			for line.turn.Load() != 2*i+1 {
			}
			line.turn.Store(2*i + 2)
		}
	}()
	defer ownThread()()
	least, next := 0.0, int64(0)
	for sample := range lineSamples {
		begun := time.Now()
		for range lineTurns {
			line.turn.Store(2*next + 1)
			next++
			for line.turn.Load() != 2*next {
			}
		}
		if ns := float64(time.Since(begun)) / lineTurns; sample == 0 || ns < least {
			least = ns
		}
	}
	return least
}

// far is how many times as long as at best a line must take for some runs to say that the processors
// were moved.
const far = 2

// movedText says that lines took longer in some runs than in others; "" = they did not, or nobody knows.
func movedText(line Timing) string {
	if !line.taken() || line.Max < far*line.Min {
		return ""
	}
	return fmt.Sprintf("processors were moved: lines between them took %.0f to %.0f ns", line.Min, line.Max)
}

// around is the range of a figure, without decimals: "85…490".
func (t Timing) around() string {
	if !t.taken() {
		return absent
	}
	return fmt.Sprintf("%.0f…%.0f", t.Min, t.Max)
}
