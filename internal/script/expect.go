package script

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// expect checks what follows the word. A *mismatch does not end the script.
func (s *run) expect(what string) error {
	pieces := splitQuoted(what)
	if len(pieces) == 0 {
		return fmt.Errorf("want what is expected")
	}
	need := map[string]int{"state": 3, "value": 5, "table": 4, "no": 3, "drop": 2, "count": 3}[pieces[0]]
	if len(pieces) < need {
		return fmt.Errorf("want more words behind %s", pieces[0])
	}
	switch pieces[0] {
	case "nothing":
		if left := s.left(); len(left) > 0 {
			lines := s.sink.Lines[s.taken:]
			s.taken = len(s.sink.Lines)
			return &mismatch{"got " + strings.Join(lines, "\n"), strings.Join(left, "\n")}
		}
		return nil
	case "alert", "log", "publish", "exec":
		return s.expectRecord(pieces)
	case "state":
		return s.expectState(strings.Join(pieces[1:len(pieces)-1], " "), pieces[len(pieces)-1])
	case "value":
		return s.expectValue(pieces[1:])
	case "table":
		return s.expectTable(strings.Join(pieces[1:], " "))
	case "no":
		want := strings.Join(pieces[2:], " ") + " = "
		for _, line := range Tables(s.inst) {
			if strings.HasPrefix(line, want) {
				return &mismatch{"got " + line, "expect table " + line}
			}
		}
		return nil
	case "drop":
		return s.expectCount("drop", pieces[1], "expect drop ")
	case "count":
		return s.expectCount(pieces[1], pieces[2], "expect count "+pieces[1]+" ")
	}
	return fmt.Errorf("cannot expect %q", pieces[0])
}

// splitQuoted splits at spaces outside of quotes.
func splitQuoted(text string) []string {
	isQuoted := false
	before := rune(0)
	return strings.FieldsFunc(text, func(c rune) bool {
		if c == '"' && before != '\\' {
			isQuoted = !isQuoted
		}
		before = c
		return c == ' ' && !isQuoted
	})
}

// left returns lines that expect the records that no expect has taken.
func (s *run) left() []string {
	var out []string
	for i := s.taken; i < len(s.sink.Records); i++ {
		out = append(out, s.wanting(i))
	}
	return out
}

// wanting returns a line that expects record i.
func (s *run) wanting(i int) string {
	r := &s.sink.Records[i]
	_, text, _ := strings.Cut(s.sink.Lines[i], " ") // without the time
	typ, rest, _ := strings.Cut(text, " ")
	if len(r.Features) > 0 { // the message says what matters
		rest = strings.TrimSuffix(rest, " "+FieldsText(r.Features))
	}
	return fmt.Sprintf("expect %s at %v %s", typ, time.Duration(r.Time-s.base), rest)
}

func (s *run) expectRecord(pieces []string) error {
	if s.taken >= len(s.sink.Records) {
		return &mismatch{"no record is left", "expect nothing"}
	}
	i := s.taken
	got, text := s.sink.Records[i], s.sink.Lines[i]
	s.taken++
	typ, pieces := pieces[0], pieces[1:]
	if got.Type.String() != typ {
		return &mismatch{"got " + text, s.wanting(i)}
	}
	if len(pieces) >= 2 && pieces[0] == "at" {
		if pieces[1] == "?" {
			return &mismatch{"got " + text, s.wanting(i)}
		}
		at, err := time.ParseDuration(pieces[1])
		if err != nil {
			return err
		}
		pieces = pieces[2:]
		var within time.Duration
		if len(pieces) >= 2 && pieces[0] == "within" {
			if within, err = time.ParseDuration(pieces[1]); err != nil {
				return err
			}
			pieces = pieces[2:]
		}
		if off := time.Duration(got.Time-s.base) - at; off.Abs() > within {
			return &mismatch{fmt.Sprintf("got it at %v: %s", time.Duration(got.Time-s.base), text), s.wanting(i)}
		}
	}
	rest := text
	for _, p := range pieces {
		if inner, ok := strings.CutPrefix(p, `"…`); ok {
			p = inner
		}
		if inner, ok := strings.CutSuffix(p, `…"`); ok {
			p = inner
		}
		at := strings.Index(rest, p)
		if at < 0 {
			return &mismatch{fmt.Sprintf("got %s, want %s in it", text, p), s.wanting(i)}
		}
		rest = rest[at+len(p):]
	}
	return nil
}

func (s *run) expectState(key, want string) error {
	got := s.opt.Info.Manifest.States[0].Name
	s.inst.States(func(entity string, k []program.Field, state string, _ packet.Time) bool {
		if text := valuesText(k); text == key || entity+" "+text == key {
			got = state
		}
		return true
	})
	if got != want {
		where := "none is in another state"
		if all := states(s.inst, s.base); len(all) > 0 {
			where = "states are\n" + strings.Join(all, "\n")
		}
		return &mismatch{fmt.Sprintf("got state %s; %s", got, where), fmt.Sprintf("expect state %s %s", key, got)}
	}
	return nil
}

// expectValue reads: NAME KEY = NUMBER [within NUMBER].
func (s *run) expectValue(words []string) error {
	if s.opt.Value == nil {
		return fmt.Errorf("values are not known here")
	}
	eq := len(words) - 2
	within := 0.0
	if len(words) >= 6 && words[len(words)-2] == "within" {
		var err error
		if within, err = strconv.ParseFloat(words[len(words)-1], 64); err != nil {
			return err
		}
		eq -= 2
	}
	if eq < 2 || words[eq] != "=" {
		return fmt.Errorf("want value NAME KEY = NUMBER")
	}
	name, key := words[0], strings.Join(words[1:eq], ",")
	got, err := s.opt.Value(name, key)
	if err != nil {
		return err
	}
	text := strconv.FormatFloat(got, 'g', 6, 64)
	if math.IsNaN(got) {
		text = "undefined"
	}
	m := &mismatch{"got " + text, strings.Join(append([]string{"expect value", name}, append(append(append([]string{}, words[1:eq]...), "=", text), words[eq+2:]...)...), " ")}
	if words[eq+1] == "undefined" || words[eq+1] == "?" {
		if words[eq+1] == text {
			return nil
		}
		return m
	}
	want, err := strconv.ParseFloat(words[eq+1], 64)
	if err != nil {
		return err
	}
	// Six digits are what -update writes.
	if off := math.Abs(got - want); off <= within || off <= 5e-6*math.Abs(want) {
		return nil
	}
	return m
}

func (s *run) expectTable(want string) error {
	all := Tables(s.inst)
	mend := ""
	key, _, _ := strings.Cut(want, " = ")
	for _, line := range all {
		if line == want {
			return nil
		}
		if strings.HasPrefix(line, key+" = ") {
			mend = "expect table " + line
		}
	}
	if mend == "" {
		mend = "expect no table " + key
	}
	return &mismatch{"tables are\n" + strings.Join(all, "\n"), mend}
}

func (s *run) expectCount(name, want, begin string) error {
	var st program.Stats
	s.inst.Stats(&st)
	got := map[string]uint64{
		"transitions": st.Transitions, "skipped": st.Skipped, "packets": st.Packets,
		"drop": uint64(s.dropped), "capture": uint64(s.capture), "block": st.Verdicts.Block,
	}
	for i, e := range s.opt.Info.Manifest.Events {
		got["events."+e.Name] = st.Events[i]
	}
	n, ok := got[name]
	if !ok {
		return fmt.Errorf("no counter %q", name)
	}
	if text := strconv.FormatUint(n, 10); text != want {
		return &mismatch{"got " + text, begin + text}
	}
	return nil
}
