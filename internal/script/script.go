// Package script runs behaviour scripts: packets in the short notation or a capture,
// and what must be true in between. A script runs on any engine, since all it needs is
// a program.Info. The tests beside a program (smcc test) and those of the compiler are
// made of them.
//
//	param threshold = 5                  before the first packet
//	list bad = bad.txt                   the content of a list
//	capture trace.pcap                   instead of, and before, other packets
//	at 0s    tcp 10.0.0.1:1024 > 10.0.0.9:80 syn   x200
//	at 60s   tick                        the clock advances without a packet
//	expect   state 10.0.0.9 attack       of any entity with that key
//	expect   state server 10.0.0.9 attack
//	expect   value rate 10.0.0.9 = 200 within 1
//	expect   alert high "SYN flood"      the next record that no expect has taken
//	expect   alert at 60s within 1s high "SYN flood"
//	expect   publish topic=rates rate=3
//	expect   nothing                     no record is left
//	expect   table last 10.0.0.9 = 3
//	expect   no table last 10.0.0.9
//	expect   drop 3                      packets so far
//	expect   count transitions 3         or events.NAME, skipped, packets, capture, block
//
// An expect of a record names its type and then pieces that its text, as [RecordText]
// prints it, must contain in this order; "…text…" is a part of a message. Records must be expected in the order in which
// they were emitted, and none may be left at the end. A '#' begins a comment, except
// inside quotes. Times count from the whole hour notation.Epoch, with a capture from
// its first packet.
package script

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/notation"
	"github.com/streamon/streamon/runtime/list"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Options say what a script runs on.
type Options struct {
	Info *program.Info
	Size int // largest batch; 0 = packet.BatchSize
	// Open opens a capture, Read reads a file for a list; nil = there are none.
	Open func(name string) (capture.Source, error)
	Read func(name string) ([]byte, error)
	// Value reads a value of an entity by its name and the entity's key; nil = the
	// engine cannot tell.
	Value func(name, key string) (float64, error)
}

// Result is what came of a script.
type Result struct {
	Failures []Failure
	// Mended is the script with what is instead of what it expects: a failed expect
	// says what was found, and records that it leaves are expected at its end.
	Mended string
}

// Failure is one line that did not hold.
type Failure struct {
	Line int // 1-based; of the last line + 1 at the end of the script
	Text string
	Why  string
}

func (f Failure) String() string {
	why := strings.ReplaceAll(f.Why, "\n", "\n\t")
	if f.Text == "" {
		return why
	}
	return f.Text + "\n\t" + why
}

// A mismatch is an expectation that does not hold; mend is what would, or "".
type mismatch struct{ why, mend string }

func (m *mismatch) Error() string { return m.why }

// Run runs text. A line that cannot be read, or packets that cannot, end it.
func Run(text string, opt Options) *Result {
	s := &run{opt: opt, params: map[string]program.Value{}, lists: map[string]*list.List{}, base: notation.Epoch}
	s.sink.base = s.base
	if s.opt.Size == 0 {
		s.opt.Size = packet.BatchSize
	}
	res := &Result{}
	fail := func(line int, text string, err error) {
		res.Failures = append(res.Failures, Failure{line, text, err.Error()})
	}
	lines := strings.SplitAfter(text, "\n")
	var mended strings.Builder
	last := 0
	for i, whole := range lines {
		line := strings.TrimSpace(cutComment(whole))
		var err error
		if line != "" {
			last = i + 1
			err = s.line(line)
		}
		var m *mismatch
		switch {
		case err == nil:
			mended.WriteString(whole)
			continue
		case errors.As(err, &m) && m.mend != "":
			mended.WriteString(inPlaceOf(whole, m.mend))
		default:
			mended.WriteString(whole)
		}
		fail(i+1, line, err)
		if m == nil {
			mended.WriteString(strings.Join(lines[i+1:], ""))
			res.Mended = mended.String()
			return res
		}
	}
	res.Mended = mended.String()
	if err := s.flush(); err != nil {
		fail(last+1, "", err)
	} else if left := s.left(); len(left) > 0 {
		fail(last+1, "", fmt.Errorf("records that the script does not expect:\n%s", strings.Join(s.sink.Lines[s.taken:], "\n")))
		res.Mended = strings.TrimRight(res.Mended, "\n") + "\n" + strings.Join(left, "\n") + "\n"
	}
	return res
}

// inPlaceOf returns mend, lines that begin with "expect ", as whole has it: with its
// spaces before and behind the word, and its comment.
func inPlaceOf(whole, mend string) string {
	line := cutComment(whole)
	words := strings.Index(line, "expect") + len("expect")
	begin := line[:words+len(line[words:])-len(strings.TrimLeft(line[words:], " \t"))]
	comment := strings.TrimRight(whole[len(strings.TrimRight(line, " \t\n")):], "\n")
	var b strings.Builder
	for new := range strings.Lines(mend) {
		b.WriteString(begin + strings.TrimPrefix(strings.TrimRight(new, "\n"), "expect ") + comment + "\n")
		comment = ""
	}
	return b.String()
}

func cutComment(line string) string {
	isQuoted := false
	for i, c := range line {
		switch {
		case c == '"' && (i == 0 || line[i-1] != '\\'):
			isQuoted = !isQuoted
		case c == '#' && !isQuoted:
			return line[:i]
		}
	}
	return line
}

// run is a script under way.
type run struct {
	opt     Options
	params  map[string]program.Value
	lists   map[string]*list.List
	base    packet.Time      // that times count from
	inst    program.Instance // nil before the first packet
	sink    Sink
	taken   int // records that were expected
	waiting []packet.Packet
	dropped int
	capture int
}

func (s *run) line(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch verb {
	case "param", "list":
		name, value, ok := strings.Cut(rest, "=")
		if !ok {
			name, value, _ = strings.Cut(rest, " ")
		}
		if s.inst != nil || s.waiting != nil {
			return fmt.Errorf("want %s before the first packet", verb)
		}
		if verb == "list" {
			return s.list(strings.TrimSpace(name), strings.TrimSpace(value))
		}
		return s.param(strings.TrimSpace(name), strings.TrimSpace(value))
	case "capture":
		return s.replay(rest)
	case "at":
		if words := strings.Fields(rest); len(words) == 2 && words[1] == "tick" {
			at, err := time.ParseDuration(words[0])
			if err == nil {
				err = s.flush()
			}
			if err != nil {
				return err
			}
			s.inst.Tick(s.base + packet.Time(at))
			return nil
		}
		frames, err := notation.Parse(line)
		for _, f := range frames {
			f.Time += s.base - notation.Epoch
			s.waiting = append(s.waiting, packet.Packet{})
			f.Decode(&s.waiting[len(s.waiting)-1])
		}
		return err
	case "expect":
		if err := s.flush(); err != nil {
			return err
		}
		return s.expect(rest)
	}
	return fmt.Errorf("want param, list, capture, at or expect")
}

// flush starts the program if need be and hands it the packets that wait.
func (s *run) flush() error {
	if err := s.start(); err != nil {
		return err
	}
	slices.SortStableFunc(s.waiting, func(a, b packet.Packet) int { return cmp.Compare(a.Time, b.Time) })
	Batches(s.waiting, s.opt.Size, s.process)
	s.waiting = nil
	return nil
}

func (s *run) process(b *packet.Batch) {
	var v program.Verdicts
	s.inst.Process(b, &v)
	for _, bits := range v.Of[:b.N] {
		if bits&program.Drop != 0 {
			s.dropped++
		}
		if bits&program.Capture != 0 {
			s.capture++
		}
	}
}

// replay hands the program the packets of a capture.
func (s *run) replay(name string) error {
	if s.opt.Open == nil {
		return errors.New("there are no captures here")
	}
	if s.inst != nil || s.waiting != nil {
		return errors.New("want one capture, before all other packets")
	}
	if err := s.start(); err != nil {
		return err
	}
	src, err := s.opt.Open(name)
	if err != nil {
		return err
	}
	defer src.Close()
	dec := packet.Decoder{App: packet.AppLayers}
	in := capture.NewBatcher(src, &dec)
	b := new(packet.Batch)
	for isFirst := true; ; isFirst = false {
		err := in.Next(b)
		if err == nil && b.N > 0 {
			if isFirst {
				s.base = b.Packets[0].Time
				s.sink.base = s.base
			}
			s.process(b)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Batches cuts packets into batches of at most size packets, as a source would,
// and calls f for each.
func Batches(packets []packet.Packet, size int, f func(*packet.Batch)) {
	b := new(packet.Batch)
	for len(packets) > 0 {
		b.N = copy(b.Packets[:min(size, packet.BatchSize)], packets)
		packets = packets[b.N:]
		b.Plain = packet.Plain{}
		for i := range b.N {
			b.Plain.Take(&b.Packets[i], i)
		}
		f(b)
	}
}
