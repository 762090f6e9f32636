package sketch

import (
	"bytes"
	"unsafe"
)

// compareKeys orders two keys by their bytes. It is right iff K has neither
// pointers nor gaps, as keys of package flow have.
func compareKeys[K comparable](a, b *K) int {
	return bytes.Compare(
		unsafe.Slice((*byte)(unsafe.Pointer(a)), unsafe.Sizeof(*a)),
		unsafe.Slice((*byte)(unsafe.Pointer(b)), unsafe.Sizeof(*b)))
}

// sizeOf is the size of a K, in bytes.
func sizeOf[K comparable]() uintptr {
	var k K
	return unsafe.Sizeof(k)
}
