//go:build !linux

package capture

import (
	"errors"
	"io"
)

// Interfaces is a live source, on Linux.
type Interfaces struct{}

// OpenInterfaces opens interfaces, on Linux.
func OpenInterfaces([]string, LiveOptions) (*Interfaces, error) {
	return nil, errors.New("live capture needs Linux")
}

// SetFilter puts a filter in force.
func (*Interfaces) SetFilter(FilterFor) error { return nil }

// Stop ends the capture.
func (*Interfaces) Stop() {}

// Next implements Source.
func (*Interfaces) Next(*Frame) error { return io.EOF }

// Close implements Source.
func (*Interfaces) Close() error { return nil }

// Name implements Source.
func (*Interfaces) Name() string { return "" }
