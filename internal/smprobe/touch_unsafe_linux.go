package smprobe

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/runtime/flow"
)

// touchPages makes the structures of programs take their pages when they are made, and
// not when a packet first gets there: what is measured is then not the system's clearing
// of pages. Where the system does not know this advice (Linux before 5.14) it is without
// effect.
func touchPages() {
	flow.Advise = func(block unsafe.Pointer, bytes uintptr) {
		adviseLargePages(block, bytes)
		advise(block, bytes, unix.MADV_POPULATE_WRITE)
	}
}
