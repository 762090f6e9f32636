package examples_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/probe"
)

// recorder keeps every packet as evidence, so that a file has what a live probe saw.
const recorder = `program recorder "Everything"
event any: packet
on any { capture }
`

// liveProbe is a probe that captures in a namespace.
type liveProbe struct {
	t                                *testing.T
	cmd                              *exec.Cmd
	err                              bytes.Buffer
	socket, records, summary, record string
	stopped                          bool
}

// startLive starts a probe with programs and waits until it captures.
func (p *pair) startLive(programs []string, flags ...string) *liveProbe {
	p.t.Helper()
	return p.startProbe(programs, append([]string{"-i", "in"}, flags...)...)
}

// startProbe starts a probe with programs and waits until it answers.
func (p *pair) startProbe(programs []string, flags ...string) *liveProbe {
	p.t.Helper()
	dir := p.t.TempDir()
	l := &liveProbe{
		t: p.t, socket: filepath.Join(dir, "socket"), records: filepath.Join(dir, "records.json"),
		summary: filepath.Join(dir, "summary.json"), record: filepath.Join(dir, "seen.pcapng"),
	}
	args := []string{"netns", "exec", p.to, bin(p.t, "smprobe"), "run", "--seed", "1", "--alerts", l.records,
		"--summary", l.summary, "--evidence", l.record, "--socket", l.socket, "-q"}
	for _, so := range programs {
		args = append(args, "-p", so)
	}
	l.cmd = exec.Command("ip", append(args, flags...)...)
	l.cmd.Stderr = &l.err
	if err := l.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		if !l.stopped {
			l.cmd.Process.Kill()
			l.cmd.Wait()
		}
	})
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if exec.Command(bin(p.t, "smprobe"), "list", "--socket", l.socket).Run() == nil {
			return l
		}
		if time.Since(begun) > time.Minute {
			p.t.Fatalf("the probe does not answer: %s", l.err.String())
		}
	}
}

// finish ends the probe, which exits with a code, and reads its summary.
func (l *liveProbe) finish(summary any, code int) {
	l.t.Helper()
	l.cmd.Process.Signal(syscall.SIGTERM)
	l.stopped = true
	if err := l.cmd.Wait(); l.cmd.ProcessState.ExitCode() != code {
		l.t.Fatalf("the probe ended with %v, want %d\n%s", err, code, l.err.String())
	}
	text, err := os.ReadFile(l.summary)
	if err == nil {
		err = json.Unmarshal(text, summary)
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

// stop ends the probe and returns its summary.
func (l *liveProbe) stop() probe.Summary { return l.stopWith(0) }

// stopWith is stop of a probe that exits with a code.
func (l *liveProbe) stopWith(code int) (s probe.Summary) {
	l.t.Helper()
	l.finish(&s, code)
	if len(s.Interfaces) != 1 {
		l.t.Fatalf("summary has interfaces %v, want one", s.Interfaces)
	}
	return s
}

// fileRun runs programs over a capture and returns the records.
func fileRun(t *testing.T, file string, programs []string) []byte {
	t.Helper()
	args := []string{"run", "-r", file, "--evidence", filepath.Join(t.TempDir(), "seen"), "--seed", "1"}
	for _, so := range programs {
		args = append(args, "-p", so)
	}
	return command(t, bin(t, "smprobe"), args...)
}

// mix is four real captures, rewritten and at the same time, in which the four programs of
// mixPrograms each find something; 100 s long.
func mix(t *testing.T) (file, tenfold string, packets uint64) {
	dir := filepath.Join("..", "testdata", "pcap")
	all := together(
		rewritten(t, filepath.Join(dir, "smb-spread-445.pcap"), 100*time.Second),
		rewritten(t, filepath.Join(dir, "portscan-nmap-syn.pcap"), time.Hour),
		rewritten(t, filepath.Join(dir, "device_scan-dstreamon.pcap"), time.Hour),
		rewritten(t, filepath.Join(dir, "dnstunnel-iodine.pcap"), time.Hour),
	)
	return save(t, all, 1), save(t, all, 10), uint64(len(all))
}

var mixPrograms = []string{"hostscan", "portscan", "modbus_scan", "dnstunnel"}

// record is what is compared of records.
type record struct {
	Time     string          `json:"time"`
	Type     string          `json:"type"`
	Program  string          `json:"program"`
	Entity   json.RawMessage `json:"entity"`
	From     string          `json:"from"`
	To       string          `json:"to"`
	Level    string          `json:"level"`
	Message  string          `json:"message"`
	Features json.RawMessage `json:"features"`
}

// alerts returns what alerts say but when, in the order of their texts.
func alerts(t *testing.T, text []byte) (list []string) {
	t.Helper()
	for line := range bytes.Lines(text) {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if r.Type == "alert" {
			list = append(list, fmt.Sprintln(r.Program, string(r.Entity), r.From, r.To, r.Level, r.Message, string(r.Features)))
		}
	}
	slices.Sort(list)
	return list
}

// until returns the records up to a time: a live probe goes on in time after the last packet.
func until(t *testing.T, text []byte, last string) string {
	t.Helper()
	var out strings.Builder
	for line := range bytes.Lines(text) {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if r.Time <= last {
			out.Write(line)
		}
	}
	return out.String()
}

func compiled(t *testing.T, names []string) (list []string) {
	for _, n := range names {
		list = append(list, plugin(t, example(n)))
	}
	return list
}

// TestLiveReplay replays a capture over a veth pair at ten times its speed into a live
// probe. Every packet is accounted for. The alerts are those of a run over the file, with
// its times ten times as dense; and all records are, byte by byte, those of a run over what
// the probe has seen.
func TestLiveReplay(t *testing.T) {
	for _, c := range []struct {
		name  string
		flags []string
	}{
		{"one", []string{"--prefilter", "off"}},
		{"prefilter", nil},
		{"sockets", []string{"--prefilter", "off", "--sockets", "4", "--ring", "4MiB"}},
		{"workers", []string{"--prefilter", "off", "--workers", "2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPair(t)
			file, tenfold, packets := mix(t)
			programs := compiled(t, mixPrograms)
			all := programs
			if c.name != "prefilter" { // the recorder wants all
				all = append(slices.Clone(programs), programText(t, "recorder", recorder))
			}
			l := p.startLive(all, c.flags...)
			sent := p.replay(file, time.Minute, "-x", "10")
			s := l.stop()

			in := s.Interfaces[0]
			if sent != packets || in.Received != sent {
				t.Errorf("sent %d packets, the interface received %d, want %d", sent, in.Received, packets)
			}
			if in.Captured != s.Packets.Read {
				t.Errorf("captured %d packets, the probe read %d", in.Captured, s.Packets.Read)
			}
			if got := in.Captured + in.Dropped; c.name != "prefilter" && got != sent {
				t.Errorf("captured %d + dropped %d = %d, want the %d that were sent", in.Captured, in.Dropped, got, sent)
			}
			t.Logf("sent %d: captured %d, dropped %d, left out by the filter %d, late %d", sent, in.Captured, in.Dropped, sent-in.Captured-in.Dropped, s.Late)
			records, err := os.ReadFile(l.records)
			if err != nil {
				t.Fatal(err)
			}
			want, got := alerts(t, fileRun(t, tenfold, programs)), alerts(t, records)
			if in.Dropped == 0 && !slices.Equal(got, want) {
				t.Errorf("alerts are\n%swant those of the file\n%s", strings.Join(got, ""), strings.Join(want, ""))
			}
			if len(want) < 4 {
				t.Errorf("the file has %d alerts, want some of each program", len(want))
			}
			if c.name == "prefilter" {
				if in.Captured >= sent {
					t.Errorf("the filter left out nothing of %d packets", sent)
				}
				return
			}
			if got, want := until(t, records, *s.Last), string(fileRun(t, l.record, all)); got != want {
				t.Errorf("records differ from those of a run over what was seen:\n%s\nwant\n%s", got, want)
			}
		})
	}
}
