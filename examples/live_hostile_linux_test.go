package examples_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/testkit/hostile"
)

// TestLiveHostile captures for two tenants with disjoint slices, one of which has a program
// for each of hostile.Deeds. What the other reports is, byte by byte, what it reports alone over what the
// probe has seen, and no packet is lost.
func TestLiveHostile(t *testing.T) {
	p := newPair(t)
	file := save(t, rewritten(t, filepath.Join("..", "testdata", "pcap", "smb-spread-445.pcap"), time.Hour), 1)
	description := command(t, bin(t, "smprobe"), "sdk", "--json")
	red := []string{"load", plugin(t, example("hostscan")), "--name", "scans", "--tenant", "red", "--net", "10.77.64.0/18", "--set", "scans.limit=10"}
	load := func(socket string, args ...string) {
		t.Helper()
		command(t, bin(t, "smprobe"), append(args, "--socket", socket)...)
	}
	// Seven programs hold up the worker for 2 s each: the ring has to last for that.
	l := p.startLive([]string{programText(t, "recorder", recorder)}, "--prefilter", "off", "--ring", "256MiB")
	load(l.socket, red...)
	stopped := 0
	for i, d := range hostile.Deeds {
		so := filepath.Join(t.TempDir(), "hostile.so")
		if err := hostile.Build(so, &d, description, filepath.Join(workDir, "cache")); err != nil {
			t.Fatal(err)
		}
		args := append([]string{"load", so, "--name", fmt.Sprint("hostile", i), "--tenant", "blue", "--net", "10.77.128.0/17"}, d.Limits...)
		if d.In != hostile.New {
			load(l.socket, args...)
			stopped++
			continue
		}
		text, err := exec.Command(bin(t, "smprobe"), append(args, "--socket", l.socket)...).CombinedOutput()
		if err == nil || !strings.Contains(string(text), d.Want) {
			t.Errorf("%s: %v: %s\nwant %s", d.Name, err, text, d.Want)
		}
	}
	sent := p.replay(file, time.Minute, "-x", "20")
	text := ""
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(100 * time.Millisecond) {
		text = string(command(t, bin(t, "smprobe"), "list", "--socket", l.socket))
		if strings.Count(text, ": stopped: ") == stopped {
			break
		}
	}
	for i, d := range hostile.Deeds {
		if want := fmt.Sprintf("hostile%d: stopped: %s", i, d.Want); d.In != hostile.New && !strings.Contains(text, want) {
			t.Errorf("%s: the list is\n%s\nwant %s", d.Name, text, want)
		}
	}
	end := l.stopWith(3)
	if in := end.Interfaces[0]; in.Captured != sent || in.Dropped != 0 {
		t.Errorf("captured %d, dropped %d, of %d", in.Captured, in.Dropped, sent)
	}
	records, err := os.ReadFile(l.records)
	if err != nil {
		t.Fatal(err)
	}
	got := tenantOnly(until(t, records, *end.Last), "red")

	want := tenantOnly(alone(t, l.record, red), "red")
	if got != want || want == "" {
		t.Errorf("the other tenant reports\n%s\nwant, as alone,\n%s", got, want)
	}
}

// alone runs a program over a capture: load is the command that loads it.
func alone(t *testing.T, file string, load []string) string {
	t.Helper()
	dir := t.TempDir()
	socket, records := filepath.Join(dir, "s"), filepath.Join(dir, "records")
	packets, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin(t, "smprobe"), "run", "-q", "-r", "-", "--socket", socket, "--alerts", records)
	cmd.Stdin = r
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r.Close()
	for begun := time.Now(); exec.Command(bin(t, "smprobe"), "list", "--socket", socket).Run() != nil; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > time.Minute {
			cmd.Process.Kill()
			t.Fatal("the probe does not answer")
		}
	}
	command(t, bin(t, "smprobe"), append(load, "--socket", socket)...)
	_, err = io.Copy(w, packets)
	w.Close()
	if err := errors.Join(err, cmd.Wait()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(records)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// tenantOnly returns the records of a tenant.
func tenantOnly(records, tenant string) string {
	var out strings.Builder
	for line := range strings.Lines(records) {
		if strings.Contains(line, fmt.Sprintf(`"tenant":%q`, tenant)) {
			out.WriteString(line)
		}
	}
	return out.String()
}
