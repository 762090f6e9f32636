package program

import "github.com/streamon/streamon/runtime/packet"

// RecordType is what a record reports.
type RecordType uint8

const (
	Alert   RecordType = iota // alert LEVEL "…"
	Publish                   // publish TOPIC {…}
	Log                       // log "…", and block, which is logged until enforcement is enabled
)

var recordTypes = [...]string{Alert: "alert", Publish: "publish", Log: "log"}

// String returns the word used in output.
func (t RecordType) String() string { return recordTypes[t] }

// Level is the severity of an alert.
type Level uint8

const (
	Info Level = iota
	Low
	Medium
	High
	Critical
)

var levels = [...]string{Info: "info", Low: "low", Medium: "medium", High: "high", Critical: "critical"}

// String returns the word used in programs and output.
func (l Level) String() string { return levels[l] }

// Record is one alert, message or log entry. Generated code reuses one Record:
// whoever receives it copies what it keeps.
type Record struct {
	Type     RecordType
	Time     packet.Time // packet time
	Event    string
	Entity   []Field // key fields by name; empty for program-wide events
	From, To string  // states before and after; empty for program-wide events
	Level    Level   // alerts
	Code     string  // alerts: code of the state that raised it, if declared
	Message  []byte  // alerts and logs
	Features []Field // alerts: features and tables that the condition read
	Topic    string  // publish
	Fields   []Field // publish; block: "block" and "for"
}

// Field is a named value.
type Field struct {
	Name  string
	Value Value
}

// Kind is the kind of a Value.
type Kind uint8

const (
	Undefined Kind = iota // no value; null in JSON
	Bool                  // I is 0 or 1
	Int                   // I
	Float                 // F
	Duration              // I, nanoseconds
	TimeStamp             // I, nanoseconds since the epoch
	IP                    // B
	MAC                   // B[:6]
	String                // S
	Entries               // L: key and value alternate (top-k lists)
)

// Value is one scalar of a program, or a top-k list. Values are passed by value
// and hold no pointer except S and L, which alias the sender's memory.
type Value struct {
	Kind Kind
	I    int64
	F    float64
	B    [16]byte
	S    []byte
	L    []Field // Entries: Name is the printed key
}
