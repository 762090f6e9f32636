package diag

// Code says which rule a diagnostic is about. The constants stand in one file for each
// theme, code….go, and go on there where the file before ended: what the readers refuse,
// names, types, the state machine, warnings, warnings about XML. The comment above each
// tells when it occurs; after "Fix:" what to do about it; and after "Example:" the
// shortest program that provokes it. [Code.Doc], [Code.Fix] and [Code.Example]
// return these texts.
type Code int

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
