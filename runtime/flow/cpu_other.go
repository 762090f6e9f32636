//go:build !amd64

package flow

// HasAVX2 is false: the column kernels of packages sketch and dleft are for amd64.
const HasAVX2 = false
