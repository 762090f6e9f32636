package diag

// Code says which rule a diagnostic is about. The comment above each constant
// tells when it occurs and, after "Example:", the shortest program that
// provokes it; [Code.Doc] and [Code.Example] return these texts.
type Code int

// The codes: first those of the front-ends, then names, then types, then the
// state machine, then warnings.
const (
	// NoCode is the zero value; no diagnostic carries it.
	NoCode Code = iota

	// Syntax occurs when a token does not fit the grammar.
	//
	// Example:
	//	program p
	//	metric m count tbf
	Syntax

	// BadCharacter occurs when a character begins no token.
	//
	// Example:
	//	program p
	//	feature f = 1 ; 2
	BadCharacter

	// BadLiteral occurs when a number, duration, size, address or network is
	// written wrongly or does not fit.
	//
	// Example:
	//	program p
	//	param a = 60sec
	BadLiteral

	// BadString occurs when a string does not end on its line, or has an
	// unknown escape.
	//
	// Example:
	//	program p "no end
	BadString

	// BadInterpolation occurs when what stands between braces in a string is
	// not an expression with an optional format.
	//
	// Example:
	//	program p
	//	on e { log "{1 +}" }
	BadInterpolation

	// NoInterpolation occurs when a string that has to be fixed holds a value
	// in braces.
	//
	// Example:
	//	program p "about {x}"
	NoInterpolation

	// TooDeep occurs when an expression is nested too deeply or is too long.
	//
	// Example:
	//	more than 200 opening parentheses in a row
	TooDeep

	// MissingProgram occurs when the file does not begin with a program header.
	//
	// Example:
	//	param a = 1
	MissingProgram

	// DuplicateProgram occurs when there is a second header, or it is not first.
	//
	// Example:
	//	program p
	//	program q
	DuplicateProgram

	// ReservedName occurs when a declaration takes the name of an operator or of
	// a truth value, which no expression could then mean.
	//
	// Example:
	//	program p
	//	param not = 1
	ReservedName

	// XML occurs when an XML program is not well-formed, is too large, is in an
	// encoding that cannot be read, or has an element where it cannot stand.
	//
	// Example:
	//	<botstream><statedef id="0"></botstream>
	XML

	// UnknownElement occurs when an XML program has an element that the dialect
	// has not.
	//
	// Example:
	//	<botstream><statdef id="0"/></botstream>
	UnknownElement

	// UnknownAttribute occurs when an element of an XML program has an attribute
	// that the dialect has not.
	//
	// Example:
	//	<botstream><statedef id="0" timout="60"/></botstream>
	UnknownAttribute

	// MissingAttribute occurs when an element of an XML program lacks an
	// attribute or an element that it needs.
	//
	// Example:
	//	<botstream><statedef/></botstream>
	MissingAttribute

	// BadValue occurs when an attribute of an XML program has a value that it
	// cannot have.
	//
	// Example:
	//	<botstream><statedef id="0"/><statedef id="1" timeout="soon"/></botstream>
	BadValue

	// NotInXML occurs when a program that smcc convert is to write as XML exceeds what a
	// program in XML may hold, or has a character that cannot stand there.
	//
	// Example:
	//	more than 1000 expressions and lists of actions
	NotInXML

	// NestedCondition occurs when an XML program has a condition inside another.
	//
	// Example:
	//	<botstream><statedef id="0"/><event type="packet" primary-key="ip_src"><state id="0">
	//	<condition expression="true"><condition expression="true"/></condition>
	//	</state></event></botstream>
	NestedCondition

	// BadSelector occurs when a selector or a key of an XML program is wrong.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tco" primary-key="ip_src"/></botstream>
	BadSelector

	// BadAction occurs when an action of an XML program is none.
	//
	// Example:
	//	<botstream><statedef id="0"/><event type="packet" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="prnt(text)"/>
	//	</state></event></botstream>
	BadAction

	// UnknownName occurs when a name in an expression is nothing declared,
	// no builtin, no constant and no layer.
	//
	// Example:
	//	program p
	//	feature f = ratee
	UnknownName

	// UnknownField occurs when a dotted name is not in the catalogue of fields.
	//
	// Example:
	//	program p
	//	event e: packet where ip.dts == 10.0.0.1
	UnknownField

	// UnknownFunction occurs when a function that is called does not exist.
	//
	// Example:
	//	program p
	//	feature f = sqr(2)
	UnknownFunction

	// UnknownType occurs when a type's name is none.
	//
	// Example:
	//	program p
	//	entity host: addr
	UnknownType

	// UnknownEntity occurs when "for" names no entity.
	//
	// Example:
	//	program p
	//	event e: timeout for hots
	UnknownEntity

	// UnknownMetric occurs when set, get or reset names no metric.
	//
	// Example:
	//	program p
	//	event e: packet
	//	on e { set m }
	UnknownMetric

	// UnknownTable occurs when a table that is written, deleted from or asked
	// does not exist.
	//
	// Example:
	//	program p
	//	event e: packet
	//	on e { t[ip.src] = 1 }
	UnknownTable

	// UnknownEvent occurs when on, start or stop names no event.
	//
	// Example:
	//	program p
	//	on e { drop }
	UnknownEvent

	// UnknownState occurs when a transition or an in block names no state.
	//
	// Example:
	//	program p
	//	state default for 1h then alrt {}
	UnknownState

	// UnknownKind occurs when a metric names no known structure.
	//
	// Example:
	//	program p
	//	metric m { count tbff(window: 60s) }
	UnknownKind

	// UnknownArgument occurs when an argument or option has a name that is not
	// known there.
	//
	// Example:
	//	program p
	//	metric m { count tbf(windw: 60s) }
	UnknownArgument

	// UnknownLevel occurs when the level of an alert or a state is none.
	//
	// Example:
	//	program p
	//	state default level hgih {}
	UnknownLevel

	// UnknownFormat occurs when the format of an interpolated value is not known
	// or does not suit its type.
	//
	// Example:
	//	program p
	//	event e: packet
	//	on e { log "{ip.src:.2f}" }
	UnknownFormat

	// BadExec occurs when exec names no program, one that is not fixed, or one that is no
	// name and no path.
	//
	// Example:
	//	program p
	//	event e: packet
	//	on e { exec "{ip.src}" "-n" }
	BadExec

	// Redeclared occurs when a name is declared twice where only one can be meant.
	//
	// Example:
	//	program p
	//	param a = 1  param a = 2
	Redeclared

	// DuplicateArgument occurs when an argument, option, published field or part
	// of a metric is given twice.
	//
	// Example:
	//	program p
	//	metric m { count tbf(window: 1s, window: 2s) }
	DuplicateArgument

	// MissingArgument occurs when an argument without a default is absent.
	//
	// Example:
	//	program p
	//	metric m { count tbf }
	MissingArgument

	// BadArgument occurs when an argument's value is of the wrong kind or out of
	// its range.
	//
	// Example:
	//	program p
	//	metric m { distinct bloom(window: 1m, error: 2) }
	BadArgument

	// WrongKind occurs when a name means something, but not what is needed here:
	// a metric where a table has to stand, a detector's structure as a monitor.
	//
	// Example:
	//	program p
	//	metric m { count bloom(window: 60s) }
	WrongKind

	// TypeMismatch occurs when operands or arguments have types that do not go
	// together.
	//
	// Example:
	//	program p
	//	event e: packet where ip.src == 5
	TypeMismatch

	// UnitMismatch occurs when numbers of different units are added, compared or
	// assigned.
	//
	// Example:
	//	program p
	//	feature f = 60s + 1MB
	UnitMismatch

	// NotBool occurs when a condition is not a truth value.
	//
	// Example:
	//	program p
	//	event e: packet where tcp.dstport
	NotBool

	// NotConstant occurs when a value has to be known at compile time and is not.
	//
	// Example:
	//	program p
	//	param a = frame.len
	NotConstant

	// ArgumentCount occurs when a function gets too few or too many arguments.
	//
	// Example:
	//	program p
	//	feature f = abs()
	ArgumentCount

	// KeyMismatch occurs when a key has other parts than its entity, table or
	// metric declares or uses elsewhere.
	//
	// Example:
	//	program p
	//	entity host: ip
	//	event e: packet for host = tcp.dstport
	KeyMismatch

	// TooManyFields occurs when an entity has more than five parts, or a key, in
	// which entities count as their parts, more than eight.
	//
	// Example:
	//	program p
	//	entity e: ip, ip, ip, ip, ip, ip
	TooManyFields

	// Cycle occurs when features are defined by each other.
	//
	// Example:
	//	program p
	//	feature a = b
	//	feature b = a
	Cycle

	// OutOfRange occurs when a constant does not fit where it is used.
	//
	// Example:
	//	program p
	//	event e: packet where tcp.dstport == 70000
	OutOfRange

	// Misplaced occurs when something is right in itself but not allowed here: a
	// set outside in, a range outside a set, both() outside a key.
	//
	// Example:
	//	program p
	//	feature f = {1, 2}
	Misplaced

	// NoEntity occurs when a handler of a program-wide event uses an entity,
	// its state, its age or a transition.
	//
	// Example:
	//	program p
	//	event e: every 10s
	//	on e { when true -> default }
	NoEntity

	// NoPacket occurs when a handler that runs without a packet uses one.
	//
	// Example:
	//	program p
	//	event e: every 10s
	//	on e { drop }
	NoPacket

	// NotTimeout occurs when start or stop names an event that is no timeout.
	//
	// Example:
	//	program p
	//	event e: packet
	//	on e { stop e }
	NotTimeout

	// WrongEntity occurs when an event or state of one entity's machine is used
	// in that of another.
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
	// Example:
	//	program p
	//	event e: packet
	//	on e { otherwise { drop }  when true { drop } }
	OrderOfConditions

	// BadDuration occurs when a duration that has to be positive is not.
	//
	// Example:
	//	program p
	//	event e: every 0s
	BadDuration

	// Unused warns of something declared and never used.
	//
	// Example:
	//	program p
	//	metric m { count tbf(window: 60s) }
	Unused

	// NeverFed warns of a metric or table that is read and never written.
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
	// Example:
	//	program p
	//	entity h: ip
	//	metric m { count tbf(window: 60s) }
	//	event a: packet where tcp for h = ip.src
	//	event b: packet where udp for h = ip.src
	//	on a { set m[h] }
	//	on b { when m > 1 { drop } }
	Untouched

	// UnreachableState warns of a state that no transition leads to.
	//
	// Example:
	//	program p
	//	state default {}  state lost for 1h then default {}
	UnreachableState

	// NoExit warns of a state, other than the default, that is never left.
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
	// Example:
	//	program p
	//	event e: packet where false
	NeverTrue

	// AlwaysTrue warns of a condition that always holds, so that what follows it
	// never runs.
	//
	// Example:
	//	program p
	//	event e: packet
	//	on e { when true { drop }  otherwise { capture } }
	AlwaysTrue

	// UnboundedTable warns of a table whose size is left to the default while
	// its key can be chosen by anybody who sends packets.
	//
	// Example:
	//	program p
	//	table t[ip]: int
	UnboundedTable

	// UnhandledTimer warns of a timeout that is started and handled in no state
	// it can fire in.
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
	// Example:
	//	program p
	//	entity h: ip
	//	event t: timeout for h
	//	on t { log "now" }
	NeverStarted

	// Alias warns of a name that is accepted for the sake of old programs.
	//
	// Example:
	//	program p
	//	event e: packet where tcp.sport == 80
	Alias

	// MissingSource warns of an XML program without a <source>. The probe is told what
	// to read.
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
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event></botstream>
	MissingPublisher

	// ManyPacketEvents warns of an XML program with several packet events, which the prototype
	// did not compile. The first that matches a packet runs.
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
	// Example:
	//	<botstream><statedef id="0"/><event type="timeout" class="t"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"><timeout_set class="t" key="ip_dst" value="1"/></condition>
	//	</state></event></botstream>
	TimeoutKey

	// DefaultTimeout warns of a timeout of the initial state of an XML program, which is left
	// out: nothing is kept about keys in that state.
	//
	// Example:
	//	<botstream><statedef id="0" timeout="60"/>
	//	<event type="packet" primary-key="ip_src"/></botstream>
	DefaultTimeout

	// CommaSeparator warns of a comma between actions of an XML program, read as a
	// semicolon.
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
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="print(a) print(b)"/>
	//	</state></event></botstream>
	BlankSeparator

	// PrintTab warns of the action print_tab of an XML program, which does nothing.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="print_tab"/>
	//	</state></event></botstream>
	PrintTab

	// DeadAction warns of an action of an XML program that had no effect in the prototype.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="Export()"/>
	//	</state></event></botstream>
	DeadAction

	// DeadPart warns of a part of an XML program that does nothing.
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
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="exec(date | mail root)"/>
	//	</state></event></botstream>
	ExecRefused

	// ExecVector warns of an action exec of an XML program: what was a command line of a
	// shell is read as a program and its arguments, and runs by leave of the operator only.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="exec(logger %ip_src)"/>
	//	</state></event></botstream>
	ExecVector

	// PlotPublished warns of the action plot of an XML program, read as publish.
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
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" primary-key="ip_src|ip_dst"><state id="0">
	//	<condition expression="true"/>
	//	</state></event></botstream>
	PipeKey

	// WordOperator warns of a comparison of an XML program written as a word: gt, lt, gt_eq
	// or lt_eq.
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
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="ip_src 10.0.0.1" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event></botstream>
	WideValue

	// OtherKind warns of a kind of monitor of an XML program that another one stands for.
	//
	// Example:
	//	<botstream><statedef id="0"/><metric name="m"><variation_detector status="off"/>
	//	<variation_monitor status="on" type="tewma-fast"/></metric>
	//	<event type="packet" primary-key="ip_src"/></botstream>
	OtherKind

	// Cmath warns of a function of <cmath> in an XML program that others stand for.
	//
	// Example:
	//	<botstream><statedef id="0"/><feature name="f" body="log10(2)"/>
	//	<event type="packet" primary-key="ip_src"/></botstream>
	Cmath

	// UnknownVariable warns of a "%name" in a text of an XML program that is no variable and
	// stays as it is.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="print(%ip_scr)"/>
	//	</state></event></botstream>
	UnknownVariable

	// TextEscape warns of an escape in a text of an XML program that C++ has not.
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
	Untouched:         "untouched",
	UnreachableState:  "unreachable-state",
	NoExit:            "no-exit",
	NeverTrue:         "never-true",
	AlwaysTrue:        "always-true",
	UnboundedTable:    "unbounded-table",
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
