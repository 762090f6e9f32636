package image

import "unsafe"

// bytesOf is the memory of cells.
func bytesOf[T any](cells []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(cells))), uintptr(len(cells))*unsafe.Sizeof(*new(T)))
}

// SizeOf is the size of a T in bytes, for forms.
func SizeOf[T any]() int { return int(unsafe.Sizeof(*new(T))) }
