package examples_test

import (
	"encoding/json"
	"math"
	"path/filepath"
	"testing"
)

// TestExplainMemory: the memory that smcc explain promises is that which an instance
// says it takes, structure by structure, within 5 %.
func TestExplainMemory(t *testing.T) {
	files, _ := filepath.Glob("../testdata/lang/*.smon")
	for _, name := range names {
		files = append(files, example(name))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var promised struct {
				Bytes      int64
				Structures []struct {
					Name, Kind string
					Bytes      int64
				}
			}
			if err := json.Unmarshal(command(t, bin(t, "smcc"), "explain", "--json", file), &promised); err != nil {
				t.Fatal(err)
			}
			_, _, s := run(t, "../testdata/pcap/p2p-gnutella.pcap", []string{plugin(t, file)})
			memory := s.Programs[0].Memory
			if len(memory) != len(promised.Structures) {
				t.Fatalf("%d structures, promised %d", len(memory), len(promised.Structures))
			}
			sum := int64(0)
			for i, m := range memory {
				p := promised.Structures[i]
				if p.Name != m.Name || p.Kind != m.Kind || math.Abs(float64(m.Bytes-p.Bytes)) > 0.05*float64(m.Bytes) {
					t.Errorf("%s %s takes %d bytes, promised %s %s with %d", m.Name, m.Kind, m.Bytes, p.Name, p.Kind, p.Bytes)
				}
				sum += m.Bytes
			}
			if sum == 0 || math.Abs(float64(sum-promised.Bytes)) > 0.05*float64(sum) {
				t.Errorf("%d bytes, promised %d", sum, promised.Bytes)
			}
		})
	}
}
