package sink

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/program"
)

// Spec is the text of a sink, understood:
//
//	KIND:TARGET[?OPTION=VALUE[&OPTION=VALUE]…]
//
// The options of a webhook follow "#" instead of "?", since what follows "?" in a URL
// is the receiver's. doc/sinks.md lists kinds and options.
type Spec struct {
	Text string // as written; may hold secrets
	Kind string
	Name string // for messages and counts, without what may be secret

	format     string
	types      []string // of records that are wanted; empty = all
	programs   []string
	level      program.Level // the least that is wanted, of alerts
	queue      int
	memory     int64
	full       policy
	fullSet    bool
	drain      time.Duration
	batch      int
	batchBytes int64
	linger     time.Duration
	keyed      bool // the carrier wants items with keys

	open   func(opt *Options) (carrier, error)
	direct func() (direct, error)
}

// direct is a sink with queues of its own.
type direct interface {
	export.Writer
	io.Closer
	counts(name string) Counts
}

// kinds read the target and the options of their own. They open nothing, and set the
// defaults of what the common options may change.
var kinds = map[string]func(s *Spec, target string, o *options){
	"file":    parseFile,
	"stdout":  parseStdout,
	"syslog":  parseSyslog,
	"webhook": parseWebhook,
	"kafka":   parseKafka,
	"zmq":     parseZMQ,
}

// maxBatch bounds the records of one delivery.
const maxBatch = 100_000

// Hint shows how a sink is written.
const Hint = "for instance --sink file:/var/log/alerts.jsonl?rotate=100MB&keep=5 or --sink syslog:tcp://host:601; see doc/sinks.md"

// Error says what is wrong with the text of a sink.
type Error struct {
	Sink   string // without what may be secret
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("sink %q: %s", e.Sink, e.Reason) }

// Parse reads the text of a sink. It opens nothing, but for the files with secrets and
// certificates that the text names. Errors are *Error, one for each thing that is
// wrong, joined.
func Parse(text string) (*Spec, error) { return ParseOptions(text, nil) }

// ParseOptions is Parse with options beside the text, those of a configuration file;
// the text may have some as well.
func ParseOptions(text string, more map[string]string) (*Spec, error) {
	kind, rest, _ := strings.Cut(text, ":")
	mark := "?"
	if kind == "webhook" {
		mark = "#"
	}
	target, query, _ := strings.Cut(rest, mark)
	o, err := readOptions(query)
	if err != nil {
		return nil, &Error{kind + ":…", err.Error()}
	}
	for _, name := range slices.Sorted(maps.Keys(more)) {
		text += fmt.Sprintf(" %s=%q", name, more[name]) // another text if an option differs
		o.values[name] = more[name]
	}
	return parse(text, kind, target, o)
}

func parse(text, kind, target string, o *options) (*Spec, error) {
	s := newSpec(text, kind, target)
	read, ok := kinds[kind]
	if !ok {
		return nil, &Error{kind, "unknown kind; there are " + strings.Join(slices.Sorted(maps.Keys(kinds)), ", ")}
	}
	read(s, target, o)
	s.common(o)
	o.rest()
	if len(o.errs) == 0 {
		return s, nil
	}
	var errs []error
	for _, reason := range o.errs {
		errs = append(errs, &Error{s.Name, reason})
	}
	return nil, errors.Join(errs...)
}

// newSpec returns a sink with the defaults of all kinds.
func newSpec(text, kind, target string) *Spec {
	return &Spec{
		Text: text, Kind: kind, Name: kind + ":" + target,
		format: "json", queue: 10000, memory: 32 << 20, drain: 5 * time.Second, batch: 500, batchBytes: 1 << 20,
	}
}

// common reads the options that all sinks have.
func (s *Spec) common(o *options) {
	if s.direct == nil {
		s.format = o.choice("format", s.format, "json", "text", "ecs")
		s.queue = o.count("queue", s.queue, 1, 10_000_000)
		s.memory = o.size("memory", s.memory, 1)
		s.fullSet = o.has("full")
		s.full = policy(slices.Index(policies, o.choice("full", policies[s.full], policies...)))
		s.drain = o.duration("drain", s.drain)
		s.batch = o.count("batch", s.batch, 1, maxBatch)
		s.linger = o.duration("linger", s.linger)
		s.batch, s.batchBytes = min(s.batch, s.queue), min(s.batchBytes, s.memory) // more are never there
	}
	s.types = o.list("type", "alert", "publish", "log", "exec")
	s.programs = o.list("program")
	var levels []string
	for l := program.LevelInfo; l <= program.LevelCritical; l++ {
		levels = append(levels, l.String())
	}
	s.level = program.Level(slices.Index(levels, o.choice("level", levels[0], levels...)))
}

// wants reports whether a record is for the sink.
func (s *Spec) wants(o *export.Origin, r *program.Record) bool {
	switch {
	case len(s.types) > 0 && !slices.Contains(s.types, r.Type.String()),
		len(s.programs) > 0 && !slices.Contains(s.programs, o.Name()),
		r.Type == program.AlertRecord && r.Level < s.level:
		return false
	}
	return true
}
