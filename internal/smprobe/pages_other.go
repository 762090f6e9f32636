//go:build !linux

package smprobe

// useLargePages does nothing: there is no such advice here.
func useLargePages() {}

// touchPages does nothing: pages are taken when a packet first gets there.
func touchPages() {}
