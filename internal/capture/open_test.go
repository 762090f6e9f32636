package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

// pcapFile builds a classic pcap file of one 4-byte packet "abcd" of 60 bytes at
// 1 s and 2 units; extra stands between the record header and the packet.
func pcapFile(o binary.AppendByteOrder, magic uint32, extra string) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(b, 2)
	b = o.AppendUint16(b, 4)
	for _, v := range []uint32{0, 0, 65535, 113, 1, 2, 4, 60} {
		b = o.AppendUint32(b, v)
	}
	return append(b, extra+"abcd"...)
}

func gzipped(b []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	z.Write(b)
	z.Close()
	return buf.Bytes()
}

func TestPcapForms(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	for _, c := range []struct {
		name string
		file []byte
		ns   packet.Time
	}{
		{"micro, little-endian", pcapFile(le, magicMicro, ""), 2000},
		{"micro, big-endian", pcapFile(be, magicMicro, ""), 2000},
		{"nano, little-endian", pcapFile(le, magicNano, ""), 2},
		{"nano, big-endian", pcapFile(be, magicNano, ""), 2},
		{"modified, little-endian", pcapFile(le, magicModified, "12345678"), 2000},
		{"modified, big-endian", pcapFile(be, magicModified, "12345678"), 2000},
		{"gzip", gzipped(pcapFile(be, magicNano, "")), 2},
		{"two gzip members", append(gzipped(pcapFile(le, magicNano, "")[:30]), gzipped(pcapFile(le, magicNano, "")[30:])...), 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := readAll(t, c.file)
			if err != io.EOF || len(got) != 1 {
				t.Fatalf("read %d packets, %v, want 1, EOF", len(got), err)
			}
			f := got[0]
			if f.Time != 1e9+c.ns || string(f.Data) != "abcd" || f.WireLen != 60 || f.Link != packet.LinkSLL {
				t.Errorf("read %+v", f)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ name, content, want string }{
		{"empty", "", "found an empty file, expected a pcap"},
		{"two", "\xff\x01", "found only 2 bytes, expected"},
		{"text", "Hello, wörld\n", "found text, expected"},
		{"elf", "\x7fELF\x02\x01", "found a program or shared object, expected"},
		{"zst", "\x28\xb5\x2f\xfd....", "found zstd data (unpack it first), expected"},
		{"noise", "\x00\x11\x22\x33\x44\x55", "found unknown data (magic number 0x00112233), expected"},
		{"short", string(pcapFile(binary.LittleEndian, magicMicro, "")[:20]), "found a pcap file of 20 bytes, expected a header of 24"},
		{"gz of gz", string(gzipped(gzipped(nil))), "found gzip data inside gzip data, expected"},
		{"bad gz", "\x1f\x8b\xff\xff", "found gzip data that cannot be unpacked"},
		{"ng cut", string(ngSHB()[:20]), "found a pcapng file whose first block is not readable: the file ends in it"},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		src, err := Open(path)
		if err == nil {
			src.Close()
			t.Errorf("Open(%s) succeeded, want %q", c.name, c.want)
		} else if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("Open(%s) = %q, want the path and %q", c.name, err, c.want)
		}
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "found a directory") {
		t.Errorf("Open(directory) = %v", err)
	}
	if _, err := Open(filepath.Join(dir, "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open(missing) = %v, want one that is os.ErrNotExist", err)
	}
}

func TestDamagedGzip(t *testing.T) {
	z := gzipped(bytes.Repeat(pcapFile(binary.LittleEndian, magicNano, "")[24:], 1000))
	file := gzipped(pcapFile(binary.LittleEndian, magicNano, ""))
	file[len(file)-5] ^= 0xff // the length field of the trailer
	for name, c := range map[string]struct {
		file   []byte
		reason string
	}{
		"wrong length":   {file, "reading a record header: gzip: invalid checksum"},
		"member cut off": {append(gzipped(pcapFile(binary.LittleEndian, magicNano, "")), z[:len(z)-9]...), "reading a record header: unexpected EOF"},
	} {
		_, err := readAll(t, c.file)
		var d *DamagedError
		if !errors.As(err, &d) || d.Reason != c.reason {
			t.Errorf("%s: ended with %v, want %q", name, err, c.reason)
		}
	}
}

// trickle is a reader that returns one byte at a time, as a slow pipe may.
type trickle struct{ r io.Reader }

func (t trickle) Read(p []byte) (int, error) { return t.r.Read(p[:min(1, len(p))]) }

func TestReadsFromAPipe(t *testing.T) {
	src, err := NewSource("pipe", trickle{bytes.NewReader(pcapFile(binary.LittleEndian, magicNano, ""))})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := read(src); err != io.EOF || len(got) != 1 {
		t.Errorf("read %d packets, %v, want 1, EOF", len(got), err)
	}
}
