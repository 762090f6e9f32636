package diag

// Codes of warnings about programs in either form.
const (
	// Unused warns of something declared and never used.
	//
	// Fix: use it or delete it.
	//
	// Example:
	//	program p
	//	metric m { count tbf(window: 60s) }
	Unused = endMachine + iota

	// NeverRead warns of a metric or table that is written and never read.
	//
	// Fix: read it in a condition, a feature or a message, or delete it: it takes
	// memory and time for nothing.
	//
	// Example:
	//	program p
	//	metric m { count tbf(window: 60s) }
	//	event e: packet
	//	on e { set m[ip.src] }
	NeverRead

	// NeverFed warns of a metric or table that is read and never written.
	//
	// Fix: add set METRIC or TABLE[KEY] = … to a handler, or delete the
	// declaration.
	//
	// Example:
	//	program p
	//	metric m { count tbf(window: 60s) }
	//	event e: packet
	//	on e { get m  when m > 1 { drop } }
	NeverFed

	// Untouched warns of a metric that is read by its bare name where no
	// operation of the handler set or got it: the value is undefined.
	//
	// Fix: add get METRIC[KEY] before the conditions of this handler, or read
	// METRIC[KEY] in place of the bare name.
	//
	// Example:
	//	program p
	//	entity h: ip
	//	metric m { count tbf(window: 60s) }
	//	event a: packet where tcp for h = ip.src
	//	event b: packet where udp for h = ip.src
	//	on a { set m[h] }
	//	on b { when m > 1 { drop } }
	Untouched

	// UndefinedDivision warns of a value that is divided by what is still 0 at the first
	// packet, where no condition keeps it from being used: a table entry is
	// removed, a message says "undefined", a timer is not started.
	//
	// Fix: do this only under a condition that compares the ratio or its divisor,
	// or give a value for the first packet: default(a / b, 0).
	//
	// Example:
	//	program p
	//	entity h: ip
	//	metric a { count tbf(window: 60s) }
	//	metric b { count tbf(window: 60s) }
	//	table t[h]: float
	//	event e: packet where tcp for h = ip.src
	//	event f: packet where udp for h = ip.src
	//	on e { set a[h]  get b[h]  when t[h] > 2 { drop }  always { t[h] = a / b } }
	//	on f { set b[h] }
	UndefinedDivision

	// MixedUnits warns of a comparison, sum or difference of numbers that count
	// different things: bytes and packets, a rate per second and a count.
	//
	// Fix: compare like with like: bytes are added with set METRIC by frame.len; a
	// count becomes a rate when it is divided by its window in seconds.
	//
	// Example:
	//	program p
	//	entity h: ip
	//	metric packets { count tbf(window: 60s) }
	//	event e: packet for h = ip.src
	//	on e { set packets[h]  when packets > 1MB { drop } }
	MixedUnits

	// UnreachableState warns of a state that no transition leads to.
	//
	// Fix: add a transition to it, or delete it.
	//
	// Example:
	//	program p
	//	state default {}  state lost for 1h then default {}
	UnreachableState

	// NoExit warns of a state, other than the default, that is never left.
	//
	// Fix: add a transition, or a duration: state NAME for 1h then default.
	//
	// Example:
	//	program p
	//	entity h: ip
	//	event e: packet for h = ip.src
	//	state default { on e { when true -> trap } }
	//	state trap {}
	NoExit

	// NeverTrue warns of a condition that cannot hold.
	//
	// Fix: correct the condition, or delete what depends on it.
	//
	// Example:
	//	program p
	//	event e: packet where false
	NeverTrue

	// AlwaysTrue warns of a condition that always holds, so that what follows it
	// never runs.
	//
	// Fix: leave the condition out: write otherwise, or put the actions into
	// always.
	//
	// Example:
	//	program p
	//	event e: packet
	//	on e { when true { drop }  otherwise { capture } }
	AlwaysTrue

	// ShadowedEvent warns of an event that never happens: under match first an earlier
	// one takes every packet that it could match.
	//
	// Fix: put the narrower event first, or write match all so that every event
	// that matches happens.
	//
	// Example:
	//	program p match first
	//	event all: packet where tcp
	//	event web: packet where tcp.dstport == 80
	//	on all, web { drop }
	ShadowedEvent

	// OverlappingEvents warns of two events under match first of which neither includes the
	// other, and which match the same packet: the later one misses such packets.
	//
	// Fix: write match all if both should happen; else add to the later one what
	// sets it apart.
	//
	// Example:
	//	program p match first
	//	event web: packet where tcp.dstport == 80
	//	event syn: packet where tcp.flags == SYN
	//	on web, syn { drop }
	OverlappingEvents

	// Oversized warns of a structure, or a whole program, that takes more memory than
	// smcc check --memory allows.
	//
	// Fix: set capacity to the number of keys that really occur, raise error, or
	// give more memory.
	//
	// Example:
	//	program p
	//	entity h: ip
	//	metric m { count tbf(window: 60s, capacity: 10_000_000) }
	//	event e: packet for h = ip.src
	//	on e { set m[h]  when m > 5 { drop } }
	Oversized

	// UnhandledTimer warns of a timeout that is started and handled in no state
	// it can fire in.
	//
	// Fix: add on TIMEOUT { … } to the state, or to in any; or do not start it.
	//
	// Example:
	//	program p
	//	entity h: ip
	//	event e: packet for h = ip.src
	//	event t: timeout for h
	//	on e { start t after 1s }
	UnhandledTimer

	// NeverStarted warns of a timeout that is handled and never started.
	//
	// Fix: add start TIMEOUT after D to a handler, or delete the timeout.
	//
	// Example:
	//	program p
	//	entity h: ip
	//	event t: timeout for h
	//	on t { log "now" }
	NeverStarted

	// Alias warns of a name that is accepted for the sake of old programs.
	//
	// Fix: write the present name; smcc fmt does it for the whole file.
	//
	// Example:
	//	program p
	//	event e: packet where tcp.sport == 80
	Alias

	endWarning
)
