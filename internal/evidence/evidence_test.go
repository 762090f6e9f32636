package evidence

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

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

var origin = &export.Origin{Program: "test", Version: "1"}

// udp is a packet from 10.0.0.from to 10.0.0.to whose payload is its number.
func udp(from, to byte, n int) []byte {
	b := []byte{
		2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 8, 0,
		0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, from, 10, 0, 0, to,
		0x10, 0, 0x20, 0, 0, 12, 0, 0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n),
	}
	return b
}

// feed shows packets to r, from the hosts 1 to 5 in turn to host 9, in batches. Their
// memory is used again, as sources do.
func feed(r *Recorder, first, n int) {
	var dec packet.Decoder
	var b packet.Batch
	arena := make([]byte, 0, packet.BatchSize*64)
	for i := first; i < first+n; {
		arena, b.N = arena[:0], 0
		for ; b.N < packet.BatchSize && i < first+n; i++ {
			at := len(arena)
			arena = append(arena, udp(byte(1+i%5), 9, i)...)
			dec.Decode(&b.Packets[b.N], packet.LinkEthernet, arena[at:len(arena):len(arena)], 46, packet.Time(1700000000e9+int64(i)*1e6))
			b.N++
		}
		r.See(&b)
		clear(arena)
	}
}

func alert(second float64, entity ...program.Field) *program.Record {
	return &program.Record{
		Type: program.AlertRecord, Time: packet.Time(1700000000e9 + int64(second*1e9)), Event: "e", Level: program.LevelHigh, Message: []byte("seen"), Entity: entity,
	}
}

func host(n byte) program.Field {
	return program.Field{Name: "host", Value: program.Value{Kind: program.KindIP, B: packet.IPv4(10, 0, 0, n)}}
}

// number makes entities differ that are about the same host.
func number(n int) program.Field {
	return program.Field{Name: "n", Value: program.Value{Kind: program.KindInt, I: int64(n)}}
}

// numbers returns the numbers of the packets in the only file of dir.
func numbers(t *testing.T, dir string) (list []int) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 1 {
		t.Fatalf("files: %q, want one", files)
	}
	src, err := capture.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var f capture.Frame
	for {
		if err := src.Next(&f); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		d := f.Data[len(f.Data)-4:]
		list = append(list, int(d[0])<<24|int(d[1])<<16|int(d[2])<<8|int(d[3]))
	}
}

func TestEvidence(t *testing.T) {
	mac := program.Field{Name: "mac", Value: program.Value{Kind: program.KindMAC, B: [16]byte{2, 0, 0, 0, 0, 3}}}
	name := program.Field{Name: "name", Value: program.Value{Kind: program.KindString, S: []byte("../../etc/passwd\x00")}}
	tests := []struct {
		name string
		opt  Options
		r    *program.Record
		want string
	}{
		{"a host", Options{Packets: 4}, alert(100, host(3)), "[982 987 992 997]"},
		{"not what came after the alert", Options{Packets: 3}, alert(0.5, host(3)), "[487 492 497]"},
		{"a pair", Options{Packets: 2}, alert(100, host(9), host(1)), "[990 995]"},
		{"a pair that did not speak", Options{}, alert(100, host(2), host(1)), "[]"},
		{"a MAC address", Options{Packets: 2}, alert(100, mac), "[992 997]"},
		{"no address: those of the moment", Options{}, alert(0.25, name), "[250]"},
		{"few bytes", Options{Bytes: 100}, alert(100, host(1)), "[990 995]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.opt.Dir = filepath.Join(t.TempDir(), "new")
			r, err := Open(tt.opt)
			if err != nil {
				t.Fatal(err)
			}
			feed(r, 0, 1000)
			r.Write(origin, tt.r)
			feed(r, 1000, 3000) // meanwhile
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(numbers(t, tt.opt.Dir)); got != tt.want {
				t.Errorf("packets %s, want %s", got, tt.want)
			}
		})
	}
}

// The ring wraps while alerts are written: what a file holds is what it was.
func TestWrap(t *testing.T) {
	dir := t.TempDir()
	r, err := Open(Options{Dir: dir, Memory: 2 << 20, Packets: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		feed(r, i*5000, 5000)
		r.Write(origin, alert(float64(i*5+5), host(1), number(i)))
	}
	r.Close()
	files, _ := filepath.Glob(filepath.Join(dir, "*"+suffix))
	c := r.Counts()
	if len(files) == 0 || int(c.Files) != len(files) || c.Files+c.Missed != 40 {
		t.Fatalf("%d files, counts %+v", len(files), c)
	}
	for _, path := range files {
		src, err := capture.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var f capture.Frame
		last, n := 0, 0
		for src.Next(&f) == nil {
			d := f.Data[len(f.Data)-4:]
			k := int(d[0])<<24 | int(d[1])<<16 | int(d[2])<<8 | int(d[3])
			if k%5 != 0 || n > 0 && k != last+5 || int64(f.Time) != 1700000000e9+int64(k)*1e6 {
				t.Fatalf("%s: packet %d after %d", path, k, last)
			}
			last = k
			n++
		}
		src.Close()
		if n < segmentPackets/5 { // the segment before the one that was just begun
			t.Errorf("%s: %d packets", path, n)
		}
	}
}

// Files and bytes on the disk are bounded, also those of a run before.
func TestLimits(t *testing.T) {
	dir := t.TempDir()
	same := func(int) []program.Field { return []program.Field{host(1)} }
	others := func(i int) []program.Field { return []program.Field{host(1), number(i)} }
	write := func(opt Options, first, n int, entity func(i int) []program.Field) Counts {
		opt.Dir = dir
		r, err := Open(opt)
		if err != nil {
			t.Fatal(err)
		}
		feed(r, 0, 100)
		for i := range n {
			r.Write(origin, alert(float64(first+i), entity(i)...))
			for len(r.jobs) > 0 { // none is missed
				time.Sleep(50 * time.Microsecond)
			}
		}
		r.Close()
		return r.Counts()
	}
	sizes := func() (n int, sum int64) {
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, f := range files {
			st, _ := os.Stat(f)
			sum += st.Size()
		}
		return len(files), sum
	}
	if c := write(Options{Files: 10}, 100, 30, others); c.Files != 30 || c.Removed != 20 {
		t.Errorf("%+v", c)
	}
	n, sum := sizes()
	if n != 10 {
		t.Errorf("%d files, want 10", n)
	}
	limit := sum / 2
	if err := os.WriteFile(filepath.Join(dir, "x"+suffix+part), make([]byte, limit), 0o640); err != nil { // a probe was killed
		t.Fatal(err)
	}
	write(Options{Disk: limit}, 200, 1, others)
	if n, sum := sizes(); sum > limit || n < 3 {
		t.Errorf("%d files of %d bytes, the limit is %d", n, sum, limit)
	}
	if c := write(Options{}, 300, 70, same); c.Files != 2 || c.Skipped != 68 {
		t.Errorf("one file a minute: %+v", c)
	}
}

// TestLimitsHold: where the oldest file cannot be removed no more are written; they are again
// when it can be.
func TestLimitsHold(t *testing.T) {
	dir := t.TempDir()
	d, err := openDirectory(dir, 3, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	write := func(i int) error { _, err := d.write(fmt.Sprint(i, suffix), "", nil); return err }
	for i := range 3 {
		if err := write(i); err != nil {
			t.Fatal(err)
		}
	}
	oldest := filepath.Join(dir, fmt.Sprint(0, suffix))
	if err := errors.Join(os.Remove(oldest), os.MkdirAll(filepath.Join(oldest, "x"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if err := write(10 + i); err == nil {
			t.Errorf("file %d was written", i)
		}
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) > 4 {
		t.Errorf("there are %q", names)
	}
	if err := os.RemoveAll(oldest); err != nil {
		t.Fatal(err)
	}
	if err := write(20); err != nil {
		t.Error(err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) != 3 {
		t.Errorf("there are %q", names)
	}
}

// TestLent: packets that wait to be written take as much memory as the ring again, and what
// is being filled; further alerts are missed until they are written.
func TestLent(t *testing.T) {
	r := newRing(4 * segmentBytes)
	b := new(packet.Batch)
	b.N = packet.BatchSize
	for i := range b.Packets {
		b.Packets[i].Data = make([]byte, segmentBytes/packet.BatchSize) // a batch fills a segment
	}
	var views [][]view
	for range 100 {
		r.add(b)
		if !r.isLent() {
			views = append(views, r.look())
		}
	}
	held := map[*segment]bool{}
	for _, v := range views {
		for i := range v {
			held[v[i].of] = true
		}
	}
	if most := 3 * r.most; len(held) > most || len(held) < r.most {
		t.Errorf("%d segments are held, want at most %d", len(held), most)
	}
	for _, v := range views {
		release(v)
	}
	if r.isLent() || len(r.lent) != 0 {
		t.Errorf("%d segments are lent to nobody", len(r.lent))
	}
}

// Wireshark reads the files, with the alert as their comment.
func TestTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	dir := t.TempDir()
	r, err := Open(Options{Dir: dir, Packets: 7})
	if err != nil {
		t.Fatal(err)
	}
	feed(r, 0, 100)
	r.Write(origin, alert(100, host(2)))
	r.Close()
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if want := "2023-11-14T22_15_00.000000000Z-test-10.0.0.2" + suffix; len(files) != 1 || filepath.Base(files[0]) != want {
		t.Fatalf("files: %q, want %s", files, want)
	}
	out, err := exec.Command("tshark", "-n", "-r", files[0], "-T", "fields", "-e", "ip.src", "-e", "udp.dstport").Output()
	if err != nil || string(out) != strings.Repeat("10.0.0.2\t8192\n", 7) {
		t.Errorf("tshark: %v: %q", err, out)
	}
	if out, err := exec.Command("capinfos", "-k", files[0]).Output(); err == nil && !strings.Contains(string(out), `"message":"seen"`) {
		t.Errorf("capinfos: %s", out)
	}
}

func BenchmarkSee(b *testing.B) {
	r, err := Open(Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	var dec packet.Decoder
	var batch packet.Batch
	data := append(udp(1, 2, 3), make([]byte, 600)...)
	for i := range batch.Packets {
		dec.Decode(&batch.Packets[i], packet.LinkEthernet, data, uint32(len(data)), 0)
	}
	batch.N = packet.BatchSize
	b.SetBytes(int64(len(data)) * packet.BatchSize)
	b.ReportAllocs()
	for range b.N {
		r.See(&batch)
	}
}
