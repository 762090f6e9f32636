//go:build !amd64

package sketch

// useKernel is for tests that compare: there is no kernel here.
var useKernel = false
