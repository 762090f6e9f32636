package ast

// Handler says what happens on some events.
//
//	on udp, tcp { get ports[host]  when ports > 5 -> p2p }
type Handler struct {
	Place
	Events []*Ident `parser:"'on' @@ ( ',' @@ )*"` // one or more
	Body   []Stmt   `parser:"'{' @@* '}'"`
}

// Stmt is a statement of a handler: [When], [Otherwise], [Always] or an
// [Action], which stands for an Always of its own.
type Stmt interface {
	Node
	stmt()
}

// Action is what a condition can cause: [OpAction], [ResetAction],
// [AssignAction], [DeleteAction], [AlertAction], [LogAction],
// [PublishAction], [DropAction], [BlockAction], [CaptureAction],
// [ExecAction], [StartAction], [StopAction].
type Action interface {
	Stmt
	action()
}

// When is a condition; the first true one of a handler wins.
//
//	when rate > 10 -> attack { drop }
type When struct {
	Place
	Cond    Expr     `parser:"'when' @@"`
	To      *Ident   `parser:"( '->' @@ )?"` // nil: stay
	Actions []Action `parser:"( '{' @@* '}' )?"`
}

// Otherwise holds when no condition of the handler did.
//
//	otherwise -> default
type Otherwise struct {
	Place
	Keyword string   `parser:"@'otherwise'"`
	To      *Ident   `parser:"( '->' @@ )?"`
	Actions []Action `parser:"( '{' @@* '}' )?"`
}

// Always runs after the conditions whatever they were.
//
//	always { last[host] = rate }
type Always struct {
	Place
	Actions []Action `parser:"'always' '{' @@* '}'"`
}

// OpAction feeds metrics ("set") or reads them ("get").
//
//	get syns[host], answers[host]
type OpAction struct {
	Place
	Verb string      `parser:"@( 'set' | 'get' )"`
	Ops  []*MetricOp `parser:"@@ ( ',' @@ )*"` // one or more
}

// MetricOp is one operation of an [OpAction].
//
//	ports[ip.dst] new (tcp.srcport, ip.dst) by 1
type MetricOp struct {
	Place
	Metric *Ident `parser:"@@"`
	Keys   []Expr `parser:"( '[' @@ ( ',' @@ )* ']' )?"`   // the flow key; empty: program-wide
	New    *Key   `parser:"( (?= 'new' '(' ) 'new' @@ )?"` // the distinct key, or nil
	By     Expr   `parser:"( 'by' @@ )?"`                  // nil: one
}

// ResetAction forgets what a metric holds under a key, or all of a metric or
// table.
//
//	reset syns[host]
type ResetAction struct {
	Place
	Metric *Ident `parser:"'reset' @@"`
	Keys   []Expr `parser:"( '[' @@ ( ',' @@ )* ']' )?"`
}

// AssignAction writes a table.
//
//	last[server] = rate
type AssignAction struct {
	Place
	Table *Ident `parser:"(?= Ident '[' ) @@"`
	Keys  []Expr `parser:"'[' @@ ( ',' @@ )* ']'"`
	Value Expr   `parser:"'=' @@"`
}

// DeleteAction removes a table entry.
//
//	delete last[server]
type DeleteAction struct {
	Place
	Table *Ident `parser:"'delete' @@"`
	Keys  []Expr `parser:"'[' @@ ( ',' @@ )* ']'"`
}

// AlertAction reports to the operator.
//
//	alert high "{host} scans"
type AlertAction struct {
	Place
	Keyword string     `parser:"@'alert'"`
	Level   *Ident     `parser:"@@?"` // nil: medium
	Text    *StringLit `parser:"@@"`
}

// LogAction writes a line that is not an alert.
//
//	log "{host} is back"
type LogAction struct {
	Place
	Text *StringLit `parser:"'log' @@"`
}

// PublishAction sends named values, or a text, to the subscribers of a topic.
//
//	publish rates {host: host, rate: rate}
//	publish news "{host} is back"
type PublishAction struct {
	Place
	Topic  *Name      `parser:"'publish' @@"`
	Text   *StringLit `parser:"( @@"` // nil: Fields
	Fields []*Arg     `parser:"| '{' ( @@ ( (?! ',' '}' ) ',' @@ )* ','? )? '}' )"`
}

// DropAction asks for the packet to be dropped.
//
//	drop
type DropAction struct {
	Place
	Keyword string `parser:"@'drop'"`
}

// BlockAction asks for packets with the same field value to be dropped.
//
//	block ip.src for 10m
type BlockAction struct {
	Place
	Field Expr `parser:"'block' @@"`
	For   Expr `parser:"'for' @@"`
}

// CaptureAction keeps the packet as evidence.
//
//	capture
type CaptureAction struct {
	Place
	Keyword string `parser:"@'capture'"`
}

// ExecAction asks the probe to run a command: its program, and the arguments as they
// are, without a shell.
//
//	exec "nft" "add element inet filter bad {{ {ip.src} }}"
type ExecAction struct {
	Place
	Keyword string       `parser:"@'exec'"`
	Args    []*StringLit `parser:"@@*"` // the checker wants one or more
}

// StartAction arms a timeout event; exactly one of After and Every is set. With
// Keep, a timer that runs keeps the packet fields that it was armed with.
//
//	start check after period
type StartAction struct {
	Place
	Event *Ident `parser:"'start' @@"`
	After Expr   `parser:"( 'after' @@"`
	Every Expr   `parser:"| 'every' @@ )"`
	Keep  bool   `parser:"@'keep'?"`
}

// StopAction disarms a timeout event.
//
//	stop check
type StopAction struct {
	Place
	Event *Ident `parser:"'stop' @@"`
}

func (*When) stmt()          {}
func (*Otherwise) stmt()     {}
func (*Always) stmt()        {}
func (*OpAction) stmt()      {}
func (*ResetAction) stmt()   {}
func (*AssignAction) stmt()  {}
func (*DeleteAction) stmt()  {}
func (*AlertAction) stmt()   {}
func (*LogAction) stmt()     {}
func (*PublishAction) stmt() {}
func (*DropAction) stmt()    {}
func (*BlockAction) stmt()   {}
func (*CaptureAction) stmt() {}
func (*ExecAction) stmt()    {}
func (*StartAction) stmt()   {}
func (*StopAction) stmt()    {}

func (*OpAction) action()      {}
func (*ResetAction) action()   {}
func (*AssignAction) action()  {}
func (*DeleteAction) action()  {}
func (*AlertAction) action()   {}
func (*LogAction) action()     {}
func (*PublishAction) action() {}
func (*DropAction) action()    {}
func (*BlockAction) action()   {}
func (*CaptureAction) action() {}
func (*ExecAction) action()    {}
func (*StartAction) action()   {}
func (*StopAction) action()    {}
