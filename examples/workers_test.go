package examples_test

import (
	"bytes"
	"encoding/json"
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
				one := readOnce(t, file, 1).ended(t)
				records.Add(int64(bytes.Count(one.records, []byte("\n"))))
				for _, n := range []int{2, 3} {
					more := readOnce(t, file, n).ended(t)
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
	probe, programs := bin(t, "smprobe"), []string{plugin(t, file)}
	const capture = "../testdata/pcap/p2p-gnutella.pcap"
	first := readNow(probe, asked{capture, 1}, programs)
	one, s := first.ended(t), summaryOf(t, first.summary)
	if got := s.Programs[0].Verdicts.Drop; got == 0 || got != s.Packets.Dropped {
		t.Fatalf("one worker: the program dropped %d packets, the probe %d", got, s.Packets.Dropped)
	}
	for _, n := range []int{2, 3, 5} {
		if more := readNow(probe, asked{capture, n}, programs).ended(t); more.summary != one.summary {
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

// ended returns what a run has left, if it ended well.
func (r reading) ended(t *testing.T) ended {
	t.Helper()
	r.well(t)
	return ended{r.out, settled(t, r.state), settled(t, r.summary)}
}

// settled reads JSON without the sizes and fill of structures, each shard having its
// own, and with lists sorted: shards list what they hold one after the other.
func settled(t *testing.T, text []byte) string {
	t.Helper()
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
