package examples_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/probe"
)

// programText writes a program and compiles it.
func programText(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+".smon")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return plugin(t, path)
}

// list asks a running probe.
func (l *liveProbe) list() (s probe.Summary) {
	l.t.Helper()
	if err := json.Unmarshal(command(l.t, bin(l.t, "smprobe"), "list", "--json", "--socket", l.socket), &s); err != nil {
		l.t.Fatal(err)
	}
	return s
}

// captured returns how many packets were captured, when all are read.
func (l *liveProbe) captured() uint64 {
	time.Sleep(200 * time.Millisecond)
	return l.list().Interfaces[0].Captured
}

// TestLiveWanted loads and unloads programs that want different packets: the filter follows.
func TestLiveWanted(t *testing.T) {
	for _, workers := range []string{"1", "2"} {
		t.Run(workers, func(t *testing.T) {
			p := newPair(t)
			all := together(rewritten(t, filepath.Join("..", "testdata", "pcap", "dnstunnel-iodine.pcap"), 10*time.Second))
			file, packets := save(t, all, 1), uint64(len(all))
			l := p.startLive([]string{plugin(t, example("modbus_scan"))}, "--workers", workers)
			ask := func(args ...string) { command(t, bin(t, "smprobe"), append(args, "--socket", l.socket)...) }
			sum := uint64(0)
			step := func(what string, atLeast, atMost uint64) {
				t.Helper()
				if n := p.replay(file, time.Minute, "--topspeed"); n != packets {
					t.Fatalf("sent %d packets, want %d", n, packets)
				}
				now := l.captured()
				t.Logf("%s: captured %d of %d", what, now-sum, packets)
				if got := now - sum; got < atLeast || got > atMost {
					t.Errorf("%s: captured %d packets, want %d to %d", what, got, atLeast, atMost)
				}
				sum = now
			}
			step("at first", packets, packets) // its time has not begun: everything
			step("modbus_scan", 0, 0)
			ask("load", programText(t, "recorder", recorder))
			step("and the recorder", packets, packets)
			step("and the recorder again", packets, packets)
			ask("unload", "recorder")
			step("without the recorder", 1, packets) // until the first packets have been shown
			step("without the recorder again", 0, 0)
			if s := l.stop(); s.Interfaces[0].Dropped != 0 || s.Packets.Read != sum {
				t.Errorf("dropped %d, read %d, want 0 and %d", s.Interfaces[0].Dropped, s.Packets.Read, sum)
			}
		})
	}
}

// silent fires a timer after a packet that nothing follows.
const silent = `program silent "Nothing comes any more"
entity host: ip
event packet_seen: packet where udp for host = ip.src
event quiet: timeout for host
state default { on packet_seen { otherwise -> waiting { start quiet after 300ms } } }
state waiting { on quiet { otherwise -> default { alert info "{host} is quiet" } } }
`

// TestLiveTimers sees that time passes without packets.
func TestLiveTimers(t *testing.T) {
	for _, workers := range []string{"1", "2"} {
		t.Run(workers, func(t *testing.T) {
			p := newPair(t)
			all := together(rewritten(t, filepath.Join("..", "testdata", "pcap", "dnstunnel-iodine.pcap"), time.Second))
			l := p.startLive([]string{programText(t, "silent", silent)}, "--workers", workers)
			p.replay(save(t, all[:1], 1), time.Minute, "--topspeed")
			for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
				text, err := os.ReadFile(l.records)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(string(text), "is quiet") {
					break
				}
				if time.Since(begun) > 10*time.Second {
					t.Fatalf("no alert: %s", text)
				}
			}
			if s := l.stop(); s.Packets.Read != 1 {
				t.Errorf("read %d packets, want 1", s.Packets.Read)
			}
		})
	}
}
