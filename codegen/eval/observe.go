package eval

import (
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Observer is told what a machine does while it does it, in order. Frames are valid
// during the call only. One goroutine calls.
//
// For each event that happens: Begin; then, if that returned true, Did for each
// statement that was carried out and Tested for each condition that was tried; End.
type Observer interface {
	// Packet: a packet has come and the timers that it makes due have fired; its
	// events are next.
	Packet(f Frame)
	// Missed: a packet event's condition does not hold for the packet.
	Missed(f Frame)
	// Begin: an event happens. body is what is done about it in the state that the
	// entity is in; nil = nothing.
	Begin(f Frame, body *ir.Body) (watch bool)
	// Did: s was carried out.
	Did(f Frame, s ir.Stmt)
	// Tested: the condition of a was tried; that of an otherwise holds. What a does
	// comes next if it holds, and last its transition.
	Tested(f Frame, a *ir.Arm, holds bool)
	// End: all that is to be done was done.
	End(f Frame)
	// Expired: the entity left a state because its time was over.
	Expired(f Frame, from, to int)
}

// Observed is Info with an observer.
func Observed(p *ir.Program, o Observer) *program.Info {
	info := Info(p)
	make := info.New
	info.New = func(env *program.Env) (program.Instance, error) {
		inst, err := make(env)
		if err != nil {
			return nil, err
		}
		inst.(*machine).observer = o
		return inst, nil
	}
	return info
}

// Frame is what an observer may ask about the event that happens. Asking changes
// nothing.
type Frame struct{ c *context }

// Now is packet time; in a timer its deadline.
func (f Frame) Now() packet.Time { return f.c.m.now }

// First is the time of the program's first packet.
func (f Frame) First() packet.Time { return f.c.m.first }

// Number is that of the packet that is being processed, counted from 1. Timers
// fire while the packet that makes them due is.
func (f Frame) Number() uint64 { return f.c.m.stats.Packets }

// Packet is nil in timers.
func (f Frame) Packet() *packet.Packet { return f.c.packet }

// Event returns the index of the event; -1 where a state expires.
func (f Frame) Event() int {
	if f.c.event == nil {
		return -1
	}
	return f.c.index
}

// Entity returns the index of the entity's declaration; -1 in program-wide events.
func (f Frame) Entity() int {
	if f.c.event == nil {
		return f.c.expires
	}
	return f.c.event.Entity
}

// ID is the packed key of the entity: the same iff the key is.
func (f Frame) ID() string { return f.c.id }

// Key returns the key of the entity.
func (f Frame) Key() []program.Field { return f.c.m.entityFields(f.Entity(), f.c.key) }

// State is the state that the entity is in now.
func (f Frame) State() int { return f.c.m.state(f.Entity(), f.c.id) }

// Bind finds the entity of an event that was missed, if the packet has what its key
// is made of.
func (f Frame) Bind() bool { return f.c.bind() }

// Value evaluates an expression of the handler.
func (f Frame) Value(x ir.Expr) program.Value { return f.c.eval(x).output() }

// Text puts a message together.
func (f Frame) Text(parts []ir.Part) string { return string(f.c.message(parts)) }

// Pack returns the packed key that some expressions of the handler stand for, which
// is an entity's ID if their values are its key; false if one is undefined.
func (f Frame) Pack(key []ir.Expr) (string, bool) { return keyOf(f.c.evalAll(key)) }

// Result is what the last statement put into its local, or would have put there.
func (f Frame) Result() program.Value { return f.c.result.output() }

// HasUpdated reports whether the last set changed its monitor: the detector had not
// seen the distinct key, and no key was undefined.
func (f Frame) HasUpdated() bool { return f.c.updated }

// Timer returns when the timer of the entity for a timeout event fires, if it is
// armed, and its period, or 0.
func (f Frame) Timer(event int) (deadline packet.Time, period int64, armed bool) {
	t := f.c.m.timeouts[event][f.c.id]
	if t == nil {
		return 0, 0, false
	}
	return t.deadline, t.period, true
}

// Expiry returns when the entity leaves the state it is in by itself, if it does.
func (f Frame) Expiry() (packet.Time, bool) {
	if e := f.c.m.entities[f.Entity()][f.c.id]; e != nil && e.expiry != nil {
		return e.expiry.deadline, true
	}
	return 0, false
}

// Stand returns what reads the entity's metrics from now on.
func (f Frame) Stand() Stand { return Stand{f.c.m, f.Entity(), f.c.id, f.c.key} }

// Stand is where one entity stands, between packets too.
type Stand struct {
	m      *machine
	entity int
	id     string
	key    []value
}

// Value reads metrics and tables and evaluates x with them. reads are Get, Load,
// Has and Let, with keys that no packet is needed for; locals is the number of
// locals that they and x have.
func (s Stand) Value(reads []ir.Stmt, x ir.Expr, locals int) program.Value {
	c := &context{m: s.m, event: &ir.Event{Entity: s.entity}, id: s.id, key: s.key, locals: make([]value, locals)}
	c.stmts(reads)
	return c.eval(x).output()
}
