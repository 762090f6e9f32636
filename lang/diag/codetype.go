package diag

// Codes of types, units and keys.
const (
	// WrongKind occurs when a name means something, but not what is needed here:
	// a metric where a table has to stand, a detector's structure as a monitor.
	//
	// Fix: use a name of the kind that is needed; the note shows where this one is
	// declared.
	//
	// Example:
	//	program p
	//	metric m { count bloom(window: 60s) }
	WrongKind = endName + iota

	// TypeMismatch occurs when operands or arguments have types that do not go
	// together.
	//
	// Fix: bring both sides to one type: networks and sets go with in, texts stand
	// in quotes, addresses do not.
	//
	// Example:
	//	program p
	//	event e: packet where ip.src == 5
	TypeMismatch

	// UnitMismatch occurs when numbers of different units are added, compared or
	// assigned.
	//
	// Fix: write the unit: 60s, 1MB; to drop a unit divide by one of it: elapsed /
	// 1s.
	//
	// Example:
	//	program p
	//	feature f = 60s + 1MB
	UnitMismatch

	// NotBool occurs when a condition is not a truth value.
	//
	// Fix: compare the value with something; join conditions with and, or, not.
	//
	// Example:
	//	program p
	//	event e: packet where tcp.dstport
	NotBool

	// NotConstant occurs when a value has to be known at compile time and is not.
	//
	// Fix: write the value itself. Memory is laid out by it, so a parameter cannot
	// stand here.
	//
	// Example:
	//	program p
	//	param a = frame.len
	NotConstant

	// ArgumentCount occurs when a function gets too few or too many arguments.
	//
	// Fix: give as many arguments as the hint shows.
	//
	// Example:
	//	program p
	//	feature f = abs()
	ArgumentCount

	// KeyMismatch occurs when a key has other parts than its entity, table or
	// metric declares or uses elsewhere.
	//
	// Fix: give the parts that the declaration or the first use has, in that
	// order.
	//
	// Example:
	//	program p
	//	entity host: ip
	//	event e: packet for host = tcp.dstport
	KeyMismatch

	// TooManyFields occurs when an entity has more than five parts, or a key, in
	// which entities count as their parts, more than eight.
	//
	// Fix: leave parts out: an entity has five at most, a key eight.
	//
	// Example:
	//	program p
	//	entity e: ip, ip, ip, ip, ip, ip
	TooManyFields

	// Cycle occurs when features are defined by each other.
	//
	// Fix: break the circle: let one of the features read metrics only. What an
	// earlier packet left is kept in a table.
	//
	// Example:
	//	program p
	//	feature a = b
	//	feature b = a
	Cycle

	// OutOfRange occurs when a constant does not fit where it is used.
	//
	// Fix: write a value that the field can have.
	//
	// Example:
	//	program p
	//	event e: packet where tcp.dstport == 70000
	OutOfRange

	endType
)
