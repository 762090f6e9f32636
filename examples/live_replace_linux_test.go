package examples_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestLiveReplace replaces one of four programs a hundred times under load. The records of all
// four are those of a run over what the probe has seen, in which nothing is replaced: others
// are not disturbed, and the state of the replaced one goes on. What replacements take in
// memory is reported and bounded.
func TestLiveReplace(t *testing.T) {
	const replacements, builds = 100, 10
	p := newPair(t)
	file, _, packets := mix(t)
	text, err := os.ReadFile(example("portscan"))
	if err != nil {
		t.Fatal(err)
	}
	var variants []string
	for i := range builds {
		variants = append(variants, programText(t, fmt.Sprintf("portscan-%d", i), string(text)+fmt.Sprintf("\n# build %d\n", i)))
	}
	all := append(compiled(t, mixPrograms), programText(t, "recorder", recorder))
	l := p.startLive(all, "--prefilter", "off")

	var isOver atomic.Bool
	sent := make(chan uint64)
	go func() { // again until all replacements are made, so that every one is under load
		n := uint64(0)
		for round := 0; round < 10 && !isOver.Load(); round++ {
			n += p.replay(file, time.Minute, "-x", "10")
		}
		sent <- n
	}()
	pid := l.cmd.Process.Pid
	before, _ := memoryKB(t, pid)
	var afterBuilds int
	var heaps []int
	begun := time.Now()
	for i := range replacements {
		command(t, bin(t, "smprobe"), "replace", variants[i%builds], "--socket", l.socket)
		code, heap := memoryKB(t, pid)
		if heaps = append(heaps, heap); i == builds-1 {
			afterBuilds = code
		}
	}
	took := time.Since(begun)
	after, _ := memoryKB(t, pid)
	isOver.Store(true)
	n := <-sent
	if n == 0 || n%packets != 0 {
		t.Fatalf("sent %d packets, want a multiple of %d", n, packets)
	}
	s := l.stop()
	for _, g := range s.Programs {
		if g.Name == "portscan" && (g.Generation != replacements+1 || g.Status != "running" || g.Packets != s.Packets.Read) {
			t.Errorf("portscan is generation %d, %s, was shown %d of %d packets", g.Generation, g.Status, g.Packets, s.Packets.Read)
		}
	}
	if in := s.Interfaces[0]; in.Captured+in.Dropped != n {
		t.Errorf("captured %d + dropped %d, want %d", in.Captured, in.Dropped, n)
	}
	records, err := os.ReadFile(l.records)
	if err != nil {
		t.Fatal(err)
	}
	got, want := versionless(until(t, records, *s.Last)), versionless(string(fileRun(t, l.record, all)))
	if got != want {
		t.Errorf("records differ from those of a run without replacements:\n%s\nwant\n%s", got, want)
	}
	if !strings.Contains(want, `"program":"portscan"`) {
		t.Error("portscan has no record: the test shows nothing")
	}
	perBuild := (afterBuilds - before) / builds
	early, late := slices.Max(heaps[replacements*3/10:replacements*6/10]), slices.Max(heaps[replacements*7/10:])
	t.Logf("%d replacements in %v among %d packets; the code of a new build takes %d kB for good, that of an old one %d kB; heap with garbage at most %d kB, later %d kB",
		replacements, took.Round(time.Second), n, perBuild, after-afterBuilds, early, late)
	if perBuild > 8<<10 || after != afterBuilds {
		t.Errorf("code takes %d kB for each new build and %d kB for %d old ones: want at most 8192 and 0", perBuild, after-afterBuilds, replacements-builds)
	}
	if late > early*13/10 {
		t.Errorf("the heap grows: %d kB in replacements 30 to 60, %d kB from 70 on", early, late)
	}
}

var version = regexp.MustCompile(`"program":"portscan","version":"[0-9a-f]*"`)

// versionless leaves out which build of portscan it was.
func versionless(records string) string {
	return version.ReplaceAllString(records, `"program":"portscan"`)
}

// memoryKB is the memory that a process has mapped for plugins, and that of its heap with what
// is garbage there. The rings, which fill with packets, are in neither.
func memoryKB(t *testing.T, pid int) (code, heap int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		t.Fatal(err)
	}
	isCode, isHeap := false, false
	for line := range strings.Lines(string(text)) {
		w := strings.Fields(line)
		if len(w) > 1 && strings.Contains(w[0], "-") { // address, rights, offset, device, inode, path
			isHeap = len(w) < 6 || strings.HasPrefix(w[5], "[")
			isCode = !isHeap && strings.Contains(w[5], "smprobe-") // the directory of private copies
		}
		if isCode && w[0] == "Size:" || isHeap && w[0] == "Rss:" {
			n, err := strconv.Atoi(w[1])
			switch {
			case err != nil:
				t.Fatal(err)
			case isCode:
				code += n
			default:
				heap += n
			}
		}
	}
	return code, heap
}
