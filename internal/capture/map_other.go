//go:build !linux

package capture

import (
	"errors"
	"os"
)

// Files are read, not mapped.
func mapBytes(*os.File, int) ([]byte, error) { return nil, errors.ErrUnsupported }
func unmapBytes([]byte)                      {}
func forget([]byte)                          {}
func fileSize(*os.File) (int64, error)       { return 0, errors.ErrUnsupported }
