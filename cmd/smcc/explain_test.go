package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// TestGoldenExplain: what smcc explain prints of the paper's programs, one by one and
// together; -update, a flag of testkit, rewrites it.
func TestGoldenExplain(t *testing.T) {
	for name, files := range map[string][]string{
		"ddos":     {"../../examples/ddos/ddos.smon"},
		"p2p":      {"../../examples/p2p/p2p.smon"},
		"together": {"../../examples/conficker/conficker.smon", "../../examples/p2p/p2p.smon", "../../examples/ddos/ddos.smon"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			c := explainCmd{What: files}
			if err := c.Run(context.Background(), &stdio{out: &out, err: &errs}); err != nil {
				t.Fatalf("%v\n%s", err, errs.String())
			}
			golden := filepath.Join("testdata", "explain", name+".txt")
			if flag.Lookup("update").Value.String() == "true" {
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), want) {
				t.Errorf("%s differs; with -update it becomes\n%s", golden, out.String())
			}
		})
	}
}

// TestRounded: three digits, and a tenth of a nanosecond at most.
func TestRounded(t *testing.T) {
	for ns, want := range map[float64]float64{0: 0, 1.26: 1.3, 45.54: 45.5, 99.96: 100, 182.4: 182, 999.6: 1000, 1983107.8: 1980000} {
		if got := rounded(ns); got != want {
			t.Errorf("rounded(%v) = %v, want %v", ns, got, want)
		}
	}
}
