package program

import "github.com/streamon/streamon/runtime/packet"

// RecordType is what a record reports.
type RecordType uint8

const (
	AlertRecord   RecordType = iota // alert LEVEL "…"
	PublishRecord                   // publish TOPIC {…}
	LogRecord                       // log "…", and block, which is logged until enforcement is enabled
	ExecRecord                      // exec "…" "…": a command, which the host runs by leave of its operator only
)

var recordTypes = [...]string{AlertRecord: "alert", PublishRecord: "publish", LogRecord: "log", ExecRecord: "exec"}

// String returns the word used in output.
func (t RecordType) String() string { return recordTypes[t] }

// Level is the severity of an alert.
type Level uint8

const (
	LevelInfo Level = iota
	LevelLow
	LevelMedium
	LevelHigh
	LevelCritical
)

var levels = [...]string{LevelInfo: "info", LevelLow: "low", LevelMedium: "medium", LevelHigh: "high", LevelCritical: "critical"}

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
	Message  []byte  // alerts and logs; exec: the arguments, without anything between them
	Features []Field // alerts: features and tables that the condition read
	Path     []Step  // alerts: states that the entity went through, oldest first, the last one is From; nil if that is not known
	Topic    string  // publish
	Fields   []Field // publish; block: "block" and "for", and Message is "block FIELD VALUE for TIME"
	Args     []Arg   // exec, at least one

	// Of exec, and set by the host before it writes the record.
	Runs   bool   // the command was taken on
	Reason string // why it was not

	// Of alerts, and set by the host: how many like it were held back since the last one.
	Suppressed uint64

	// Of a program in shards only, so that the host can bring the records of a batch
	// into the order of one shard: by Packet, timers that are due before it first, those
	// by Time and then as Before has it, and then by Rank.
	Packet int // index in the batch; -1-n: a timer or an expiry, at Time, that fired when the shard was done with its items of packets below n
	Rank   int // number of the event
	Armed  ArmedOrder
}

// ArmedOrder decides between timers that fire at one time: it is the order in which they
// were armed, the same in every shard. See timer.Agenda.Fired.
type ArmedOrder struct {
	Seq   uint64
	Since int64
}

// Before reports whether a comes before b.
func (a ArmedOrder) Before(b ArmedOrder) bool {
	switch {
	case a.Seq>>32 != b.Seq>>32:
		return a.Seq < b.Seq
	case a.Since != b.Since:
		return a.Since < b.Since
	}
	return a.Seq < b.Seq
}

// Field is a named value.
type Field struct {
	Name  string
	Value Value
}

// Kind is the kind of a Value.
type Kind uint8

const (
	KindUndefined Kind = iota // no value; null in JSON
	KindBool                  // I is 0 or 1
	KindInt                   // I
	KindFloat                 // F
	KindDuration              // I, nanoseconds
	KindTime                  // I, nanoseconds since the epoch
	KindIP                    // B
	KindMAC                   // B[:6]
	KindString                // S
	KindEntries               // L: a top-k list, largest first
)

// Value is one scalar of a program, or a top-k list. Values are passed by value
// and hold no pointer except S and L, which alias the sender's memory.
type Value struct {
	Kind Kind
	I    int64
	F    float64
	B    [16]byte
	S    []byte
	L    []Field // Entries: Name is the printed key, which aliases the sender's memory too
}
