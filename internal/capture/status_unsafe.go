package capture

import "unsafe"

// word32 returns the aligned 32 bits at b[at:] for atomic access: the kernel writes them
// too.
func word32(b []byte, at int) *uint32 {
	_ = b[at+3]
	return (*uint32)(unsafe.Pointer(&b[at]))
}
