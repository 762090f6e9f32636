package bench

import (
	"os"
	"path/filepath"
	"testing"
)

const microText = `goos: linux
BenchmarkDecode/tcp4-2         	94839391	        12.50 ns/op	5040.00 MB/s	       0 B/op	       0 allocs/op
BenchmarkDecode/tcp4-2         	94839391	        14.50 ns/op	4040.00 MB/s	       0 B/op	       0 allocs/op
BenchmarkDecode/tcp4-2         	94839391	        13.50 ns/op	6040.00 MB/s	       0 B/op	       0 allocs/op
BenchmarkGopacket/tcp4         	 1000000	       100 ns/op
PASS
`

func TestMicro(t *testing.T) {
	path := filepath.Join(t.TempDir(), "micro.txt")
	if err := os.WriteFile(path, []byte(microText), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &bench{report: &Report{}}
	if err := b.micro(path); err != nil {
		t.Fatal(err)
	}
	if got, want := b.report.Micro["Decode/tcp4"], (Timing{13.5, 12.5, 14.5}); got != want {
		t.Errorf("decode = %v, want %v", got, want)
	}
	if got := b.report.Micro["Gopacket/tcp4"].Median; got != 100 {
		t.Errorf("gopacket = %v, want 100", got)
	}
	if got := b.report.Rates["Decode/tcp4"]; len(b.report.Rates) != 1 || got != 5040 {
		t.Errorf("rates = %v, want 5040 MB/s", b.report.Rates)
	}
	if err := os.WriteFile(path, []byte("PASS\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.micro(path); err == nil {
		t.Error("a file without figures was taken")
	}
}
