package diag

// Codes of the state machine: what stands where it has no meaning.
const (
	// Misplaced occurs when something is right in itself but not allowed here: a
	// set outside in, a range outside a set, both() outside a key.
	//
	// Fix: move it to where the message says that it can stand.
	//
	// Example:
	//	program p
	//	feature f = {1, 2}
	Misplaced = endType + iota

	// NoEntity occurs when a handler of a program-wide event uses an entity,
	// its state, its age or a transition.
	//
	// Fix: bind an entity with for in the event, or do this in an event that has
	// one.
	//
	// Example:
	//	program p
	//	event e: every 10s
	//	on e { when true -> default }
	NoEntity

	// NoPacket occurs when a handler that runs without a packet uses one.
	//
	// Fix: do this in a packet event, or keep the value in a table.
	//
	// Example:
	//	program p
	//	event e: every 10s
	//	on e { drop }
	NoPacket

	// NotTimeout occurs when start or stop names an event that is no timeout.
	//
	// Fix: name an event that is declared as timeout for ENTITY.
	//
	// Example:
	//	program p
	//	event e: packet
	//	on e { stop e }
	NotTimeout

	// WrongEntity occurs when an event or state of one entity's machine is used
	// in that of another.
	//
	// Fix: use the entity of the event; one that another event has needs a handler
	// of its own.
	//
	// Example:
	//	program p
	//	entity a: ip  entity b: mac
	//	event e: packet for a = ip.src
	//	event t: timeout for b
	//	on e { start t after 1s }
	WrongEntity

	// OrderOfConditions occurs when a condition follows an otherwise, or there
	// are two of them.
	//
	// Fix: put otherwise last, and only once.
	//
	// Example:
	//	program p
	//	event e: packet
	//	on e { otherwise { drop }  when true { drop } }
	OrderOfConditions

	// BadDuration occurs when a duration that has to be positive is not.
	//
	// Fix: write a duration above zero.
	//
	// Example:
	//	program p
	//	event e: every 0s
	BadDuration

	endMachine
)
