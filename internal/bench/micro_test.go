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
BenchmarkBeside/tcp4-2         	    1843	        71.47 ns/gopacket	         8.410 ns/packet	         7.250 ns/record	         8.498 x
BenchmarkRead/pcap-2         	       1	         0.6257 GB/s-frames	         5.5 GB/s-batches	         1.569 x-pcapgo
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
	if ours, got := b.report.Micro["Beside/tcp4/packet"].Median, b.report.Micro["Beside/tcp4/gopacket"].Median; ours != 8.41 || got != 71.47 {
		t.Errorf("decoder %v, gopacket %v, want 8.41 and 71.47", ours, got)
	}
	if got := b.report.Micro["Beside/tcp4/record"].Median; got != 7.25 {
		t.Errorf("a record %v, want 7.25", got)
	}
	if got := b.report.Rates; len(got) != 3 || got["Decode/tcp4"] != 5040 || got["Read/pcap/batches"] != 5500 {
		t.Errorf("rates = %v, want 5040 MB/s of Decode and 5500 of Read", got)
	}
	if err := os.WriteFile(path, []byte("PASS\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.micro(path); err == nil {
		t.Error("a file without figures was taken")
	}
}
