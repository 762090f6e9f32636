package examples_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// byHeads are the examples that look at nothing but heads of packets.
var byHeads = []string{"ddos", "portscan", "hostscan"}

// dropper has a verdict about most packets.
const dropper = `program dropper
entity host: ip
metric n { count dleft(capacity: 65536) }
event tcp: packet where tcp and tcp.window > 100 for host = ip.src
event udp: packet where udp and ip.ttl < 200 for host = ip.dst
event late: timeout for host
in any {
  on tcp { set n[host] when n > 20 { drop start late after 3s } }
  on udp { set n[host] by frame.len when n > 1000 { drop capture } }
  on late { always { log "{host}" } }
}
`

// TestWorkersByHeads: so do workers each of which decodes nothing but its own; be it told of the
// packets or not.
func TestWorkersByHeads(t *testing.T) {
	own := filepath.Join(t.TempDir(), "dropper.smon")
	if err := os.WriteFile(own, []byte(dropper), 0o600); err != nil {
		t.Fatal(err)
	}
	var plugins []string
	texts := []string{own}
	for _, name := range byHeads {
		texts = append(texts, example(name))
	}
	for _, text := range texts {
		dir := t.TempDir()
		command(t, bin(t, "smcc"), "gen", "-o", dir, text)
		files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
		src, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(src, []byte("ProcessShardHeads(")) {
			t.Errorf("%s looks at more than heads", filepath.Base(text))
		}
		plugins = append(plugins, plugin(t, text))
	}
	file := filepath.Join(t.TempDir(), "long.pcap")
	if err := os.WriteFile(file, long(t, "portscan-nmap-syn", "dos-dstreamon", "smb-spread-445", "p2p-gnutella"), 0o600); err != nil {
		t.Fatal(err)
	}
	turned := filepath.Join(t.TempDir(), "turned.pcap") // whose packets are decoded whole
	if err := os.WriteFile(turned, bigEndian(t, file), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]string{nil, {"--evidence", filepath.Join(t.TempDir(), "kept.pcapng")}} {
		var kept []byte
		var one ended
		for workers := 1; workers <= 3; workers++ {
			got := readNow(bin(t, "smprobe"), asked{file, workers}, plugins, more...).ended(t)
			var now []byte
			if more != nil {
				now, _ = os.ReadFile(more[1])
			}
			switch {
			case workers == 1:
				one, kept = got, now
				whole := readNow(bin(t, "smprobe"), asked{turned, 1}, plugins, more...).ended(t)
				if more != nil {
					if again, _ := os.ReadFile(more[1]); !bytes.Equal(again, kept) {
						t.Errorf("%d bytes of packets are kept over heads, %d over packets, or others", len(kept), len(again))
					}
				}
				if !bytes.Equal(got.records, whole.records) {
					t.Errorf("heads give other records than packets: %s", firstDifference(got.records, whole.records))
				} else if got.state != whole.state {
					t.Error("heads leave another state than packets")
				}
				if n := bytes.Count(one.records, []byte("\n")); n < 20 || more != nil && len(kept) < 10_000 {
					t.Errorf("%d records, %d bytes of packets kept: nothing is compared", n, len(kept))
				}
			case !bytes.Equal(got.records, one.records):
				t.Errorf("%d workers write other records: %s", workers, firstDifference(got.records, one.records))
			case got.state != one.state:
				t.Errorf("%d workers end with another state", workers)
			case got.summary != one.summary:
				t.Errorf("%d workers count otherwise:\n%s\nwant\n%s", workers, got.summary, one.summary)
			case !bytes.Equal(now, kept):
				t.Errorf("%d workers keep other packets: %d bytes, want %d", workers, len(now), len(kept))
			}
		}
	}
}

// bigEndian returns the bytes of a pcap file with its numbers turned round.
func bigEndian(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	turn := func(b []byte, sizes ...int) {
		for _, n := range sizes {
			slices.Reverse(b[:n])
			b = b[n:]
		}
	}
	turn(data, 4, 2, 2, 4, 4, 4, 4)
	for rest := data[24:]; len(rest) > 0; {
		n := int(binary.LittleEndian.Uint32(rest[8:]))
		turn(rest, 4, 4, 4, 4)
		rest = rest[16+n:]
	}
	return data
}

// long returns a capture with the packets of several ones, three times over.
func long(t *testing.T, names ...string) (file []byte) {
	t.Helper()
	le, now := binary.LittleEndian, uint32(1_500_000_000)
	for range 3 {
		for _, name := range names {
			data, err := os.ReadFile("../testdata/pcap/" + name + ".pcap")
			if err != nil {
				t.Fatal(err)
			}
			if file == nil {
				file = append(file, data[:24]...)
			}
			first, last := le.Uint32(data[24:]), now
			for rest := data[24:]; len(rest) > 0; {
				n := 16 + int(le.Uint32(rest[8:]))
				last = now + le.Uint32(rest) - first
				file = le.AppendUint32(file, last)
				file = append(file, rest[4:n]...)
				rest = rest[n:]
			}
			now = last + 5
		}
	}
	return file
}
