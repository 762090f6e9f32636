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
func cpuTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0 // every Linux has this clock
	}
	return time.Duration(t.Nano())
}
