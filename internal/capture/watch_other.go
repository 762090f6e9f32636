//go:build !linux

package capture

import (
	"context"
	"errors"
)

// Watch reads the captures that are put into a directory, on Linux.
func Watch(context.Context, string, func(path string) (Source, error), func(format string, args ...any)) (Source, error) {
	return nil, errors.New("watching a directory needs Linux")
}
