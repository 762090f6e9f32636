package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/internal/sdk"
)

// hostile builds a plugin whose Process does something at its 200th packet that generated
// code cannot do. Lines are those of hostile.smon.
func hostile(t *testing.T, deed string) string {
	t.Helper()
	c := cli(t)
	text, err := c.Command("", "smprobe", "sdk", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	d := new(sdk.Description)
	if err := json.Unmarshal(text, d); err != nil {
		t.Fatal(err)
	}
	res, err := build.Plugin(context.Background(), build.Unit{
		Name: "hostile", Source: "hostile.smon", Text: []byte(deed),
		Emit: func(pkg, id string) ([]byte, error) {
			return fmt.Appendf(nil, `package %s

import (
	"runtime"
	"time"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

var (
	_ = runtime.Goexit
	_ = time.Sleep
)

var Streamon = program.Info{
	Manifest: program.Manifest{ABI: program.ABI, Name: "hostile", ID: %q, File: "hostile.smon", Version: "1"},
	New: func(*program.Env) (program.Instance, error) { return &machine{}, nil },
}

type machine struct {
	packets int
	kept    [][]byte
	none    *machine
}

func (m *machine) Activate()           {}
func (m *machine) Tick(packet.Time)    {}
func (m *machine) Stats(s *program.Stats) { s.Packets += uint64(m.packets) }
func (m *machine) Process(b *packet.Batch, v *program.Verdicts) {
	if m.packets += b.N; m.packets < 200 {
		return
	}
%s
}

func (m *machine) allocate(n int) {
//line hostile.smon:11:1
	piece := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		piece[i] = 1
	}
	m.kept = append(m.kept, piece)
}
func (m *machine) States(func(string, []program.Field, string, packet.Time) bool) {}
func (m *machine) Tables(func(string, []program.Field, program.Value) bool)       {}

func main() {}
`, pkg, id, deed), nil
		},
	}, d, build.Options{Cache: c.Cache})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "hostile.so")
	if err := build.Deliver(path, res.File); err != nil {
		t.Fatal(err)
	}
	return path
}

// metricsOf reads /metrics of a running probe.
func (r *running) metricsOf() string {
	r.t.Helper()
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", r.socket)
		},
	}}
	resp, err := client.Get("http://probe/metrics")
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// feed writes a capture to the probe.
func (r *running) feed(capture string) {
	r.t.Helper()
	text, err := os.ReadFile(capture)
	if err == nil {
		_, err = r.stdin.Write(text)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// TestHostile runs two tenants with disjoint slices over a real capture. The program of one
// panics, spins, or allocates, in each batch or in one call. What the other reports is what
// it reports alone, and what happened is in the list, in the counters and in the log.
func TestHostile(t *testing.T) {
	text, err := os.ReadFile("../../examples/hostscan/hostscan.smon")
	if err != nil {
		t.Fatal(err)
	}
	const capture = "../../testdata/pcap/smb-spread-445.pcap"
	red := []string{"load", plugin(t, string(text)), "--name", "scans", "--tenant", "red", "--net", "0.0.0.0/1"}
	of := func(out string) (lines string) {
		for l := range strings.Lines(out) {
			if strings.Contains(l, `"tenant":"red"`) {
				lines += l
			}
		}
		return lines
	}
	cases := []struct {
		name, deed string
		args       []string
		want       string // in list, and in the log
	}{
		{"panics", "//line hostile.smon:7:1\n\tm.none.packets++", nil, "stopped: panic while processing packets at hostile.smon:7: "},
		{"spins", "//line hostile.smon:9:1\n\tfor {\n\t}", nil, "stopped: given up after 2s while processing packets at hostile.smon:"},
		{"waits", "//line hostile.smon:9:1\n\tselect {}", nil, "stopped: given up after 2s while processing packets at hostile.smon:9"},
		{"ends its goroutine", "runtime.Goexit()", nil, "stopped: given up after 2s while processing packets"},
		{"allocates in each batch", "m.allocate(32 << 20)", []string{"--memory", "64MB"}, "stopped: memory: it has allocated "},
		{"allocates in one call", "for range 40 {\n\tm.allocate(16 << 20)\n\ttime.Sleep(10 * time.Millisecond)\n\t}\n\tfor {\n\t}", []string{"--memory", "64MB"}, "stopped: memory: the process grew by "},
	}
	for _, workers := range []string{"1", "3"} {
		alone := start(t, "--workers", workers)
		alone.must(red...)
		alone.feed(capture)
		code, s := alone.end()
		want := of(alone.out.String())
		if code != 0 || want == "" {
			t.Fatalf("alone: exit %d, records %q", code, want)
		}
		for _, c := range cases {
			t.Run(c.name+"/"+workers, func(t *testing.T) {
				r := start(t, "--workers", workers)
				r.must(red...)
				r.must(append([]string{"load", hostile(t, c.deed), "--tenant", "blue", "--net", "128.0.0.0/2"}, c.args...)...)
				r.feed(capture)
				r.until("the hostile program is stopped", func() bool { l := r.list(); return l.program("hostile").Status == "stopped" })
				r.until("all packets are read", func() bool { return r.list().Packets.Read == s.Packets.Read })
				list, metrics := r.must("list"), r.metricsOf()
				code, end := r.end()
				if got := of(r.out.String()); got != want {
					t.Errorf("the other tenant reports\n%s\nwant, as alone,\n%s", got, want)
				}
				if p := end.program("scans"); code != 3 || p.Status != "running" {
					t.Errorf("exit %d, scans %+v", code, p)
				}
				if !strings.Contains(list, "hostile: "+c.want) {
					t.Errorf("list:\n%s\nwant %s", list, c.want)
				}
				if !strings.Contains(r.err.String(), "program hostile was "+c.want) {
					t.Errorf("log:\n%s\nwant %s", r.err.String(), c.want)
				}
				if !strings.Contains(metrics, `streamon_program_running{program="hostile",tenant="blue"} 0`) || !strings.Contains(metrics, `streamon_program_running{program="scans",tenant="red"} 1`) {
					t.Errorf("metrics:\n%s", metrics)
				}
				isLost := strings.Contains(c.want, "given up") || c.name == "allocates in one call"
				if got := strings.Contains(metrics, "streamon_stuck_calls 1\n"); got != isLost {
					t.Errorf("streamon_stuck_calls is 1: %v, want %v", got, isLost)
				}
			})
		}
	}
}
