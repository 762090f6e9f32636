package probe

import (
	"sort"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// tape keeps the records of one shard about one batch until they can be written. A
// record is valid only while it is emitted, so all it points to is copied, except the
// strings that are constants of the program. Nothing is allocated once the tape has
// grown to what a batch needs. One writer.
type tape struct {
	records []program.Record
	fields  []program.Field
	steps   []program.Step
	args    []program.Arg
	text    []byte
}

// reset forgets all records; nobody may hold one.
func (t *tape) reset() {
	t.records, t.fields, t.steps, t.args, t.text = t.records[:0], t.fields[:0], t.steps[:0], t.args[:0], t.text[:0]
}

// add copies r. What earlier records point to stays where it is if the tape grows.
func (t *tape) add(r *program.Record) {
	c := *r
	c.Message = t.bytes(r.Message)
	c.Entity = t.list(r.Entity, false)
	c.Features = t.list(r.Features, false)
	c.Fields = t.list(r.Fields, false)
	if n := len(t.steps); len(r.Path) > 0 {
		t.steps = append(t.steps, r.Path...)
		c.Path = t.steps[n:len(t.steps):len(t.steps)]
	}
	if n := len(t.args); len(r.Args) > 0 {
		t.args = append(t.args, r.Args...)
		c.Args = t.args[n:len(t.args):len(t.args)]
	}
	t.records = append(t.records, c)
}

// bytes copies b.
func (t *tape) bytes(b []byte) []byte {
	if b == nil {
		return nil
	}
	n := len(t.text)
	t.text = append(t.text, b...)
	return t.text[n:len(t.text):len(t.text)]
}

// list copies fields; names only if they are not the program's.
func (t *tape) list(fields []program.Field, names bool) []program.Field {
	if fields == nil {
		return nil
	}
	n := len(t.fields)
	t.fields = append(t.fields, fields...)
	c := t.fields[n:len(t.fields):len(t.fields)]
	for i := range c {
		if names {
			c[i].Name = t.name(c[i].Name)
		}
		c[i].Value.S = t.bytes(c[i].Value.S)
		c[i].Value.L = t.list(c[i].Value.L, true)
	}
	return c
}

// merge brings the records of the shards of one program about a batch into the order
// of one shard.
type merge struct {
	batch *packet.Batch
	tapes []*tape
	at    []int // next record of each tape
}

// start begins with the records of a batch.
func (m *merge) start(b *packet.Batch, tapes []*tape) {
	m.batch, m.tapes, m.at = b, tapes, m.at[:0]
	for range tapes {
		m.at = append(m.at, 0)
	}
}

// next returns the next record, or nil. Each shard's records are in order already: it
// works through its items in packet order.
func (m *merge) next() *program.Record {
	var first *program.Record
	from := 0
	for s, t := range m.tapes {
		if m.at[s] == len(t.records) {
			continue
		}
		if r := &t.records[m.at[s]]; first == nil || m.before(r, first) {
			first, from = r, s
		}
	}
	if first != nil {
		m.at[from]++
	}
	return first
}

// before reports whether a comes before b, of another shard.
func (m *merge) before(a, b *program.Record) bool {
	if i, j := m.place(a), m.place(b); i != j {
		return i < j
	}
	switch isTimer := a.Packet < 0; {
	case isTimer != (b.Packet < 0):
		return isTimer
	case isTimer && a.Time != b.Time:
		return a.Time < b.Time
	case isTimer && a.Armed != b.Armed:
		return a.Armed.Before(b.Armed)
	}
	return a.Rank < b.Rank
}

// place returns the index of the packet that a record is of or, if a timer fired,
// that made it due: the first one of its time or later, but not one that the shard
// was done with already.
func (m *merge) place(r *program.Record) int {
	if r.Packet >= 0 {
		return r.Packet
	}
	done, b := -1-r.Packet, m.batch
	if done >= b.N || b.Time(done) >= r.Time {
		return done
	}
	return done + sort.Search(b.N-done, func(i int) bool { return b.Time(done+i) >= r.Time })
}
