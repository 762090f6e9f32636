package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/testkit/hostile"
)

// hostilePlugin builds a plugin that does something: see package hostile.
func hostilePlugin(t *testing.T, deed *hostile.Deed) string {
	t.Helper()
	c := cli(t)
	text, err := c.Command("", "smprobe", "sdk", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "hostile.so")
	if err := hostile.Build(path, deed, text, c.Cache); err != nil {
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
// it reports alone, and what happened is in the list, in the counters and in the log; what
// is lost before it is loaded, in the answer. Time passes between packets of live captures
// only: see TestLiveHostile.
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
	for _, workers := range []string{"1", "3"} {
		alone := start(t, "--workers", workers)
		alone.must(red...)
		alone.feed(capture)
		code, s := alone.end()
		want := of(alone.out.String())
		if code != 0 || want == "" {
			t.Fatalf("alone: exit %d, records %q", code, want)
		}
		for _, c := range hostile.Deeds {
			if c.In == hostile.Tick {
				continue
			}
			isMade := c.In != hostile.New
			t.Run(c.Name+"/"+workers, func(t *testing.T) {
				r := start(t, "--workers", workers)
				r.must(red...)
				load := append([]string{"load", hostilePlugin(t, &c), "--tenant", "blue", "--net", "128.0.0.0/2"}, c.Limits...)
				if isMade {
					r.must(load...)
				} else {
					r.refused(1, []string{`program "hostile": ` + c.Want}, load...)
				}
				r.feed(capture)
				if isMade {
					r.until("the hostile program is stopped", func() bool { l := r.list(); return l.program("hostile").Status == "stopped" })
				}
				r.until("all packets are read", func() bool { return r.list().Packets.Read == s.Packets.Read })
				list, metrics := r.must("list"), r.metricsOf()
				code, end := r.end()
				if got := of(r.out.String()); got != want {
					t.Errorf("the other tenant reports\n%s\nwant, as alone,\n%s", got, want)
				}
				wantCode, wantLog, wantList := 3, "program hostile was stopped: "+c.Want, "hostile: stopped: "+c.Want
				if !isMade {
					wantCode, wantLog, wantList = 0, `program "hostile": `+c.Want, "calls of programs that were given up and go on in the background: 1"
				}
				if p := end.program("scans"); code != wantCode || p.Status != "running" {
					t.Errorf("exit %d, scans %+v", code, p)
				}
				if !strings.Contains(list, wantList) {
					t.Errorf("list:\n%s\nwant %s", list, wantList)
				}
				if !strings.Contains(r.err.String(), wantLog) {
					t.Errorf("log:\n%s\nwant %s", r.err.String(), wantLog)
				}
				if isMade && !strings.Contains(metrics, `streamon_program_running{program="hostile",tenant="blue"} 0`) || !strings.Contains(metrics, `streamon_program_running{program="scans",tenant="red"} 1`) {
					t.Errorf("metrics:\n%s", metrics)
				}
				isLost := strings.Contains(c.Want, "given up") || c.Name == "allocates in one call"
				if got := strings.Contains(metrics, "streamon_stuck_calls 1\n"); got != isLost {
					t.Errorf("streamon_stuck_calls is 1: %v, want %v", got, isLost)
				}
			})
		}
	}
}

// TestRollback replaces a program by a version that fails soon: the one before goes on, and the
// list, the counters and the log say so.
func TestRollback(t *testing.T) {
	const capture = "../../testdata/pcap/smb-spread-445.pcap"
	good, bad := hostilePlugin(t, &hostile.Deed{}), hostilePlugin(t, &hostile.Deeds[0])
	r := start(t)
	r.must("load", good)
	r.must("replace", bad)
	r.feed(capture)
	r.until("the version before runs", func() bool { l := r.list(); p := l.program("hostile"); return p.Generation == 3 && p.Packets > 0 })
	list, metrics := r.must("list"), r.metricsOf()
	code, s := r.end()
	p := s.program("hostile")
	if code != 0 || p.Status != "running" || p.Generation != 3 {
		t.Errorf("exit %d, %+v", code, p)
	}
	t.Logf("list:\n%s", list)
	const why = "version 1 was stopped: panic while processing packets at hostile.smon:7: "
	if want := "hostile: went back to version 1: " + why; !strings.Contains(list, want) {
		t.Errorf("list:\n%s\nwant %s", list, want)
	}
	if want := `streamon_program_rollbacks_total{program="hostile",tenant=""} 1`; !strings.Contains(metrics, want) {
		t.Errorf("metrics:\n%s\nwant %s", metrics, want)
	}
	for _, want := range []string{"program hostile was stopped: panic while processing", "program hostile went back to version 1, with empty memory"} {
		if n := strings.Count(r.err.String(), want); n != 1 {
			t.Errorf("%d times %q in the log:\n%s", n, want, r.err.String())
		}
	}
}
