package ast

// Decl is a top-level declaration: [ParamDecl], [ListDecl], [EntityDecl],
// [MetricDecl], [TableDecl], [FeatureDecl], [EventDecl], [InDecl],
// [StateDecl], or a top-level [Handler], which means the same as one inside
// "in any".
type Decl interface {
	Node
	decl()
}

// ProgramDecl is the header.
//
//	program ddos "SYN floods" match first
type ProgramDecl struct {
	Place
	Name  *Ident     `parser:"'program' @@"`
	Doc   *StringLit `parser:"@@?"`                               // or nil
	Match string     `parser:"( 'match' @( 'first' | 'all' ) )?"` // "first", "all" or "" (all)
}

// ParamDecl is a value that can be set when the program is loaded.
//
//	param period = 60s
type ParamDecl struct {
	Place
	Name  *Ident `parser:"'param' @@"`
	Value Expr   `parser:"'=' @@"`
}

// ListDecl is a named set; exactly one of Set and File is not nil.
//
//	list well_known = {20..25, 53}
//	list bad = file("bad.txt")
type ListDecl struct {
	Place
	Name *Ident   `parser:"'list' @@ '='"`
	Set  *SetLit  `parser:"( @@"`
	File *FileRef `parser:"| @@ )"`
}

// FileRef names the file that holds a list.
//
//	file("bad.txt")
type FileRef struct {
	Place
	Path *StringLit `parser:"'file' '(' @@ ')'"`
}

// TypeName is the name of a type, or of an entity where a key is declared.
type TypeName struct {
	Place
	Name string `parser:"@Ident"`
}

// Arg is a named value.
//
//	window: 60s
type Arg struct {
	Place
	Name  *Ident `parser:"@@"`
	Value Expr   `parser:"':' @@"`
}

// EntityDecl is what a state machine is kept for.
//
//	entity host: ip (capacity: 100000, full: evict)
//	entity pair: (src: ip, dst: ip)
//	entity flow: ip, ip
type EntityDecl struct {
	Place
	Name    *Ident         `parser:"'entity' @@ ':'"`
	Fields  []*EntityField `parser:"( '(' @@ ( ',' @@ )* ')' | @@ ( ',' @@ )* )"` // one or more
	Options []*Arg         `parser:"( '(' @@ ( (?! ',' ')' ) ',' @@ )* ','? ')' )?"`
}

// EntityField is one typed part of an entity.
//
//	src: ip
type EntityField struct {
	Place
	Name *Ident    `parser:"( (?= Ident ':' ) @@ ':' )?"` // nil when unnamed
	Type *TypeName `parser:"@@"`
}

// MetricDecl is a metric: a variation detector, a monitor, or both.
//
//	metric ports { distinct bloom(window: 10m)  count cbf(window: 10m) }
type MetricDecl struct {
	Place
	Name  *Ident        `parser:"'metric' @@"`
	Parts []*MetricPart `parser:"'{' @@* '}'"` // in source order, may repeat a role by mistake
}

// Distinct returns the first detector, or nil.
func (m *MetricDecl) Distinct() *MetricPart { return m.part("distinct") }

// Count returns the first monitor, or nil.
func (m *MetricDecl) Count() *MetricPart { return m.part("count") }

func (m *MetricDecl) part(role string) *MetricPart {
	for _, p := range m.Parts {
		if p.Role == role {
			return p
		}
	}
	return nil
}

// MetricPart is one structure of a metric.
//
//	count tbf(window: 60s)
type MetricPart struct {
	Place
	Role string `parser:"@( 'distinct' | 'count' )"`
	Kind *Ident `parser:"@@"`
	Args []*Arg `parser:"( '(' ( @@ ( (?! ',' ')' ) ',' @@ )* ','? )? ')' )?"`
}

// TableDecl maps a key to one scalar.
//
//	table last[server]: float (capacity: 1000)
type TableDecl struct {
	Place
	Name    *Ident      `parser:"'table' @@"`
	Keys    []*TypeName `parser:"'[' @@ ( ',' @@ )* ']'"` // entities or types
	Type    *TypeName   `parser:"':' @@"`
	Options []*Arg      `parser:"( '(' @@ ( (?! ',' ')' ) ',' @@ )* ','? ')' )?"`
}

// FeatureDecl names an expression over metrics, tables and fields.
//
//	feature ratio = failures / queries
type FeatureDecl struct {
	Place
	Name  *Ident `parser:"'feature' @@"`
	Value Expr   `parser:"'=' @@"`
}

// EventDecl names an event.
//
//	event syn: packet where tcp.flags == SYN for host = ip.src
type EventDecl struct {
	Place
	Name    *Ident  `parser:"'event' @@ ':'"`
	Trigger Trigger `parser:"@@"`
}

// Trigger is what makes an event happen: [PacketTrigger], [TimeoutTrigger] or
// [EveryTrigger].
type Trigger interface {
	Node
	trigger()
}

// PacketTrigger matches packets.
//
//	packet where tcp for host = ip.src
type PacketTrigger struct {
	Place
	Where Expr     `parser:"'packet' ( 'where' @@ )?"` // nil: every packet
	For   *Binding `parser:"@@?"`                      // nil: program-wide
}

// Binding says where in the packet the entity stands.
//
//	for pair = (ip.src, ip.dst)
type Binding struct {
	Place
	Entity *Ident `parser:"'for' @@"`
	Key    *Key   `parser:"'=' @@"`
}

// Key is one value or several in parentheses.
//
//	(ip.src, tcp.dstport)
type Key struct {
	Place
	Parts []Expr `parser:"'(' @@ ( ',' @@ )* ')' | @@"` // one or more
}

// TimeoutTrigger is a timer that actions start for one entity.
//
//	timeout for host
type TimeoutTrigger struct {
	Place
	Entity *Ident `parser:"'timeout' 'for' @@"`
}

// EveryTrigger is the program's own clock.
//
//	every 10s
type EveryTrigger struct {
	Place
	Period Expr `parser:"'every' @@"`
}

// InDecl holds handlers for some states or for all.
//
//	in default, monitored { on syn { … } }
type InDecl struct {
	Place
	Any      bool       `parser:"'in' ( (?= 'any' '{' ) @'any'"` // true: States is empty
	States   []*Ident   `parser:"| @@ ( ',' @@ )* )"`
	Handlers []*Handler `parser:"'{' @@* '}'"`
}

// StateDecl is a state and the handlers in it.
//
//	state infected for 1h then default level high code "C1" "sends spam" {}
//	state quiet for 5m lazy then default {}
type StateDecl struct {
	Place
	Name     *Ident     `parser:"'state' @@"`
	For      Expr       `parser:"( 'for' @@"` // nil: stays until a transition
	Lazy     bool       `parser:"@'lazy'?"`   // For is looked at with the next event
	Then     *Ident     `parser:"'then' @@ )?"`
	Level    *Ident     `parser:"( 'level' @@ )?"`
	Code     *StringLit `parser:"( 'code' @@ )?"`
	Doc      *StringLit `parser:"@@?"`
	Handlers []*Handler `parser:"'{' @@* '}'"`
}

func (*ParamDecl) decl()   {}
func (*ListDecl) decl()    {}
func (*EntityDecl) decl()  {}
func (*MetricDecl) decl()  {}
func (*TableDecl) decl()   {}
func (*FeatureDecl) decl() {}
func (*EventDecl) decl()   {}
func (*InDecl) decl()      {}
func (*StateDecl) decl()   {}
func (*Handler) decl()     {}

func (*PacketTrigger) trigger()  {}
func (*TimeoutTrigger) trigger() {}
func (*EveryTrigger) trigger()   {}
