package diag

// Codes of names: what is not declared, is declared twice, or is given what it does not take.
const (
	// UnknownName occurs when a name in an expression is nothing declared,
	// no builtin, no constant and no layer.
	//
	// Fix: correct the spelling, or declare the name. A text stands in double
	// quotes; a layer and a constant have the names that the manual lists.
	//
	// Example:
	//	program p
	//	feature f = ratee
	UnknownName = endSyntax + iota

	// UnknownField occurs when a dotted name is not in the catalogue of fields.
	//
	// Fix: use a field of the catalogue, which is in doc/language.md. Names are
	// those of the display filters of Wireshark.
	//
	// Example:
	//	program p
	//	event e: packet where ip.dts == 10.0.0.1
	UnknownField

	// UnknownFunction occurs when a function that is called does not exist.
	//
	// Fix: use a function of the language; a metric or table takes its key in
	// brackets.
	//
	// Example:
	//	program p
	//	feature f = sqr(2)
	UnknownFunction

	// UnknownType occurs when a type's name is none.
	//
	// Fix: use bool, int, float, duration, time, size, ip, mac or string.
	//
	// Example:
	//	program p
	//	entity host: addr
	UnknownType

	// UnknownEntity occurs when "for" names no entity.
	//
	// Fix: declare it: entity NAME: TYPE; or correct the name.
	//
	// Example:
	//	program p
	//	event e: timeout for hots
	UnknownEntity

	// UnknownMetric occurs when set, get or reset names no metric.
	//
	// Fix: declare it: metric NAME { count KIND(…) }; or correct the name.
	//
	// Example:
	//	program p
	//	event e: packet
	//	on e { set m }
	UnknownMetric

	// UnknownTable occurs when a table that is written, deleted from or asked
	// does not exist.
	//
	// Fix: declare it: table NAME[KEY]: TYPE; or correct the name.
	//
	// Example:
	//	program p
	//	event e: packet
	//	on e { t[ip.src] = 1 }
	UnknownTable

	// UnknownEvent occurs when on, start or stop names no event.
	//
	// Fix: declare it: event NAME: packet where …; or correct the name.
	//
	// Example:
	//	program p
	//	on e { drop }
	UnknownEvent

	// UnknownState occurs when a transition or an in block names no state.
	//
	// Fix: declare it: state NAME { … }; or correct the name.
	//
	// Example:
	//	program p
	//	state default for 1h then alrt {}
	UnknownState

	// UnknownKind occurs when a metric names no known structure.
	//
	// Fix: use a structure of the manual: bloom after distinct; cbf, tbf, tewma,
	// dleft, hll or topk after count.
	//
	// Example:
	//	program p
	//	metric m { count tbff(window: 60s) }
	UnknownKind

	// UnknownArgument occurs when an argument or option has a name that is not
	// known there.
	//
	// Fix: use an argument that the note of the message lists.
	//
	// Example:
	//	program p
	//	metric m { count tbf(windw: 60s) }
	UnknownArgument

	// UnknownLevel occurs when the level of an alert or a state is none.
	//
	// Fix: use info, low, medium, high or critical.
	//
	// Example:
	//	program p
	//	state default level hgih {}
	UnknownLevel

	// UnknownFormat occurs when the format of an interpolated value is not known
	// or does not suit its type.
	//
	// Fix: write :.2f, :e, :g, :d, :x or :s, as it suits the type.
	//
	// Example:
	//	program p
	//	event e: packet
	//	on e { log "{ip.src:.2f}" }
	UnknownFormat

	// BadExec occurs when exec names no program, one that is not fixed, or one that is no
	// name and no path.
	//
	// Fix: write exec "program" "argument" …: the program fixed, each argument a string
	// of its own, values in braces in the arguments.
	//
	// Example:
	//	program p
	//	event e: packet
	//	on e { exec "{ip.src}" "-n" }
	BadExec

	// Redeclared occurs when a name is declared twice where only one can be meant.
	//
	// Fix: rename one of the two. Values share one name space; events and states
	// have their own.
	//
	// Example:
	//	program p
	//	param a = 1  param a = 2
	Redeclared

	// DuplicateArgument occurs when an argument, option, published field or part
	// of a metric is given twice.
	//
	// Fix: leave one of the two out.
	//
	// Example:
	//	program p
	//	metric m { count tbf(window: 1s, window: 2s) }
	DuplicateArgument

	// MissingArgument occurs when an argument without a default is absent.
	//
	// Fix: add the argument that the message names.
	//
	// Example:
	//	program p
	//	metric m { count tbf }
	MissingArgument

	// BadArgument occurs when an argument's value is of the wrong kind or out of
	// its range.
	//
	// Fix: give a value of the kind and in the range that the message names.
	//
	// Example:
	//	program p
	//	metric m { distinct bloom(window: 1m, error: 2) }
	BadArgument

	endName
)
