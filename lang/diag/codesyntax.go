package diag

// The codes of the readers: texts that no program can be made of, in .smon and in XML.
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

	endSyntax
)
