package capture

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

// tracesDir holds real captures and, for each, what independent tools read in it.
const tracesDir = "../../../shared/traces"

// A traceTruth is the part of a truth file that concerns capture files.
type traceTruth struct {
	File    string
	Figures struct {
		Capinfos struct {
			Value struct {
				Packets   *int   `json:"Number of packets"`
				DataBytes int64  `json:"Data size (bytes)"`
				Ordered   string `json:"Strict time order"`
			}
			Stderr string
		}
		Head struct {
			Columns []string
			Value   [][]any
		} `json:"packets_head"`
		Times struct {
			Value [][2]any
		} `json:"timestamps_head"`
	}
}

// truths returns the truth of every capture, in order of the file name.
func truths(t testing.TB) []traceTruth {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(tracesDir, "truth", "*.json"))
	if err != nil || len(names) == 0 {
		t.Skipf("no captures in %s", tracesDir)
	}
	sort.Strings(names)
	var list []traceTruth
	for _, name := range names {
		if filepath.Base(name) == "verdicts.json" {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var tr traceTruth
		if err := json.Unmarshal(b, &tr); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list = append(list, tr)
	}
	return list
}

// read returns all frames of a source, each with its own copy of the data, and
// what ended it.
func read(src Source) (frames []Frame, err error) {
	for {
		var f Frame
		if err := src.Next(&f); err != nil {
			return frames, err
		}
		f.Data = append([]byte(nil), f.Data...)
		frames = append(frames, f)
	}
}

// unlike lists the captures where we and capinfos part ways, and why.
var unlike = map[string]struct {
	packets int    // that we read
	end     string // how it ends for us
	why     string
}{
	"bad/td-juniper-monitor-invalid-cookie-length.pcap": {1, "well", "capinfos refuses link type 164; we leave unknown link types to the decoder"},
	"bad/suri-badlen-fuzz.pcap":                         {1, "damaged", "capinfos guesses another pcap variant after the damage, and takes one byte of noise for a packet"},
}

// afterPackets finds how many packets capinfos read before it gave up.
var afterPackets = regexp.MustCompile(`after reading (\d+) packets`)

// expectRead returns what capinfos found in a file, in our words.
func expectRead(tr traceTruth) (packets int, end string) {
	info := tr.Figures.Capinfos
	if m := afterPackets.FindStringSubmatch(info.Stderr); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n, "damaged"
	}
	if info.Value.Packets == nil {
		return 0, "refused"
	}
	return *info.Value.Packets, "well"
}

func TestTracesAgreeWithCapinfos(t *testing.T) {
	list := truths(t)
	agree := 0
	for _, tr := range list {
		frames, end := readFile(t, tr.File)
		wantPackets, wantEnd := expectRead(tr)
		if x, ok := unlike[tr.File]; ok {
			if wantPackets == x.packets && wantEnd == x.end {
				t.Errorf("%s: agrees now, drop it from the table", tr.File)
			}
			wantPackets, wantEnd = x.packets, x.end
		} else {
			agree++
		}
		if len(frames) != wantPackets || end != wantEnd {
			t.Errorf("%s: read %d packets and ended %s, want %d, %s", tr.File, len(frames), end, wantPackets, wantEnd)
		}
		wire := int64(0)
		for _, f := range frames {
			wire += int64(f.WireLen)
		}
		if want := tr.Figures.Capinfos.Value.DataBytes; want != 0 && wire != want {
			t.Errorf("%s: %d bytes on the wire, want %d", tr.File, wire, want)
		}
	}
	t.Logf("%d captures, %d agree with capinfos, %d differ for a stated reason", len(list), agree, len(unlike))
}

// readFile reads a capture of tracesDir and says in one word how it ended.
func readFile(t *testing.T, file string) (frames []Frame, end string) {
	t.Helper()
	src, err := Open(filepath.Join(tracesDir, file))
	if err != nil {
		return nil, "refused"
	}
	defer src.Close()
	frames, err = read(src)
	var d *DamagedError
	switch {
	case err == io.EOF:
		return frames, "well"
	case errors.As(err, &d) && d.Packets == int64(len(frames)):
		return frames, "damaged"
	}
	t.Errorf("%s: ended with %v after %d packets", file, err, len(frames))
	return frames, "?"
}

// custom lists files in which tshark numbers custom blocks as if they were
// packets, so that its rows are not ours. Their number of packets is compared.
var custom = map[string]bool{
	"link/ng-be-018.pcapng": true, "link/ng-le-018.pcapng": true,
	"link/ng-be-102.pcapng": true, "link/ng-le-102.pcapng": true,
	"link/ng-be-202.pcapng": true, "link/ng-le-202.pcapng": true,
}

// overflow names the packets whose fraction of a second is so large, against the
// format, that tshark's arithmetic of 32 bits wraps. Ours does not.
var overflow = map[string]int{
	"link/raw-ipv6-http.pcap":             1,
	"bad/td-timestamp-invalid-micro.pcap": 3,
}

// TestTracesHeads compares lengths and times of the first packets with tshark's.
func TestTracesHeads(t *testing.T) {
	lengths, times := 0, 0
	for _, tr := range truths(t) {
		if _, ok := unlike[tr.File]; ok {
			continue
		}
		if custom[tr.File] {
			continue
		}
		frames, _ := readFile(t, tr.File)
		for _, row := range tr.Figures.Head.Value {
			n := int(row[0].(float64)) - 1
			capLen, wireLen := int(row[len(row)-2].(float64)), uint32(row[len(row)-1].(float64))
			if n >= len(frames) {
				t.Errorf("%s: packet %d is missing", tr.File, n+1)
				break
			}
			lengths++
			f := frames[n]
			if len(f.Data) != capLen || f.WireLen != wireLen {
				t.Errorf("%s: packet %d has %d of %d bytes, want %d of %d", tr.File, n+1, len(f.Data), f.WireLen, capLen, wireLen)
			}
		}
		for _, row := range tr.Figures.Times.Value {
			want, ok := nanos(row[1].(string))
			if n := int(row[0].(float64)) - 1; ok && n < len(frames) {
				times++
				if frames[n].Time != want && overflow[tr.File] != n+1 {
					t.Errorf("%s: packet %d at %d, want %d", tr.File, n+1, frames[n].Time, want)
				}
			}
		}
	}
	t.Logf("%d lengths and %d times compared", lengths, times)
}

// nanos reads what tshark prints as time: seconds, a point, nanoseconds. It
// refuses a missing time (simple packets) and tshark's overflow at 2^31 ns.
func nanos(s string) (packet.Time, bool) {
	sec, frac, ok := strings.Cut(s, ".")
	a, err := strconv.ParseInt(sec, 10, 64)
	b, err2 := strconv.ParseInt(frac, 10, 64)
	return packet.Time(a*1e9 + b), ok && err == nil && err2 == nil && a >= 0
}

// TestERFTwin reads one trace in the two forms we have of it.
func TestERFTwin(t *testing.T) {
	truths(t)
	erf, end := readFile(t, "mix/isp-2007.erf.gz")
	pcap, _ := readFile(t, "mix/isp-2007.pcap")
	if len(erf) != len(pcap) || end != "well" {
		t.Fatalf("read %d packets and ended %s, want %d, well", len(erf), end, len(pcap))
	}
	for i := range erf {
		a, b := &erf[i], &pcap[i]
		if a.Time != b.Time || string(a.Data) != string(b.Data) || a.WireLen != b.WireLen || a.Link != b.Link {
			t.Fatalf("packet %d: %+v, want %+v", i+1, *a, *b)
		}
	}
}
