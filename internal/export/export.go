// Package export writes what programs report: alerts, published messages and log
// entries.
//
// It owns the output formats: JSON lines, described in doc/output.md, and text for
// people. Where a record comes from and which file it goes to is the probe's
// business. The main type is [Writer]; [JSON] and [Text] are the two there are.
//
// Text in records comes from packets. JSON holds it as valid UTF-8; text for
// terminals shows control characters escaped, so that a packet cannot steer the
// terminal that shows it.
package export

import (
	"errors"
	"net/netip"

	"github.com/streamon/streamon/runtime/program"
)

// schemaVersion numbers the schema of JSON records. It changes when a field is
// removed or changes its meaning, not when one is added.
const schemaVersion = 1

// Origin says which program a record comes from.
type Origin struct {
	Program  string
	Version  string // hash of its source
	Instance string // name in the probe; "" = the program's
	Tenant   string // whom the instance belongs to; "" = the operator

	// What its tenant is held to, whatever it asks for.
	IsHeld bool           // to a part of the traffic
	Nets   []netip.Prefix // networks whose traffic that is; none if it is something else
}

// Name is the name in the probe: who has what a record leaves behind.
func (o *Origin) Name() string {
	if o.Instance != "" {
		return o.Instance
	}
	return o.Program
}

// Writer takes records in the order of packet time. One goroutine uses it.
type Writer interface {
	// Write appends one record. Neither argument is kept.
	Write(o *Origin, r *program.Record) error
	// Flush hands everything written so far to the file.
	Flush() error
}

// Discard is a Writer that keeps nothing.
var Discard Writer = Tee{}

// Tee writes every record to each of its writers, whatever the others return.
type Tee []Writer

// Write implements Writer; it joins the errors.
func (t Tee) Write(o *Origin, r *program.Record) error {
	var errs []error
	for _, w := range t {
		if err := w.Write(o, r); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Flush implements Writer; it joins the errors.
func (t Tee) Flush() error {
	var errs []error
	for _, w := range t {
		if err := w.Flush(); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// flushSize is how much output is gathered before it is written.
const flushSize = 64 << 10

// isControl reports whether a terminal might act on r instead of showing it: C0
// and C1 controls, DEL, line separators, and the marks that turn writing direction.
func isControl(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return true
	case r == 0x061c, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff:
		return true
	}
	return false
}
