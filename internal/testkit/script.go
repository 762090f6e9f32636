// Package testkit holds what several packages' tests need: a txtar harness,
// packets in a short notation, behaviour scripts that run on any
// program.Instance, and random programs and packets for comparing two engines.
//
// Only tests import it.
package testkit

import (
	"testing"

	"github.com/streamon/streamon/internal/script"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Sink remembers every record.
type Sink = script.Sink

// RecordText prints everything in a record on one line.
func RecordText(r *program.Record) string { return script.RecordText(r) }

// FieldsText prints fields as name=value.
func FieldsText(fields []program.Field) string { return script.FieldsText(fields) }

// States lists the entities that are not in the default state.
func States(inst program.Instance) []string { return script.States(inst) }

// Tables lists the table entries.
func Tables(inst program.Instance) []string { return script.Tables(inst) }

// Batches cuts packets into batches, as a source would.
func Batches(packets []packet.Packet, size int, f func(*packet.Batch)) {
	script.Batches(packets, size, f)
}

// RunScript runs a behaviour script on a program: see package script. size is the
// largest batch.
func RunScript(t testing.TB, info *program.Info, text string, size int) {
	t.Helper()
	for _, f := range script.Run(text, script.Options{Info: info, Size: size}).Failures {
		t.Errorf("script line %d: %v", f.Line, f)
	}
}
