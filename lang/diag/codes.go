package diag

// Code says which rule a diagnostic is about. The comment above each constant
// tells when it occurs; after "Fix:" what to do about it; and after "Example:" the
// shortest program that provokes it. [Code.Doc], [Code.Fix] and [Code.Example]
// return these texts.
type Code int

// The codes: first those of the front-ends, then names, then types, then the
// state machine, then warnings.
const (
	// NoCode is the zero value; no diagnostic carries it.
	NoCode Code = iota

	// Syntax occurs when a token does not fit the grammar.
	//
	// Fix: write what the message says it expected. The caret stands at the first
	// word that does not fit; what is missing often stands before it.
	//
	// Example:
	//	program p
	//	metric m count tbf
	Syntax

	// BadCharacter occurs when a character begins no token.
	//
	// Fix: take the character out. Statements end by themselves, so there are no
	// semicolons; texts stand between double quotes.
	//
	// Example:
	//	program p
	//	feature f = 1 ; 2
	BadCharacter

	// BadLiteral occurs when a number, duration, size, address or network is
	// written wrongly or does not fit.
	//
	// Fix: write the number as the manual shows it: 10, 0.25, 60s, 1MB, 192.0.2.1,
	// 10.0.0.0/8.
	//
	// Example:
	//	program p
	//	param a = 60sec
	BadLiteral

	// BadString occurs when a string does not end on its line, or has an
	// unknown escape.
	//
	// Fix: close the text with a double quote on the same line; the escapes are \n
	// \t \r \" \\ \{ \}.
	//
	// Example:
	//	program p "no end
	BadString

	// BadInterpolation occurs when what stands between braces in a string is
	// not an expression with an optional format.
	//
	// Fix: write {expression} or {expression:format}; for a brace itself write {{.
	//
	// Example:
	//	program p
	//	on e { log "{1 +}" }
	BadInterpolation

	// NoInterpolation occurs when a string that has to be fixed holds a value
	// in braces.
	//
	// Fix: take the braces out, or double them: {{. Only messages hold values.
	//
	// Example:
	//	program p "about {x}"
	NoInterpolation

	// TooDeep occurs when an expression is nested too deeply or is too long.
	//
	// Fix: name parts of the expression with feature.
	//
	// Example:
	//	more than 200 opening parentheses in a row
	TooDeep

	// MissingProgram occurs when the file does not begin with a program header.
	//
	// Fix: begin the file with program NAME "what it is for".
	//
	// Example:
	//	param a = 1
	MissingProgram

	// DuplicateProgram occurs when there is a second header, or it is not first.
	//
	// Fix: leave one header, as the first declaration; a second program is a file
	// of its own.
	//
	// Example:
	//	program p
	//	program q
	DuplicateProgram

	// ReservedName occurs when a declaration takes the name of an operator or of
	// a truth value, which no expression could then mean.
	//
	// Fix: choose another name.
	//
	// Example:
	//	program p
	//	param not = 1
	ReservedName

	// XML occurs when an XML program is not well-formed, is too large, is in an
	// encoding that cannot be read, or has an element where it cannot stand.
	//
	// Fix: correct the XML at the place that is shown; an XML editor may help.
	//
	// Example:
	//	<botstream><statedef id="0"></botstream>
	XML

	// UnknownElement occurs when an XML program has an element that the dialect
	// has not.
	//
	// Fix: use an element of the dialect; the message names the nearest one.
	//
	// Example:
	//	<botstream><statdef id="0"/></botstream>
	UnknownElement

	// UnknownAttribute occurs when an element of an XML program has an attribute
	// that the dialect has not.
	//
	// Fix: use an attribute that the element has; the message names the nearest
	// one.
	//
	// Example:
	//	<botstream><statedef id="0" timout="60"/></botstream>
	UnknownAttribute

	// MissingAttribute occurs when an element of an XML program lacks an
	// attribute or an element that it needs.
	//
	// Fix: add it to the element.
	//
	// Example:
	//	<botstream><statedef/></botstream>
	MissingAttribute

	// BadValue occurs when an attribute of an XML program has a value that it
	// cannot have.
	//
	// Fix: give a value of the kind that the message names.
	//
	// Example:
	//	<botstream><statedef id="0"/><statedef id="1" timeout="soon"/></botstream>
	BadValue

	// NotInXML occurs when a program that smcc convert is to write as XML exceeds what a
	// program in XML may hold, or has a character that cannot stand there.
	//
	// Fix: keep the program as .smon, or write that part in words that the dialect
	// has.
	//
	// Example:
	//	more than 1000 expressions and lists of actions
	NotInXML

	// NestedCondition occurs when an XML program has a condition inside another.
	//
	// Fix: join the two expressions with && in one condition.
	//
	// Example:
	//	<botstream><statedef id="0"/><event type="packet" primary-key="ip_src"><state id="0">
	//	<condition expression="true"><condition expression="true"/></condition>
	//	</state></event></botstream>
	NestedCondition

	// BadSelector occurs when a selector or a key of an XML program is wrong.
	//
	// Fix: write the selector or the key as doc/xml.md shows it.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tco" primary-key="ip_src"/></botstream>
	BadSelector

	// BadAction occurs when an action of an XML program is none.
	//
	// Fix: use an action of the dialect; doc/xml.md lists them.
	//
	// Example:
	//	<botstream><statedef id="0"/><event type="packet" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="prnt(text)"/>
	//	</state></event></botstream>
	BadAction

	// UnknownName occurs when a name in an expression is nothing declared,
	// no builtin, no constant and no layer.
	//
	// Fix: correct the spelling, or declare the name. A text stands in double
	// quotes; a layer and a constant have the names that the manual lists.
	//
	// Example:
	//	program p
	//	feature f = ratee
	UnknownName

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

	// WrongKind occurs when a name means something, but not what is needed here:
	// a metric where a table has to stand, a detector's structure as a monitor.
	//
	// Fix: use a name of the kind that is needed; the note shows where this one is
	// declared.
	//
	// Example:
	//	program p
	//	metric m { count bloom(window: 60s) }
	WrongKind

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

	// Misplaced occurs when something is right in itself but not allowed here: a
	// set outside in, a range outside a set, both() outside a key.
	//
	// Fix: move it to where the message says that it can stand.
	//
	// Example:
	//	program p
	//	feature f = {1, 2}
	Misplaced

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

	// Unused warns of something declared and never used.
	//
	// Fix: use it or delete it.
	//
	// Example:
	//	program p
	//	metric m { count tbf(window: 60s) }
	Unused

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

	// MissingSource warns of an XML program without a <source>. The probe is told what
	// to read.
	//
	// Fix: nothing, if the probe is told what to read: smprobe run -i or -r.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event></botstream>
	MissingSource

	// MissingPublisher warns of an XML program without a <publisher>. The probe is told
	// where records go.
	//
	// Fix: nothing, if the probe is told where records go.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event></botstream>
	MissingPublisher

	// ManyPacketEvents warns of an XML program with several packet events, which the prototype
	// did not compile. The first that matches a packet runs.
	//
	// Fix: put the narrower event first; the first that matches runs.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event>
	//	<event type="packet" selector="proto udp" primary-key="ip_src"/></botstream>
	ManyPacketEvents

	// TimeoutOrder warns of a timeout event that stands after a packet event in an XML
	// program, on which the prototype ended.
	//
	// Fix: move the timeout events before the packet events, if the old prototype
	// has to read the file.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event>
	//	<event type="timeout" class="t"/></botstream>
	TimeoutOrder

	// TimeoutKey warns of a timeout of an XML program that is set for another key than
	// the state is kept for. It is kept for the latter.
	//
	// Fix: set the timeout for the key of the event.
	//
	// Example:
	//	<botstream><statedef id="0"/><event type="timeout" class="t"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"><timeout_set class="t" key="ip_dst" value="1"/></condition>
	//	</state></event></botstream>
	TimeoutKey

	// DefaultTimeout warns of a timeout of the initial state of an XML program, which is left
	// out: nothing is kept about keys in that state.
	//
	// Fix: delete the timeout of the initial state.
	//
	// Example:
	//	<botstream><statedef id="0" timeout="60"/>
	//	<event type="packet" primary-key="ip_src"/></botstream>
	DefaultTimeout

	// CommaSeparator warns of a comma between actions of an XML program, read as a
	// semicolon.
	//
	// Fix: write a semicolon.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="print(a),print(b)"/>
	//	</state></event></botstream>
	CommaSeparator

	// BlankSeparator warns of blanks between actions of an XML program, alone or after a
	// semicolon.
	//
	// Fix: write one semicolon between two actions.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="print(a) print(b)"/>
	//	</state></event></botstream>
	BlankSeparator

	// PrintTab warns of the action print_tab of an XML program, which does nothing.
	//
	// Fix: delete the action.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="print_tab"/>
	//	</state></event></botstream>
	PrintTab

	// DeadAction warns of an action of an XML program that had no effect in the prototype.
	//
	// Fix: delete the action.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="Export()"/>
	//	</state></event></botstream>
	DeadAction

	// DeadPart warns of a part of an XML program that does nothing.
	//
	// Fix: delete the part.
	//
	// Example:
	//	<botstream><statedef id="0"/><additional_block name="TestBlock"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event></botstream>
	DeadPart

	// ExecRefused warns of an action exec of an XML program that would need a shell: no
	// command runs, its text is logged.
	//
	// Fix: let a program that reads the records of the probe run the command.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="exec(date | mail root)"/>
	//	</state></event></botstream>
	ExecRefused

	// ExecVector warns of an action exec of an XML program: what was a command line of a
	// shell is read as a program and its arguments, and runs by leave of the operator only.
	//
	// Fix: nothing, if the operator of the probe allows the program; block does without a
	// command what most of them are for.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="exec(logger %ip_src)"/>
	//	</state></event></botstream>
	ExecVector

	// PlotPublished warns of the action plot of an XML program, read as publish.
	//
	// Fix: nothing; a program that reads the records can draw them.
	//
	// Example:
	//	<botstream><statedef id="0"/><feature name="f" body="1"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="plot(p ip_src f)"/>
	//	</state></event></botstream>
	PlotPublished

	// PipeKey warns of a key of an XML program whose fields are joined with "|", read as
	// "-".
	//
	// Fix: join the fields with "-".
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" primary-key="ip_src|ip_dst"><state id="0">
	//	<condition expression="true"/>
	//	</state></event></botstream>
	PipeKey

	// WordOperator warns of a comparison of an XML program written as a word: gt, lt, gt_eq
	// or lt_eq.
	//
	// Fix: write >, <, >= or <=, in XML as &gt; and &lt;.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="ip_len gt 60"/>
	//	</state></event></botstream>
	WordOperator

	// WideValue warns of a value in an XML program that the prototype could not compare:
	// an address with points, or a text.
	//
	// Fix: nothing; the value is compared as it is written.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="ip_src 10.0.0.1" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event></botstream>
	WideValue

	// OtherKind warns of a kind of monitor of an XML program that another one stands for.
	//
	// Fix: write the kind that the message names.
	//
	// Example:
	//	<botstream><statedef id="0"/><metric name="m"><variation_detector status="off"/>
	//	<variation_monitor status="on" type="tewma-fast"/></metric>
	//	<event type="packet" primary-key="ip_src"/></botstream>
	OtherKind

	// Cmath warns of a function of <cmath> in an XML program that others stand for.
	//
	// Fix: write the function that the message names.
	//
	// Example:
	//	<botstream><statedef id="0"/><feature name="f" body="log10(2)"/>
	//	<event type="packet" primary-key="ip_src"/></botstream>
	Cmath

	// UnknownVariable warns of a "%name" in a text of an XML program that is no variable and
	// stays as it is.
	//
	// Fix: correct the name, or write %% for the sign itself.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="print(%ip_scr)"/>
	//	</state></event></botstream>
	UnknownVariable

	// TextEscape warns of an escape in a text of an XML program that C++ has not.
	//
	// Fix: take the backslash out, or double it.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="print(\q)"/>
	//	</state></event></botstream>
	TextEscape

	numCodes
)

// codeNames are the names diagnostics are printed with and documentation is
// found by. They do not change once released.
var codeNames = [numCodes]string{
	NoCode:            "none",
	Syntax:            "syntax",
	BadCharacter:      "bad-character",
	BadLiteral:        "bad-literal",
	BadString:         "bad-string",
	BadInterpolation:  "bad-interpolation",
	NoInterpolation:   "no-interpolation",
	TooDeep:           "too-deep",
	MissingProgram:    "missing-program",
	DuplicateProgram:  "duplicate-program",
	ReservedName:      "reserved-name",
	XML:               "xml",
	UnknownName:       "unknown-name",
	UnknownField:      "unknown-field",
	UnknownFunction:   "unknown-function",
	UnknownType:       "unknown-type",
	UnknownEntity:     "unknown-entity",
	UnknownMetric:     "unknown-metric",
	UnknownTable:      "unknown-table",
	UnknownEvent:      "unknown-event",
	UnknownState:      "unknown-state",
	UnknownKind:       "unknown-kind",
	UnknownArgument:   "unknown-argument",
	UnknownLevel:      "unknown-level",
	UnknownFormat:     "unknown-format",
	BadExec:           "bad-exec",
	Redeclared:        "redeclared",
	DuplicateArgument: "duplicate-argument",
	MissingArgument:   "missing-argument",
	BadArgument:       "bad-argument",
	WrongKind:         "wrong-kind",
	TypeMismatch:      "type-mismatch",
	UnitMismatch:      "unit-mismatch",
	NotBool:           "not-bool",
	NotConstant:       "not-constant",
	ArgumentCount:     "argument-count",
	KeyMismatch:       "key-mismatch",
	TooManyFields:     "too-many-fields",
	Cycle:             "cycle",
	OutOfRange:        "out-of-range",
	Misplaced:         "misplaced",
	NoEntity:          "no-entity",
	NoPacket:          "no-packet",
	NotTimeout:        "not-timeout",
	WrongEntity:       "wrong-entity",
	OrderOfConditions: "order-of-conditions",
	BadDuration:       "bad-duration",
	Unused:            "unused",
	NeverFed:          "never-fed",
	NeverRead:         "never-read",
	Untouched:         "untouched",
	UndefinedDivision: "undefined-division",
	MixedUnits:        "mixed-units",
	UnreachableState:  "unreachable-state",
	NoExit:            "no-exit",
	NeverTrue:         "never-true",
	AlwaysTrue:        "always-true",
	ShadowedEvent:     "shadowed-event",
	OverlappingEvents: "overlapping-events",
	Oversized:         "oversized",
	UnhandledTimer:    "unhandled-timer",
	NeverStarted:      "never-started",
	Alias:             "alias",
	NotInXML:          "not-in-xml",
	UnknownElement:    "unknown-element",
	UnknownAttribute:  "unknown-attribute",
	MissingAttribute:  "missing-attribute",
	BadValue:          "bad-value",
	NestedCondition:   "nested-condition",
	BadSelector:       "bad-selector",
	BadAction:         "bad-action",
	MissingSource:     "missing-source",
	MissingPublisher:  "missing-publisher",
	ManyPacketEvents:  "many-packet-events",
	TimeoutOrder:      "timeout-order",
	TimeoutKey:        "timeout-key",
	DefaultTimeout:    "default-timeout",
	CommaSeparator:    "comma-separator",
	BlankSeparator:    "blank-separator",
	PrintTab:          "print-tab",
	DeadAction:        "dead-action",
	DeadPart:          "dead-part",
	ExecRefused:       "exec-refused",
	ExecVector:        "exec-vector",
	PlotPublished:     "plot-published",
	PipeKey:           "pipe-key",
	WordOperator:      "word-operator",
	WideValue:         "wide-value",
	OtherKind:         "other-kind",
	Cmath:             "cmath",
	UnknownVariable:   "unknown-variable",
	TextEscape:        "text-escape",
}

// String returns the name in brackets at the end of a diagnostic's first line.
func (c Code) String() string {
	if c < 0 || c >= numCodes {
		return "?"
	}
	return codeNames[c]
}

// Codes returns every code but NoCode.
func Codes() []Code {
	list := make([]Code, 0, numCodes-1)
	for c := NoCode + 1; c < numCodes; c++ {
		list = append(list, c)
	}
	return list
}

// CodeByName returns the code of that name, or NoCode and false.
func CodeByName(name string) (Code, bool) {
	for c := NoCode + 1; c < numCodes; c++ {
		if codeNames[c] == name {
			return c, true
		}
	}
	return NoCode, false
}
