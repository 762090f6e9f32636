package flow

import "unsafe"

// LargeBlock is the size, in bytes, from which Advise is called. A large page of
// amd64 and arm64 has 2 MiB, but the blocks of a program lie side by side, and
// neighbours that were all advised about share one.
const LargeBlock = 256 << 10

// Advise, if not nil, is told the address and size of every block of LargeBlock
// bytes or more that a structure allocates, before its first use. The host sets
// it before it makes its first program, to ask the system for large pages: with
// 4 KiB pages a structure beyond a few MB pays for an address translation on
// most operations; BenchmarkLargePages in package sketch shows how much. The block
// stays under the garbage collector's control; Advise must not keep it.
var Advise func(block unsafe.Pointer, bytes uintptr)

// Cells returns n zero values in one block, which starts on a cache line if a T
// fills whole lines. Structures allocate their large arrays through it.
func Cells[T any](n int) []T {
	s := make([]T, n)
	if bytes := uintptr(n) * unsafe.Sizeof(*new(T)); bytes >= LargeBlock && Advise != nil {
		Advise(unsafe.Pointer(unsafe.SliceData(s)), bytes)
	}
	return s
}
