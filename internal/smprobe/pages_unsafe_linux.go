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

// largePage is the size of one, on amd64 and, with pages of 4 KiB, on arm64.
const largePage = 2 << 20

// adviseLargePages asks for large pages for a block, and for what shares its first and its last
// one: the system backs none in part.
func adviseLargePages(block unsafe.Pointer, bytes uintptr) {
	first := uintptr(block) &^ (largePage - 1)
	end := (uintptr(block) + bytes + largePage - 1) &^ (largePage - 1)
	// Not unix.Madvise, whose slice would reach beyond the block. That the system does not know
	// the advice is no error, nor is memory of nobody nearby.
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, first, end-first, unix.MADV_HUGEPAGE)
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
