package smprobe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// talker is a program that alerts at every `every`-th packet of a source and
// captures every tenth packet.
func talker(name, version string) *program.Info {
	m := program.Manifest{
		ABI: program.ABI, Name: name, Doc: "who talks", File: name + ".smon", Version: version,
		Params:   []program.ParamInfo{{Name: "every", Default: program.Value{Kind: program.KindInt, I: 10}}, {Name: "gap", Default: program.DurationValue(90_000_000_000)}},
		Entities: []program.EntityInfo{{Name: "host", Fields: []string{"host"}, Capacity: 100}},
		States:   []program.StateInfo{{Name: "default"}, {Name: "talking"}},
		Events:   []program.EventInfo{{Name: "pkt", Kind: "packet", Entity: "host"}},
		Memory:   []program.MemoryInfo{{Name: "count", Kind: "dleft", Layout: "v1"}},
	}
	return &program.Info{Manifest: m, New: func(env *program.Env) (program.Instance, error) {
		t := &talkerInstance{env: env, every: 10}
		if v, ok := env.Param("every"); ok {
			t.every = v.I
		}
		t.count = program.Adopt(env.Memory, "count", "v1", func() sentBy { return sentBy{} })
		return t, nil
	}}
}

// sentBy is a structure that checkpoints have.
type sentBy map[packet.IP]int64

func (c sentBy) Form() string { return image.Form("sentBy", 1) }

func (c sentBy) Save(w *image.Writer) {
	w.Int(int64(len(c)))
	for ip, n := range c {
		w.Text(string(ip[:]))
		w.Int(n)
	}
}

func (c sentBy) Load(r *image.Reader) error {
	for n := r.Count(1000); n > 0 && r.Err() == nil; n-- {
		ip := r.Text()
		if r.Refuse(len(ip) == 16); r.Err() == nil {
			c[packet.IP([]byte(ip))] = r.Int()
		}
	}
	return r.End()
}

type talkerInstance struct {
	env                     *program.Env
	every                   int64
	count                   sentBy
	packets, alerts, events uint64
}

func (t *talkerInstance) Activate()        {}
func (t *talkerInstance) Tick(packet.Time) {}

func (t *talkerInstance) Process(b *packet.Batch, v *program.Verdicts) {
	for i := range b.Packets[:b.N] {
		p := &b.Packets[i]
		if t.packets++; t.packets%10 == 0 {
			v.Of[i] |= program.Capture
			v.Any |= program.Capture
		}
		if p.Has&packet.IPLayer == 0 {
			continue
		}
		t.events++
		if t.count[p.Src]++; t.count[p.Src]%t.every == 0 {
			t.alerts++
			t.env.Sink.Emit(&program.Record{
				Type: program.AlertRecord, Time: p.Time, Event: "pkt", From: "default", To: "talking", Level: program.LevelLow,
				Entity:   []program.Field{{Name: "host", Value: program.Value{Kind: program.KindIP, B: p.Src}}},
				Message:  fmt.Appendf(nil, "%v sent %d packets", p.Src, t.count[p.Src]),
				Features: []program.Field{{Name: "count", Value: program.Value{Kind: program.KindInt, I: t.count[p.Src]}}},
				Path:     []program.Step{{State: "default", Since: p.Time}},
			})
		}
	}
}

func (t *talkerInstance) Stats(s *program.Stats) {
	s.Packets, s.Events[0], s.Records.Alert = t.packets, t.events, t.alerts
	s.Occupied[0][1] = len(t.count)
	s.Verdicts.Capture = t.packets / 10
	s.Memory = append(s.Memory, program.StructureStats{Name: "count", Usage: flow.Usage{Used: len(t.count), Capacity: 100, Bytes: 4096}})
}

func (t *talkerInstance) States(f func(string, []program.Field, string, packet.Time) bool) {
	for i := range byte(255) {
		if ip := packet.IPv4(10, 0, 0, i); t.count[ip] > 0 {
			f("host", []program.Field{{Name: "host", Value: program.Value{Kind: program.KindIP, B: ip}}}, "talking", 0)
		}
	}
}

func (t *talkerInstance) Tables(func(string, []program.Field, program.Value) bool) {}

// writeCapture makes a capture of n UDP packets from five sources.
func writeCapture(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "in.pcapng")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := capture.NewWriter(f, "")
	for i := range n {
		data := []byte{
			2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
			0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, byte(i % 5), 192, 0, 2, 1,
			0x10, 0, 0, 53, 0, 8, 0, 0,
		}
		if err := w.Write(&capture.Frame{Time: packet.Time(1700000000e9 + i*1e6), Data: data, WireLen: 42, Link: packet.LinkEthernet}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs a command in this process.
func run(t *testing.T, builtin []*program.Info, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	code = Main(args, strings.NewReader(""), &out, &err, builtin)
	return out.String(), err.String(), code
}

func TestRunOutputs(t *testing.T) {
	in, dir := writeCapture(t, 1000), t.TempDir()
	alerts, sum, evid := filepath.Join(dir, "alerts"), filepath.Join(dir, "sum"), filepath.Join(dir, "evid")
	builtin := []*program.Info{talker("talk", "0123456789abcdef")}
	args := []string{"run", "-r", in, "--alerts", alerts, "--summary", sum, "--evidence", evid, "--set", "talk.every=100"}
	out, stderr, code := run(t, builtin, args...)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	file, err := os.ReadFile(alerts)
	if err != nil || string(file) != out || strings.Count(out, "\n") != 10 {
		t.Errorf("alerts file: %v, %d lines on stdout; the file has %q", err, strings.Count(out, "\n"), file)
	}
	golden(t, "alerts.jsonl", out)
	summary, err := os.ReadFile(sum)
	if err != nil {
		t.Fatal(err)
	}
	// Without the layers that did not occur: a new layer is no other output.
	golden(t, "summary.json", regexp.MustCompile(`(?m)^    "[a-z0-9_]+": 0,\n`).ReplaceAllString(string(summary), ""))
	for _, want := range []string{"1000 packets", "program talk 0123456789abcdef", "host in states: talking 5", "kept as evidence 100"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("summary for people lacks %q:\n%s", want, stderr)
		}
	}
	src, err := capture.Open(evid)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var f capture.Frame
	n := 0
	for ; src.Next(&f) == nil; n++ {
		if n == 0 && f.Time != packet.Time(1700000000e9+9*1e6) {
			t.Errorf("first packet kept is of %d", f.Time)
		}
	}
	if n != 100 {
		t.Errorf("%d packets kept, want 100", n)
	}

	// The same again: byte for byte.
	out2, _, _ := run(t, builtin, args...)
	summary2, _ := os.ReadFile(sum)
	if out2 != out || !bytes.Equal(summary, summary2) {
		t.Error("a second run differs")
	}
}

// TestWorkers: the files of a run do not depend on the number of workers.
func TestWorkers(t *testing.T) {
	in, dir := writeCapture(t, 5000), t.TempDir()
	builtin := []*program.Info{talker("talk", "1"), talker("other", "1")}
	files := func(workers string) (all []string) {
		args := []string{"run", "-q", "-r", in, "--workers", workers}
		for _, name := range []string{"alerts", "summary", "state", "evidence"} {
			args = append(args, "--"+name, filepath.Join(dir, name))
		}
		if _, stderr, code := run(t, builtin, args...); code != 0 {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		for _, name := range []string{"alerts", "summary", "state", "evidence"} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || len(text) == 0 {
				t.Fatalf("%s: %v", name, err)
			}
			all = append(all, string(text))
		}
		return all
	}
	want := files("1")
	for _, workers := range []string{"2", "5"} {
		if got := files(workers); !slices.Equal(got, want) {
			t.Errorf("%s workers write other files than one", workers)
		}
	}
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if testkit.IsUpdate() {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n got %s\nwant %s", name, got, want)
	}
}

func TestUsage(t *testing.T) {
	in := writeCapture(t, 10)
	tests := []struct {
		args string
		code int
		want string // in stderr, or stdout for code 0
	}{
		{"", 2, "expected one of"},
		{"run", 2, "no packets to read"},
		{"run -i eth0 -r a.pcap", 2, "exclude each other"},
		{"run -i eth0 -i eth0", 2, "is given twice"},
		{"run -i no-such-if", 1, "capturing from \"no-such-if\": there is no such interface\nsmprobe: hint: "},
		{"run -i L0", 1, "hint: did you mean \"lo\"?"},
		{"run -r a.pcap --ring 1MB", 2, "expected 4 MiB to 2048 MiB"},
		{"run -r a.pcap --sockets 0", 2, "expected 1 to 64"},
		{"run -r a.pcap --filter host", 2, "found the end"},
		{"run -r IN --replay IN", 2, "exclude each other"},
		{"run -r IN --loop 2", 2, "--loop needs --replay"},
		{"run --replay IN --speed fast", 2, `speed "fast"`},
		{"run --replay IN --loop=-1", 2, "expected 0 or more"},
		{"run --replay - --loop 2", 2, "more than once"},
		{"run -r IN --workers=-1", 2, "expected 0 to 256"},
		{"run -r IN --workers -1", 2, "--workers -1: expected 0 to 256"},
		{"run -r IN --workers 257", 2, "expected 0 to 256"},
		{"run -r IN --workers 99999999999999999999", 2, "--workers: 99999999999999999999: is too large"},
		{"run -r IN --workers -99999999999999999999", 2, "--workers: -99999999999999999999: is too small"},
		{"run -r IN --workers two", 2, `--workers: "two": expected a whole number`},
		{"run -r IN --workers 1.5", 2, `--workers: "1.5": expected a whole number`},
		{"run -r IN --seed -1", 2, `--seed: "-1": expected a whole number, 0 or more`},
		{"run -r IN --seed 18446744073709551615", 0, "10 packets"},
		{"run -r IN --ring -1", 2, `--ring: "-1": expected a size`},
		{"run --replay IN --speed -1x", 2, `speed "-1x"`},
		{"run -r IN --user=", 2, "--user: its value is empty"},
		{"run -r IN --program=", 2, "--program: its value is empty"},
		{"run -r IN --filter=", 0, "10 packets"},
		{"lift --program= --socket /nonexistent/x", 2, "--program: its value is empty"},
		{"run -r IN --workers 3", 0, "10 packets"},
		{"run -r IN --workers 0", 0, "10 packets"},
		{"run -r IN --costs", 0, "ns a packet, 100% of what all programs take (1 batches timed); memory 4.1 kB"},
		{"run -r IN --publish tcp://*", 2, `--publish: endpoint "tcp://*": expected an address and a port`},
		{"run -r IN --publish tcp://192.0.2.1:*", 1, "this machine does not have the address"},
		{"run -r IN --publish tcp://127.0.0.1:*", 0, "tcp://127.0.0.1:*: 0 messages; 0 sent to 0 subscribers, 0 dropped; 0 connections refused"},
		{"run -r IN --set every=1", 2, "expected program.name=value"},
		{"run -r IN --set talk.every=x", 2, `parameter every: "x"`},
		{"run -r IN --set other.every=1", 2, `no program "other" is loaded`},
		{"run -r IN --nonsense", 2, "unknown flag --nonsense\nsmprobe: hint: smprobe run --help\n"},
		{"run -r IN --config", 2, "--config: its value is missing\nsmprobe: hint: smprobe run --help\n"},
		{"run -r IN --workers", 2, "--workers: its value is missing"},
		{"rum", 2, "did you mean \"run\"?\nsmprobe: hint: smprobe --help\n"},
		{"run -r /nonexistent", 1, "/nonexistent"},
		{"run -r IN -p /nonexistent.so", 1, "/nonexistent.so"},
		{"run -r IN --alerts /nonexistent/x", 1, "/nonexistent/x"},
		{"run -r IN --summary /nonexistent/x", 1, "--summary: open /nonexistent/x"},
		{"run -r IN --state /", 1, "--state: open /: is a directory"},
		{"run -r IN --audit /nonexistent/x", 1, "--audit: open /nonexistent/x"},
		{"run -r IN --evidence /nonexistent/x", 1, "--evidence: open /nonexistent/x"},
		{"run -r IN --evidence-memory 0", 2, "--evidence-memory 0: expected 1 or more"},
		{"run -r IN --evidence-bytes 0", 2, "--evidence-bytes 0: expected 1 or more"},
		{"run -r IN --max-blocks 99999999999", 2, "--max-blocks 99999999999: expected 1 to 1000000"},
		{"run -r IN --max-blocks-tenant 0", 2, "--max-blocks-tenant 0: expected 1 to 1000000"},
		{"run -r IN --block-table a;b", 2, `--block-table "a;b": expected a name of letters`},
		{"lift --block-table 1x", 2, `--block-table "1x": expected a name of letters`},
		{"list --socket /nonexistent/x", 1, "no probe listens there"},
		{"list", 2, "--socket"},
		{"run -r IN --listen 127.0.0.1:0", 2, "anybody who can connect could change the probe"},
		{"run -r IN --listen 127.0.0.1:0 --tls-cert x --tls-key y", 2, "anybody who can connect"},
		{"run -r IN --listen 127.0.0.1:0 --tls-cert x --client-ca y", 2, "need each other"},
		{"run -r IN --listen 127.0.0.1:0 --client-ca y", 2, "--client-ca needs --tls-cert"},
		{"run -r IN --listen localhost --tokens /nonexistent", 2, "--listen: address localhost: missing port"},
		{"run -r IN --listen 127.0.0.1:99999 --tokens /nonexistent", 2, "--listen: address 99999: invalid port"},
		{"run -r IN --check --listen 127.0.0.1:0 --tokens /nonexistent", 1, "--tokens: stat /nonexistent"},
		{"run -r IN --check --socket s --plugin-dir /nonexistent", 1, "--plugin-dir: "},
		{"run -r IN --check --listen 127.0.0.1:0 --client-ca IN --tls-cert IN --tls-key IN", 1, "smprobe: error: "},
		{"run -r IN --check --health 99999", 2, "--health: address 99999: missing port in address\nsmprobe: hint: for instance --health 127.0.0.1:9180"},
		{"run -r IN --check --user nobody-at-all", 2, "--user nobody-at-all: there is no such user"},
		{"run -r IN --tokens /nonexistent", 2, "are for --listen"},
		{"run -r IN --listen 127.0.0.1:0 --tokens /nonexistent", 1, "--tokens: stat /nonexistent"},
		{"run -r IN --listen 127.0.0.1:0 --tokens IN", 1, "--tokens: "},
		{"run -r IN --listen 127.0.0.1:0 --tokens IN --tls-cert IN --tls-key IN", 1, "--tokens: "},
		{"run -r IN --socket /nonexistent/s", 1, "/nonexistent/s"},
		{"run -r IN --socket s --plugin-dir /nonexistent", 1, "--plugin-dir: "},
		{"run -r IN --tenant a/b", 2, `tenant "a/b": expected a name`},
		{"token --tenant a/b", 2, `tenant "a/b": expected a name`},
		{"token --tenant acme --write", 0, " acme write\n"},
		{"version", 0, "program talk 1"},
		{"sdk --json", 0, `"sdkSHA256"`},
		{"run --help", 0, "--replay"},
		{"run -r IN", 0, "10 packets"},
		{"run --replay IN --speed max --loop 3", 0, "30 packets"},
		{"run IN", 0, "10 packets"},
	}
	t.Setenv("SMPROBE_SOCKET", "") // restored at the end
	os.Unsetenv("SMPROBE_SOCKET")
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			args := strings.Fields(strings.ReplaceAll(tt.args, "IN", in))
			out, stderr, code := run(t, []*program.Info{talker("talk", "1")}, args...)
			if code != tt.code || !strings.Contains(out+stderr, tt.want) {
				t.Errorf("exit %d, want %d; output lacks %q:\n%s%s", code, tt.code, tt.want, out, stderr)
			}
			if strings.Contains(tt.want, "/nonexistent/x") && out != "" {
				t.Errorf("packets were read before it was found out: %s", out)
			}
			if code != 0 && !strings.HasPrefix(stderr, "smprobe: error: ") {
				t.Errorf("stderr %q does not begin with smprobe: error:", stderr)
			}
		})
	}
}

// An unreadable file costs exit 1, but the others are read; a damaged one does not.
func TestBadFiles(t *testing.T) {
	in := writeCapture(t, 100)
	whole, _ := os.ReadFile(in)
	cut := filepath.Join(t.TempDir(), "cut.pcapng")
	os.WriteFile(cut, whole[:len(whole)/2], 0o666)
	noise := filepath.Join(t.TempDir(), "noise")
	os.WriteFile(noise, []byte("this is no capture at all, really not"), 0o666)

	_, stderr, code := run(t, nil, "run", "-q", "-r", cut, in, "--summary", filepath.Join(t.TempDir(), "s"))
	if code != 0 || stderr != "" {
		t.Errorf("damaged capture: exit %d, %s", code, stderr)
	}
	out, stderr, code := run(t, nil, "run", "-r", noise, in, cut, "--summary", "-")
	var s summary
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatal(err)
	}
	if code != 1 || !strings.Contains(stderr, "smprobe: error: ") || !strings.Contains(stderr, noise) {
		t.Errorf("exit %d, %s", code, stderr)
	}
	if len(s.Damaged) != 1 || s.Damaged[0].File != cut || len(s.Unreadable) != 1 || s.Unreadable[0].File != noise {
		t.Errorf("damaged %+v, unreadable %+v", s.Damaged, s.Unreadable)
	}
	if want := uint64(100 + s.Damaged[0].Packets); s.Packets.Read != want || s.Damaged[0].Packets == 0 {
		t.Errorf("read %d, want %d", s.Packets.Read, want)
	}
}

func TestSpread(t *testing.T) {
	tests := []struct{ in, want string }{
		{"run -r a b c -p x y", "run -r a -r b -r c -p x -p y"},
		{"run -p x -r a --speed 1x b", "run -p x -r a --speed 1x b"},
		{"run a -p x", "run a -p x"},
		{"run -r - b", "run -r - -r b"},
		{"run -r a -- b", "run -r a -- b"},
		{"load a b", "load a b"},
	}
	for _, tt := range tests {
		if got := strings.Join(spread(strings.Fields(tt.in)), " "); got != tt.want {
			t.Errorf("spread(%s) = %s, want %s", tt.in, got, tt.want)
		}
	}
}

// TestControl drives a probe that replays a capture over and over through its
// control socket, with the commands that people use.
func TestControl(t *testing.T) {
	in := writeCapture(t, 1000)
	dir := t.TempDir()
	socket, alerts := filepath.Join(dir, "s"), filepath.Join(dir, "alerts")
	plugins := map[string]*program.Info{
		filepath.Join(dir, "talk1.so"): talker("talk", "1"), filepath.Join(dir, "talk2.so"): talker("talk", "2"), filepath.Join(dir, "other.so"): talker("other", "1"),
	}
	for _, path := range append(sortedKeys(plugins), filepath.Join(dir, "none.so")) {
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	open := func(path string) (*program.Info, error) {
		if info := plugins[path]; info != nil {
			return info, nil
		}
		return nil, errors.New(path + ": not made by smcc")
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var runErr bytes.Buffer
	var wg sync.WaitGroup
	code := -1
	wg.Go(func() {
		std := &stdio{ctx: ctx, in: strings.NewReader(""), out: &bytes.Buffer{}, err: &runErr, plugin: open, builtin: []*program.Info{talker("steady", "1")}}
		code = std.main([]string{"run", "--replay", in, "--speed", "max", "--loop", "0", "--socket", socket, "--alerts", alerts, "-p", filepath.Join(dir, "talk1.so"), "--summary", filepath.Join(dir, "sum")})
	})
	cmd := func(wantCode int, args ...string) string {
		t.Helper()
		var out, stderr bytes.Buffer
		std := &stdio{ctx: ctx, in: strings.NewReader(""), out: &out, err: &stderr}
		if code := std.main(append(args, "--socket", socket)); code != wantCode {
			t.Fatalf("smprobe %v: exit %d, want %d: %s", args, code, wantCode, stderr.String())
		}
		return out.String() + stderr.String()
	}
	for { // until it listens
		if st, err := os.Stat(socket); err == nil {
			if st.Mode().Perm() != 0o600 {
				t.Errorf("the socket has mode %v, want 0600", st.Mode().Perm())
			}
			if c, err := net.Dial("unix", socket); err == nil { // the file is there a moment before
				c.Close()
				break
			}
		}
	}
	expect := func(got string, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("output lacks %q:\n%s", w, got)
			}
		}
	}
	expect(cmd(0, "list"), "PROGRAM", "steady", "talk", "NS/PACKET", "4.1 kB")
	expect(cmd(0, "load", filepath.Join(dir, "other.so"), "--set", "other.every=50"), "loaded other, version 1")
	expect(cmd(1, "load", filepath.Join(dir, "other.so")), `smprobe: error: program "other" is loaded already`, "smprobe: hint: use replace")
	expect(cmd(1, "load", filepath.Join(dir, "none.so")), "not made by smcc")
	expect(cmd(2, "replace", filepath.Join(dir, "talk2.so"), "--set", "talk.evry=1"), `no parameter "evry"`, "smprobe: hint: its parameters are every")
	expect(cmd(0, "replace", filepath.Join(dir, "talk2.so")), "replaced talk: version 2, generation 2", "kept count")
	expect(cmd(0, "show", "other"), "program other 1", "every = 50\n", "gap = 90s\n", "talking", "10.0.0.4")
	expect(cmd(1, "show", "nobody"), `program "nobody" is not loaded`, "loaded are")
	expect(cmd(0, "load", filepath.Join(dir, "other.so"), "--name", "acme-other", "--tenant", "acme", "--vlan", "0", "--net", "10.0.0.4", "--net", "10.0.0.3/32", "--set", "acme-other.every=50"), "loaded acme-other, version 1")
	expect(cmd(0, "show", "acme-other", "--json"), `"program": "other"`, `"tenant": "acme"`, `"every": 50`, `"10.0.0.3/32"`)
	expect(cmd(2, "load", filepath.Join(dir, "other.so"), "--name", "x", "--net", "here"), `slice: "here": expected a network or an address`, "smprobe: hint: VLANs are")
	expect(cmd(2, "load", filepath.Join(dir, "other.so"), "--name", "a/b"), "expected a name", "smprobe: hint: 1 to 64 letters")
	expect(cmd(0, "alerts", "--program", "talk", "--limit", "3"), "LOW talk 10.0.0.", "default -> talking", "packets [count=")
	expect(cmd(0, "alerts", "--program", "talk", "--level", "high"), "")
	expect(cmd(1, "alerts", "--program", "nobody"), `program "nobody" is not loaded`)
	expect(cmd(1, "alerts", "--level", "loud"), `level "loud": expected info`)
	expect(cmd(0, "unload", "other"), "unloaded other")
	expect(cmd(0, "reload"), "0 lists read again")
	var s probe.Summary
	for s.Packets.Read < 5000 {
		if err := json.Unmarshal([]byte(cmd(0, "list", "--json")), &s); err != nil {
			t.Fatal(err)
		}
	}
	var d probe.Detail
	if err := json.Unmarshal([]byte(cmd(0, "show", "talk", "--json", "--limit", "2")), &d); err != nil || d.Name != "talk" || d.Generation != 2 || len(d.Kept) != 1 || d.MemoryBytes != 4096 || d.Cost == nil || d.Cost.Sampled == 0 {
		t.Errorf("show --json: %+v, %v", d, err)
	}

	stop()
	wg.Wait()
	if code != 0 {
		t.Errorf("run: exit %d: %s", code, runErr.String())
	}
	var end probe.Summary
	text, _ := os.ReadFile(filepath.Join(dir, "sum"))
	if err := json.Unmarshal(text, &end); err != nil {
		t.Fatal(err)
	}
	for _, p := range end.Programs {
		if p.Cost != nil {
			t.Errorf("%s: the summary holds the cost %+v, which differs from run to run", p.Name, p.Cost)
		}
		if p.Name != "acme-other" && p.Packets != end.Packets.Read {
			t.Errorf("%s saw %d packets of %d", p.Name, p.Packets, end.Packets.Read)
		}
	}
	if _, err := os.Stat(socket); err == nil {
		t.Error("the socket is still there")
	}
	checkLines(t, alerts)
}

// checkLines holds every line of a file against the published schema.
func checkLines(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	schema := loadSchema(t)
	for i, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var v any
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if err := schema.check(v, "record"); err != nil {
			t.Fatalf("line %d: %v: %s", i+1, err, line)
		}
	}
}
