package bench

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// ownThread keeps the caller on one thread until what it returns is called: cpuTime
// is a clock of the thread.
func ownThread() (done func()) {
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}

// cpuTime is the processor time that the calling thread has had.
func cpuTime() time.Duration { return clock(unix.CLOCK_THREAD_CPUTIME_ID) }

// processTime is the processor time that all threads of the process have had.
func processTime() time.Duration { return clock(unix.CLOCK_PROCESS_CPUTIME_ID) }

func clock(id int32) time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(id, &t) != nil {
		return 0 // every Linux has these clocks
	}
	return time.Duration(t.Nano())
}

// clockCost is what cpuTime costs, in ns: the time between two readings with nothing
// between them. It is a system call, so it is not small beside a batch of a fast
// program, and is taken off what was measured.
func clockCost() float64 {
	const calls = 20_000
	from := cpuTime()
	for range calls {
		cpuTime()
	}
	return float64(cpuTime()-from) / calls
}
