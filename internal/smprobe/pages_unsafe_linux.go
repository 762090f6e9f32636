package smprobe

import (
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/runtime/flow"
)

// useLargePages asks the system to back the structures of programs with large
// pages, where /sys/kernel/mm/transparent_hugepage/enabled is madvise.
var useLargePages = sync.OnceFunc(func() { flow.Advise = adviseLargePages })

// adviseLargePages asks for large pages for a block.
func adviseLargePages(block unsafe.Pointer, bytes uintptr) {
	advise(block, bytes, unix.MADV_HUGEPAGE)
}

// advise advises about the whole pages of a block. That the system does not know the
// advice is no error.
func advise(block unsafe.Pointer, bytes uintptr, advice int) {
	page := uintptr(os.Getpagesize())
	skip := -uintptr(block) & (page - 1)
	if bytes < skip+page {
		return
	}
	_ = unix.Madvise(unsafe.Slice((*byte)(unsafe.Add(block, skip)), (bytes-skip)&^(page-1)), advice)
}
