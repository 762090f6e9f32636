package smprobe

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/probe"
)

// watched is two looks, two seconds apart, at a probe with three programs, of which one was
// loaded between them and one is stopped.
func watched() *topView {
	last := "2026-05-04T10:11:12.000000000Z"
	summary := func(read, bytes uint64, programs ...probe.Program) (s probe.Summary) {
		s.Packets.Read, s.Packets.Bytes, s.Packets.Malformed = read, bytes, 3
		s.Last, s.Programs = &last, programs
		s.Interfaces = []capture.InterfaceCounts{{Name: "eth0", Dropped: 7}}
		return s
	}
	ddos := probe.Program{
		Name: "ddos", Status: "running", Packets: 1000, MemoryBytes: 43_200_000, Cost: &probe.Cost{NsPerPacket: 120.4, Sampled: 9, Share: 0.25},
		States: map[string]map[string]int{"server": {"monitored": 9, "attack": 1}},
	}
	ddos.Records.Alert = 2
	busy := ddos
	busy.Packets = 21_000
	stopped := probe.Program{Name: "broken", Status: "stopped", Packets: 40, Error: "broken.smon:7:3: index out of range\x1b[2J", Memory: []probe.Structure{{Kind: "dleft", Evicted: 5}, {Kind: "topk", Evicted: 99}}}
	scan := probe.Program{Name: "portscan", Status: "running", Packets: 10, Cost: &probe.Cost{NsPerPacket: 60, Sampled: 1, Share: 0.75}, States: map[string]map[string]int{"pair": {"scanning": 0}, "host": {}}}
	t0 := time.Unix(1_800_000_000, 0)
	v := &topView{now: look{at: t0, summary: summary(1000, 100_000, ddos, stopped)}, sort: sortNamed("share"), alerts: 5}
	v.take(look{at: t0.Add(2 * time.Second), summary: summary(21_000, 350_100_000, busy, stopped, scan), alerts: []json.RawMessage{
		json.RawMessage(`{"time":"2026-05-04T10:11:01.500000000Z","program":"portscan","level":"medium","from":"default","to":"scanning","message":"an old one"}`),
		json.RawMessage(`{"time":"2026-05-04T10:11:09.500000000Z","program":"ddos","instance":"ddos","level":"critical","from":"attack","to":"attack","message":"flood \u001b[31m of 10.0.0.1"}`),
	}})
	return v
}

const watchedFrame = `10.0 k packets/s   1.4 Gbit/s   packets 21000   newest 10:11:12 UTC
programs 3   in states 10   alerts 2   dropped 7   malformed 3   late 0   records lost 0   memory 43.2 MB

PROGRAM   STATUS   PACKETS/S  NS/PACKET  SHARE↓  IN STATES  ALERTS  LOST   MEMORY  STATES
portscan  running          -         60     75%          0       0     0      0 B
ddos      running     10.0 k        120     25%         10       2     0  43.2 MB  monitored 9, attack 1
broken    stopped          0          -       -          0       0     5      0 B  broken.smon:7:3: index out of range\x1b[2J

10:11:09  CRITICAL  ddos  flood \x1b[31m of 10.0.0.1
10:11:01  MEDIUM    portscan  default -> scanning  an old one
`

func TestTopFrame(t *testing.T) {
	v := watched()
	if got := v.frame(); got != watchedFrame {
		t.Errorf("the frame is\n%s\nwant\n%s", got, watchedFrame)
	}
	order := func() (names []string) {
		for _, r := range v.rows() {
			names = append(names, r.Name)
		}
		return names
	}
	for _, tt := range []struct {
		keys string
		head string
		want []string
	}{
		{"\x1b[C", "IN STATES↓", []string{"ddos", "broken", "portscan"}},
		{"\x1bOC\x1b[C", "LOST↓", []string{"broken", "ddos", "portscan"}},
		{"r", "LOST↑", []string{"ddos", "portscan", "broken"}},
		{"\x1b[C\x1b[C", "PROGRAM↑", []string{"portscan", "ddos", "broken"}}, // past the last column, and STATES is none to sort by
		{"R", "PROGRAM↓", []string{"broken", "ddos", "portscan"}},
		{"\x1b[C", "PACKETS/S↓", []string{"ddos", "broken", "portscan"}},
		{"\x1bOD\x1b[D", "MEMORY↓", []string{"ddos", "broken", "portscan"}},
	} {
		for _, k := range keysIn(tt.keys) {
			v.press(k)
		}
		if got := order(); !slices.Equal(got, tt.want) || !strings.Contains(v.frame(), tt.head) {
			t.Errorf("after %q: %q, want %q below %s in\n%s", tt.keys, got, tt.want, tt.head, v.frame())
		}
	}
}

// TestTopFits: a frame never has more lines or columns than the terminal, and programs have
// the right of way.
func TestTopFits(t *testing.T) {
	v := watched()
	for _, size := range [][2]int{{80, 24}, {40, 9}, {200, 12}, {20, 7}} {
		v.width, v.height = size[0], size[1]
		lines := strings.Split(strings.TrimSuffix(v.frame(), "\n"), "\n")
		if len(lines) != v.height {
			t.Errorf("%v: %d lines", size, len(lines))
		}
		for _, line := range lines {
			if n := utf8.RuneCountInString(line); n > v.width {
				t.Errorf("%v: %q has %d columns", size, line, n)
			}
		}
		if !strings.HasPrefix(lines[4], "portscan") {
			t.Errorf("%v: the first program is %q", size, lines[4])
		}
	}
	v.width, v.height = 200, 12
	if lines := strings.Split(v.frame(), "\n"); !strings.Contains(lines[8], "flood") || !strings.Contains(lines[9], "old one") {
		t.Errorf("no alerts in\n%s", v.frame())
	}
}

// TestTopWithoutAnswer: what is known stays, and says how old it is; a probe that began anew
// has no rates yet.
func TestTopWithoutAnswer(t *testing.T) {
	v := watched()
	v.take(look{err: errors.New("s: no probe listens there")})
	if got := v.frame(); !strings.Contains(got, "no answer: s: no probe listens there; this is of ") || !strings.Contains(got, "monitored 9") {
		t.Errorf("the frame is\n%s", got)
	}
	again := look{at: v.now.at.Add(time.Second), summary: watched().before.summary}
	v.take(again)
	if got := v.frame(); !strings.HasPrefix(got, "- packets/s   - bit/s   packets 1000") || strings.Contains(got, "no answer") || !strings.Contains(got, "ddos     running          -") {
		t.Errorf("the frame is\n%s", got)
	}
	v.take(look{at: again.at.Add(time.Second)})
	if got := v.frame(); !strings.Contains(got, "no program is loaded") {
		t.Errorf("the frame is\n%s", got)
	}
}

// What comes from packets must not command the terminal: neither escape sequences nor the
// C1 codes that some terminals take, nor what turns the direction of text.
func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"plain ä 名 \"q\"": "plain ä 名 \"q\"", "\x1b[2J": `\x1b[2J`, "\u009b2J": `\u009b2J`, "a\u202eb": `a\u202eb`, "a\xffb": `a\xffb`, "\uFFFD": "\uFFFD", `{"a":"\u0007"}`: `{"a":"\u0007"}`,
	} {
		if got := visible(text); got != want {
			t.Errorf("visible(%q) = %q, want %q", text, got, want)
		}
	}
	line, err := alertLine([]byte(`{"time":"t","level":"low","program":"p","entity":{"name":"a` + "\u009b" + `31m.example"},"from":"x","to":"x","features":{"f":"` + "\u202e" + `"},"message":"m"}`))
	if want := `t LOW p a\u009b31m.example: m [f="\u202e"]`; err != nil || string(line) != want {
		t.Errorf("alertLine = %q, %v; want %q", line, err, want)
	}
}

func TestKeysIn(t *testing.T) {
	for text, want := range map[string][]key{
		"q": {keyQuit}, "\x03": {keyQuit}, "\x04": {keyQuit}, "xrq": {keyReverse, keyQuit}, "": nil, "\x1b": nil,
		"\x1b[C\x1b[Dr": {keyRight, keyLeft, keyReverse}, "\x1b[1;5Aq": {keyQuit}, "\x1b[15~r": {keyReverse}, "\x1b[": nil, "\x1bOPq": {keyQuit}, "é": nil,
	} {
		if got := keysIn(text); !slices.Equal(got, want) {
			t.Errorf("keysIn(%q) = %v, want %v", text, got, want)
		}
	}
}
