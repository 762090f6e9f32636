package flow

import (
	"unsafe"

	"github.com/streamon/streamon/runtime/cpu"
)

// far is whether lines are asked for to the second-level cache. AMD's processors drop what
// is asked for to the first when some tens of requests are under way, and a chunk asks for
// some hundreds of lines: see doc/note/performance.md.
var far = cpu.IsAMD

//go:noescape
func prefetch(base unsafe.Pointer, lines uint64, column *uint64, add uint64, rows int, far bool)

//go:noescape
func prefetchSecond(base unsafe.Pointer, lines uint64, column *uint64, add uint64, rows int, far bool)
