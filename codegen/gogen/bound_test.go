package gogen_test

import (
	"testing"

	"github.com/streamon/streamon/codegen/partition"
	"github.com/streamon/streamon/runtime/program"
)

// The compiler plans for as many events and writes as the contract has bits for.
func TestPartitionBound(t *testing.T) {
	if partition.Max != program.MaxEvents {
		t.Errorf("partition.Max = %d, program.MaxEvents = %d", partition.Max, program.MaxEvents)
	}
}
