//go:build !linux

package smprobe

// availableMemory is not known.
func availableMemory() int64 { return 0 }
