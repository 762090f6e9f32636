package sketch

import (
	"syscall"
	"testing"
	"unsafe"

	"github.com/streamon/streamon/runtime/flow"
)

// BenchmarkLargePages shows what flow.Advise is for: the same filters in 4 KiB
// pages and in large ones. It needs transparent_hugepage/enabled = madvise.
func BenchmarkLargePages(b *testing.B) {
	const madvHugePage = 14 // madvise(2), MADV_HUGEPAGE
	advise := func(p unsafe.Pointer, n uintptr) {
		const page = 4096
		skip := -uintptr(p) & (page - 1)
		_ = syscall.Madvise(unsafe.Slice((*byte)(unsafe.Add(p, skip)), (n-skip)&^(page-1)), madvHugePage)
	}
	for _, c := range []struct {
		name string
		f    func(unsafe.Pointer, uintptr)
	}{{"small", nil}, {"large", advise}} {
		b.Run(c.name, func(b *testing.B) {
			flow.Advise = c.f
			defer func() { flow.Advise = nil }()
			for _, n := range []int{65536, 4 << 20} {
				p, f, d := NewPair(60*sec, n, 0.01), NewCBF(60*sec, n, 0.01), NewTBF(60*sec, 0, n, 0.01)
				// The first touch of a page is not what is measured.
				for i := range p.blocks {
					p.blocks[i][0] = 0
				}
				for i := range f.lines {
					f.lines[i].turn = 0
				}
				d.Clear()
				bench(b, "Pair.Set", n, func(h uint64, now int64) { p.Set(h, now) })
				bench(b, "CBF.Add", n, func(h uint64, now int64) { f.Add(h, 60, now) })
				bench(b, "TBF.Add", n, func(h uint64, now int64) { d.Add(h, 60, now) })
			}
		})
	}
}
