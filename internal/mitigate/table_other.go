//go:build !linux

package mitigate

import (
	"errors"
	"io"
	"time"
)

// ErrNoTable is returned always.
var ErrNoTable = errors.New("blocking by nftables needs Linux")

type table struct {
	name string
	size int
}

func (*table) make() error          { return ErrNoTable }
func (*table) add([]block) error    { return ErrNoTable }
func (*table) remove([]block) error { return ErrNoTable }
func (*table) isThere() bool        { return false }

func leftovers(string) ([]block, error)      { return nil, ErrNoTable }
func droppedBy(string) (uint64, error)       { return 0, ErrNoTable }
func liftedFor(string) (time.Duration, bool) { return 0, false }
func lockTable(string) (io.Closer, error)    { return nil, ErrNoTable }

// Lift returns an error.
func Lift(string, time.Duration) error { return ErrNoTable }
