package program

import "unsafe"

// Entries builds the value of a top-k list in memory that it keeps, so that a
// list allocates only while it grows. One writer. The zero Entries is empty.
type Entries struct {
	Text   []byte // printed keys, one after the other; append the next one to it
	begin  int    // of the key that is being appended
	fields []Field
}

// Reset empties the list. Values that were made of it hold until then.
func (e *Entries) Reset() { e.Text, e.begin, e.fields = e.Text[:0], 0, e.fields[:0] }

// End ends the key that was appended to Text, whose count is given.
func (e *Entries) End(count int64) {
	name := e.Text[e.begin:]
	e.begin = len(e.Text)
	e.fields = append(e.fields, Field{Name: unsafe.String(unsafe.SliceData(name), len(name)), Value: IntValue(count)})
}

// Value returns the list. It aliases e until Reset, the names of its fields
// included: who keeps them clones them.
func (e *Entries) Value() Value { return Value{Kind: KindEntries, L: e.fields} }
