package testkit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// RunScript runs a behaviour script on a program: packets in the notation of
// ParsePackets, and what must be true in between.
//
//	param threshold 5                    before the first packet
//	at 0s    tcp 10.0.0.1:1024 > 10.0.0.9:80 syn   x200
//	at 60s   tick                        the clock advances without a packet
//	expect   state 10.0.0.9 attack       of any entity with that key
//	expect   state 10.0.0.9 default
//	expect   alert high "SYN flood"      the next record that no expect has taken
//	expect   publish topic=rates rate=3
//	expect   nothing                     no record is left
//	expect   table last 10.0.0.9 = 3
//	expect   no table last 10.0.0.9
//	expect   drop 3                      packets so far
//	expect   count transitions 3         or events.NAME, skipped, capture, block
//
// An expect of a record names its type and then pieces that its text, as
// RecordText prints it, must contain in this order. Records must be expected in
// the order in which they were emitted, and none may be left at the end. A '#'
// begins a comment, except inside quotes.
//
// size is the largest batch.
func RunScript(t testing.TB, info *program.Info, script string, size int) {
	t.Helper()
	s := &scriptRun{t: t, info: info, size: size, params: map[string]string{}}
	for i, line := range strings.Split(script, "\n") {
		line = strings.TrimSpace(cutComment(line))
		if line == "" {
			continue
		}
		if err := s.line(line); err != nil {
			t.Errorf("script line %d: %s\n\t%v", i+1, line, err)
			return
		}
	}
	if err := s.flush(); err != nil {
		t.Error(err)
	}
	if left := s.sink.Lines[s.taken:]; len(left) > 0 {
		t.Errorf("records that the script does not expect:\n\t%s", strings.Join(left, "\n\t"))
	}
}

func cutComment(line string) string {
	isQuoted := false
	for i, c := range line {
		switch {
		case c == '"':
			isQuoted = !isQuoted
		case c == '#' && !isQuoted:
			return line[:i]
		}
	}
	return line
}

type scriptRun struct {
	t       testing.TB
	info    *program.Info
	size    int
	params  map[string]string
	inst    program.Instance // nil before the first packet
	sink    Sink
	taken   int // records that were expected
	waiting []packet.Packet
	dropped int
	capture int
}

func (s *scriptRun) line(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch verb {
	case "param":
		name, value, _ := strings.Cut(rest, " ")
		s.params[name] = strings.TrimSpace(value)
		return nil
	case "at":
		if words := strings.Fields(rest); len(words) == 2 && words[1] == "tick" {
			at, err := time.ParseDuration(words[0])
			if err != nil {
				return err
			}
			if err := s.flush(); err != nil {
				return err
			}
			s.inst.Tick(Epoch + packet.Time(at))
			return nil
		}
		frames, err := ParsePackets(line)
		for _, f := range frames {
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
	return fmt.Errorf("want param, at or expect")
}

// flush starts the program if need be and hands it the packets that wait.
func (s *scriptRun) flush() error {
	if s.inst == nil {
		for name := range s.params {
			if !slices.ContainsFunc(s.info.Manifest.Params, func(p program.ParamInfo) bool { return p.Name == name }) {
				return fmt.Errorf("param %s: the program has none of that name", name)
			}
		}
		env := &program.Env{Seed: 1, Memory: program.NewMemory(), Sink: &s.sink, Param: s.param}
		inst, err := s.info.New(env)
		if err != nil {
			return err
		}
		s.inst = inst
		inst.Activate()
	}
	Batches(s.waiting, s.size, func(b *packet.Batch) {
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
	})
	s.waiting = nil
	return nil
}

// param answers env.Param from the script, by the kind of the default.
func (s *scriptRun) param(name string) (program.Value, bool) {
	text, ok := s.params[name]
	if !ok {
		return program.Value{}, false
	}
	for _, p := range s.info.Manifest.Params {
		if p.Name != name {
			continue
		}
		v := program.Value{Kind: p.Default.Kind}
		var err error
		switch v.Kind {
		case program.KindFloat:
			v.F, err = strconv.ParseFloat(text, 64)
		case program.KindDuration:
			var d time.Duration
			d, err = time.ParseDuration(text)
			v.I = int64(d)
		case program.KindBool:
			v.I = map[string]int64{"true": 1}[text]
		default:
			v.I, err = strconv.ParseInt(text, 0, 64)
		}
		if err != nil {
			s.t.Errorf("param %s: %v", name, err)
		}
		return v, true
	}
	return program.Value{}, false
}

func (s *scriptRun) expect(what string) error {
	pieces := splitQuoted(what)
	switch pieces[0] {
	case "nothing":
		if left := s.sink.Lines[s.taken:]; len(left) > 0 {
			return fmt.Errorf("got %s", strings.Join(left, "\n\t"))
		}
		return nil
	case "alert", "log", "publish", "exec":
		return s.expectRecord(pieces)
	case "state":
		return s.expectState(strings.Join(pieces[1:len(pieces)-1], " "), pieces[len(pieces)-1])
	case "table":
		want := strings.Join(pieces[1:], " ")
		all := Tables(s.inst)
		for _, line := range all {
			if line == want {
				return nil
			}
		}
		return fmt.Errorf("tables are\n\t%s", strings.Join(all, "\n\t"))
	case "no":
		want := strings.Join(pieces[2:], " ") + " = "
		for _, line := range Tables(s.inst) {
			if strings.HasPrefix(line, want) {
				return fmt.Errorf("got %s", line)
			}
		}
		return nil
	case "drop":
		pieces = []string{"count", "drop", pieces[1]}
		fallthrough
	case "count":
		return s.expectCount(pieces[1], pieces[2])
	}
	return fmt.Errorf("cannot expect %q", pieces[0])
}

// splitQuoted splits at spaces outside of quotes.
func splitQuoted(text string) []string {
	isQuoted := false
	return strings.FieldsFunc(text, func(c rune) bool {
		if c == '"' {
			isQuoted = !isQuoted
		}
		return c == ' ' && !isQuoted
	})
}

func (s *scriptRun) expectRecord(pieces []string) error {
	if s.taken >= len(s.sink.Records) {
		return fmt.Errorf("no record is left")
	}
	got, text := s.sink.Records[s.taken], s.sink.Lines[s.taken]
	s.taken++
	if got.Type.String() != pieces[0] {
		return fmt.Errorf("got %s", text)
	}
	rest := text
	for _, p := range pieces[1:] {
		i := strings.Index(rest, p)
		if i < 0 {
			return fmt.Errorf("got %s, want %s in it", text, p)
		}
		rest = rest[i+len(p):]
	}
	return nil
}

func (s *scriptRun) expectState(key, want string) error {
	got := s.info.Manifest.States[0].Name
	s.inst.States(func(entity string, k []program.Field, state string, _ packet.Time) bool {
		if text := valuesText(k); text == key || entity+" "+text == key {
			got = state
		}
		return true
	})
	if got != want {
		return fmt.Errorf("got state %s; states are\n\t%s", got, strings.Join(States(s.inst), "\n\t"))
	}
	return nil
}

func (s *scriptRun) expectCount(name, want string) error {
	var st program.Stats
	s.inst.Stats(&st)
	got := map[string]uint64{
		"transitions": st.Transitions, "skipped": st.Skipped, "packets": st.Packets,
		"drop": uint64(s.dropped), "capture": uint64(s.capture), "block": st.Verdicts.Block,
	}
	for i, e := range s.info.Manifest.Events {
		got["events."+e.Name] = st.Events[i]
	}
	n, ok := got[name]
	if !ok {
		return fmt.Errorf("no counter %q", name)
	}
	if strconv.FormatUint(n, 10) != want {
		return fmt.Errorf("got %d", n)
	}
	return nil
}
