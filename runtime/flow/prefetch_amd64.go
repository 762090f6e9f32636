package flow

import "unsafe"

//go:noescape
func prefetch(base unsafe.Pointer, lines uint64, column *uint64, add uint64, rows int)

//go:noescape
func prefetchSecond(base unsafe.Pointer, lines uint64, column *uint64, add uint64, rows int)
