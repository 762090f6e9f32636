//go:build !amd64

package flow

import "unsafe"

const far = false

// Elsewhere nothing is asked for: the operations wait for memory themselves.

func prefetch(unsafe.Pointer, uint64, *uint64, uint64, int, bool)       {}
func prefetchSecond(unsafe.Pointer, uint64, *uint64, uint64, int, bool) {}
