package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/testkit/hostile"
)

// want checks that a text has every one of parts.
func want(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%s:\n%s\nwant %q", what, text, p)
		}
	}
}

// TestLimitsGiven names limits in flags of run, in flags of load and in a file, and what is
// larger than its memory budget is not loaded.
func TestLimitsGiven(t *testing.T) {
	so := plugin(t, keeper)
	r := start(t, "--memory", "1MB", "--budget", "10s")
	r.refused(2, []string{`program "keeper": memory: its structures take`, "its budget is 1 MB", "hint: smcc explain"}, "load", so)
	r.refused(2, []string{`memory "much": expected a size such as 64MB, or none`}, "load", so, "--memory", "much")
	r.must("load", so, "--memory", "none", "--restart", "on-failure:2/1m")
	want(t, "show", r.must("show", "keeper"), "limits: budget 10s, restart on-failure:2/1m\n")
	r.refused(2, []string{"its budget is 2 MB"}, "replace", plugin(t, edit(t, keeper, "limit = 5", "limit = 6")), "--memory", "2MB")
	want(t, "show after a refused replacement", r.must("show", "keeper"), "limit = 5", "limits: budget 10s, restart on-failure:2/1m\n")
	r.send(frame(0, 1, 1))
	if code, _ := r.end(); code != 0 {
		t.Errorf("exit %d: %s", code, r.err.String())
	}

	file := filepath.Join(t.TempDir(), "c.toml")
	text := "restart = \"on-failure\"\n[[program]]\nfile = \"" + so + "\"\nbudget = \"2s\"\nmemory = \"2GB\"\nrestart = \"never\"\n"
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	r = start(t, "--config", file)
	r.must("load", plugin(t, counter))
	want(t, "show", r.must("show", "keeper"), "limits: budget 2s, memory 2.0 GB\n")
	want(t, "show", r.must("show", "counter"), "limits: restart on-failure:5/10m\n")
	r.end()
}

// TestRestarted: a program that panics is started again in packet time, twice and no more.
func TestRestarted(t *testing.T) {
	r := start(t)
	r.must("load", plugin(t, counter))
	r.must("load", hostilePlugin(t, &hostile.Deeds[0]), "--restart", "on-failure:2/1h")
	for i := range 500 { // in batches of 5 s
		r.write(frame(time.Duration(i)*100*time.Millisecond, byte(i), 1))
		if i%50 == 49 {
			r.send()
		}
	}
	want(t, "list", r.must("list"), "hostile: stopped: panic while processing packets at hostile.smon:7", "hostile: started again 2 times")
	want(t, "metrics", r.metricsOf(), "streamon_program_restarts_total{program=\"hostile\",tenant=\"\"} 2\n")
	code, end := r.end()
	if p := end.program("counter"); code != 3 || p.Packets != 500 || p.Records.Alert != 50 {
		t.Errorf("exit %d, the other program %+v", code, p)
	}
	log := r.err.String()
	want(t, "log", log, "program hostile was started again, with empty memory", "program hostile was stopped 3 times, its limit is on-failure:2/1h: it stays stopped")
	if n := strings.Count(log, "was stopped: panic"); n != 3 {
		t.Errorf("stopped %d times, want 3:\n%s", n, log)
	}
}

// TestWithheld: packets are withheld from a program that takes a hundred times its budget,
// and from no other.
func TestWithheld(t *testing.T) {
	r := start(t)
	r.must("load", plugin(t, counter))
	r.must("load", hostilePlugin(t, &hostile.Deed{Code: "time.Sleep(time.Millisecond)"}), "--budget", "10us")
	for i := range 90 { // the last 40 in a batch each: what one takes lasts for longer than these
		r.write(frame(time.Duration(i)*time.Millisecond, byte(i), 1))
		if i >= 49 {
			r.send()
		}
	}
	l := r.list()
	if p := l.program("hostile"); p.Shed < 30 || p.Shed+p.Packets != 90 {
		t.Errorf("shown %d, withheld %d of 90", p.Packets, p.Shed)
	}
	want(t, "list", r.must("list"), " packets withheld\n")
	want(t, "show", r.must("show", "hostile"), "packets withheld, over its budget: ", "limits: budget 10µs")
	want(t, "metrics", r.metricsOf(), fmt.Sprintf("streamon_program_shed_packets_total{program=\"hostile\",tenant=\"\"} %d\n", l.program("hostile").Shed), "streamon_program_shed_packets_total{program=\"counter\",tenant=\"\"} 0\n")
	if code, end := r.end(); code != 0 || end.program("counter").Packets != 90 {
		t.Errorf("exit %d, the other program %+v", code, end.program("counter"))
	}
}

// TestProcessMemory: a program that was given up and allocates on ends the run, and not the
// machine.
func TestProcessMemory(t *testing.T) {
	r := start(t, "--process-memory", "200MB", "--restart", "on-failure")
	r.must("load", plugin(t, counter))
	r.must("load", hostilePlugin(t, &hostile.Deed{Code: "for range 30 {\n\tm.allocate(16 << 20)\n\ttime.Sleep(20 * time.Millisecond)\n\t}\n\tselect {}"}))
	var all []capture.Frame
	for i := range 60 {
		all = append(all, frame(time.Duration(i)*time.Millisecond, byte(i), 1))
	}
	r.send(all[:49]...)
	r.write(all[49:]...) // one batch or two: the run ends with the first
	code, end := r.wait()
	if p := end.program("counter"); code != 3 || p.Packets < 50 || p.Packets != end.Packets.Read || p.Records.Alert != p.Packets/10 {
		t.Errorf("exit %d, the other program %+v\n%s", code, p, r.err.String())
	}
	want(t, "log", r.err.String(), "program hostile was stopped: memory: the process grew by", "error: the process is over its memory limit of 200 MB with ", "and 1 calls that were given up still run")
}

// TestShadow tries versions over the command line: one that reports the same is promoted and
// goes on with what the running one remembers, one with another threshold is not, unless it
// is to be.
func TestShadow(t *testing.T) {
	same, other := edit(t, keeper, `"remembers"`, `"remembers as well"`), edit(t, keeper, "limit = 5", "limit = 7")
	cases := []struct {
		name, next string
		args       []string
		code       int
		status     string
		generation int
		says       []string
	}{
		{"equal", same, nil, 0, "promoted", 2, []string{", 0 differ; promoted\n", "  kept "}},
		{"another threshold", other, nil, 1, "refused", 1, []string{"- 2023-", "10.0.0.2 sent 5, to 1, ", ", 1 differ; refused: the versions report otherwise\n"}},
		{"only compared", same, []string{"--promote", "never"}, 0, "refused", 1, []string{", 0 differ; refused: it was only to be compared\n"}},
		{"another threshold anyway", other, []string{"--promote", "auto"}, 0, "promoted", 2, []string{", 1 differ; promoted\n", "  kept "}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := start(t)
			r.must("load", plugin(t, keeper))
			for range 4 { // host 1 sends 4 before
				r.write(frame(0, 1, 1))
			}
			r.send()
			type answer struct {
				out  string
				code int
			}
			done := make(chan answer, 1)
			go func() {
				out, code := r.ask(append([]string{"replace", plugin(t, c.next), "--shadow", "30s"}, c.args...)...)
				done <- answer{out, code}
			}()
			r.until("the shadow runs", func() bool { return r.show("keeper").Shadow.Status == "running" })
			for i := range 6 { // host 2 sends 6 meanwhile
				r.write(frame(time.Duration(10+i)*time.Second, 2, 1))
			}
			r.send(frame(31*time.Second, 3, 1))
			a := <-done
			if a.code != c.code {
				t.Errorf("exit %d, want %d", a.code, c.code)
			}
			want(t, "answer", a.out, append(c.says, "runs as a shadow for 30s")...)
			want(t, "log", r.err.String(), "smprobe: program keeper: version ", "; "+c.status)
			d := r.show("keeper")
			if d.Shadow.Status != c.status || d.Generation != c.generation || len(d.Entities) != 1 {
				t.Errorf("%s, generation %d, entities %v; want %s, %d, and host 2", d.Shadow.Status, d.Generation, d.Entities, c.status, c.generation)
			}
			want(t, "show", r.must("show", "keeper"), "\nshadow\n  ", "; "+c.status)
			for i := range 3 { // and host 1 reaches the threshold in force
				r.write(frame(time.Duration(40+i)*time.Second, 1, 1))
			}
			r.send()
			sent := "10.0.0.1 sent 5,"
			if c.status == "promoted" && c.next == other {
				sent = "10.0.0.1 sent 7,"
			}
			want(t, "records", r.alerts("keeper"), sent, "10.0.0.2 sent 5,")
			r.end()
		})
	}
}
