package examples_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
)

// partitioned are the examples whose plan says that workers change no result;
// heavy_hitters runs whole on one of them.
var partitioned = []string{"conficker", "p2p", "ddos", "portscan", "hostscan", "dnstunnel", "modbus_scan"}

// TestWorkers: several workers write what one writes, byte by byte and in its order,
// and end with its states, tables and counters: over the bundled captures, the
// generated scenarios, whose programs live by timers, and the shared captures.
func TestWorkers(t *testing.T) {
	var programs []string
	for _, name := range names {
		programs = append(programs, "-p", plugin(t, example(name)))
	}
	files, _ := filepath.Glob("../testdata/pcap/*.pcap*")
	for _, name := range scenarios {
		capture, _ := scenario(t, name)
		files = append(files, capture)
	}
	if _, err := os.Stat(traces); err == nil {
		for _, tr := range shared(t, "mix", "detect") {
			files = append(files, tr.capture)
		}
	} else {
		t.Logf("without the shared captures: %v", err)
	}
	var records atomic.Int64
	t.Run("files", func(t *testing.T) {
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				one := runWorkers(t, file, programs, 1)
				records.Add(int64(bytes.Count(one.records, []byte("\n"))))
				for _, n := range []int{2, 3} {
					more := runWorkers(t, file, programs, n)
					if !bytes.Equal(more.records, one.records) {
						t.Errorf("%d workers write other records: %s", n, firstDifference(more.records, one.records))
					}
					if more.state != one.state {
						t.Errorf("%d workers end with another state", n)
					}
					if more.summary != one.summary {
						t.Errorf("%d workers count otherwise:\n%s\nwant\n%s", n, more.summary, one.summary)
					}
				}
			})
		}
	})
	if n := records.Load(); n < 200 {
		t.Errorf("%d records over all captures: nothing was compared", n)
	} else {
		t.Logf("%d captures, %d records", len(files), n)
	}
}

// twice decides about one packet for two entities, which may be of two shards.
const twice = `program twice
entity a: ip
entity b: ip
event x: packet where tcp for a = ip.src
event y: packet where tcp for b = ip.dst
in any {
  on x { always { drop } }
  on y { always { drop capture } }
}
`

// TestWorkersVerdicts: a packet that two shards want dropped is one packet dropped.
func TestWorkersVerdicts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "twice.smon")
	if err := os.WriteFile(file, []byte(twice), 0o600); err != nil {
		t.Fatal(err)
	}
	programs := []string{"-p", plugin(t, file)}
	const capture = "../testdata/pcap/p2p-gnutella.pcap"
	_, _, s := run(t, capture, programs[1:])
	if got := s.Programs[0].Verdicts.Drop; got == 0 || got != s.Packets.Dropped {
		t.Fatalf("one worker: the program dropped %d packets, the probe %d", got, s.Packets.Dropped)
	}
	one := runWorkers(t, capture, programs, 1)
	for _, n := range []int{2, 3, 5} {
		if more := runWorkers(t, capture, programs, n); more.summary != one.summary {
			t.Errorf("%d workers count otherwise:\n%s\nwant\n%s", n, more.summary, one.summary)
		}
	}
}

// TestPartitioned: the examples say themselves whether they can be run in shards.
func TestPartitioned(t *testing.T) {
	for _, name := range names {
		dir := t.TempDir()
		command(t, bin(t, "smcc"), "gen", "-o", dir, example(name))
		src, err := os.ReadFile(filepath.Join(dir, name+".go"))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := bytes.Contains(src, []byte("ProcessShard(")), slices.Contains(partitioned, name); got != want {
			t.Errorf("%s in shards: %v, want %v", name, got, want)
		}
	}
}

// ended is what a run leaves, without what depends on the number of workers.
type ended struct {
	records        []byte
	state, summary string
}

func runWorkers(t *testing.T, capture string, programs []string, workers int) ended {
	dir := t.TempDir()
	state, summary := filepath.Join(dir, "state.json"), filepath.Join(dir, "summary.json")
	args := append([]string{"run", "-r", capture, "--workers", fmt.Sprint(workers), "--state", state, "--summary", summary}, programs...)
	out := command(t, bin(t, "smprobe"), args...)
	return ended{out, settled(t, state), settled(t, summary)}
}

// settled reads JSON without the sizes and fill of structures, each shard having its
// own, and with lists sorted: shards list what they hold one after the other.
func settled(t *testing.T, file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	out, _ := json.Marshal(withoutMemory(v))
	return string(out)
}

func withoutMemory(v any) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "memory")
		for k := range v {
			v[k] = withoutMemory(v[k])
		}
	case []any:
		for i := range v {
			v[i] = withoutMemory(v[i])
		}
		slices.SortFunc(v, func(a, b any) int {
			x, _ := json.Marshal(a)
			y, _ := json.Marshal(b)
			return bytes.Compare(x, y)
		})
	}
	return v
}
