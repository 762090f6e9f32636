package capture

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

// expected ends every sentence that refuses a file.
const expected = "expected a pcap, pcapng, ERF or snoop capture, plain or gzip"

// Open opens a capture file by what it contains; its name says nothing. "-" is
// standard input. It reads pcap (both byte orders, microseconds, nanoseconds, and
// Kuznetzov's "modified" form), pcapng, ERF and snoop, plain or gzip. An error says what was found.
func Open(path string) (Source, error) {
	if path == "-" {
		return newSource(path, newWindow(os.Stdin), func() error { return nil })
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening capture: %w", err)
	}
	st, err := f.Stat()
	if err == nil && st.IsDir() {
		f.Close()
		return nil, fmt.Errorf("opening capture %q: found a directory, %s", path, expected)
	}
	w := newWindow(f)
	if err == nil && st.Mode().IsRegular() {
		w.isFile, w.least = true, st.Size()
	}
	src, err := newSource(path, w, f.Close)
	if err != nil {
		f.Close()
		return nil, err
	}
	return src, nil
}

// NewSource reads a capture from r, as Open does; name is what errors call it.
// Closing the source does not close r.
func NewSource(name string, r io.Reader) (Source, error) {
	return newSource(name, newWindow(r), func() error { return nil })
}

func newSource(path string, w *window, close func() error) (Source, error) {
	raw := w
	if isGzip(w) {
		z, err := gzip.NewReader(bufio.NewReaderSize(w, 64<<10))
		if err != nil {
			return nil, fmt.Errorf("opening capture %q: found gzip data that cannot be unpacked: %w", path, err)
		}
		w = newWindow(z)
		w.isFile = raw.isFile
	}
	rd := reader{w: w, raw: raw, size: raw.least, path: path, close: close}
	var head []byte
	for _, f := range formats {
		w.peek(f.sniff) // all there is, if less
		if head = w.rest(); f.match(head) {
			src, err := f.open(rd)
			if err != nil {
				return nil, fmt.Errorf("opening capture %q: %w", path, err)
			}
			return src, nil
		}
	}
	if len(head) == 0 && w.err != nil && w.err != io.EOF {
		return nil, fmt.Errorf("opening capture %q: %w", path, w.err)
	}
	return nil, fmt.Errorf("opening capture %q: found %s, %s", path, describe(head), expected)
}

// Bytes of a file that a format is known by. A pipe may not have more for a while.
const (
	magicBytes = 24      // the magic number, and what stands beside it
	chainBytes = 8 << 10 // several records
)

// formats in the order in which they are tried: ERF has no magic number and
// comes last. match gets at least sniff bytes, fewer if the file is shorter.
var formats = []struct {
	sniff int
	match func(head []byte) bool
	open  func(reader) (Source, error)
}{
	{magicBytes, isPcap, openPcap},
	{magicBytes, isPcapng, openPcapng},
	{magicBytes, isSnoop, openSnoop},
	{chainBytes, isERF, openERF},
}

func isGzip(w *window) bool {
	b, ok := w.peek(2)
	return ok && b[0] == 0x1f && b[1] == 0x8b
}

// describe names what a file begins with, for people who took the wrong one.
func describe(head []byte) string {
	if len(head) == 0 {
		return "an empty file"
	}
	for _, m := range otherMagics {
		if len(head) >= len(m.magic) && string(head[:len(m.magic)]) == m.magic {
			return m.name
		}
	}
	if isText(head) {
		return "text"
	}
	if len(head) < 4 {
		return fmt.Sprintf("only %d bytes", len(head))
	}
	return fmt.Sprintf("unknown data (magic number 0x%08x)", binary.BigEndian.Uint32(head))
}

// otherMagics are beginnings of files that people take for captures.
var otherMagics = []struct{ magic, name string }{
	{"\x1f\x8b", "gzip data inside gzip data"},
	{"\x28\xb5\x2f\xfd", "zstd data (unpack it first)"},
	{"\xfd7zXZ\x00", "xz data (unpack it first)"},
	{"BZh", "bzip2 data (unpack it first)"},
	{"\x04\x22\x4d\x18", "lz4 data (unpack it first)"},
	{"PK\x03\x04", "a zip archive (unpack it first)"},
	{"7z\xbc\xaf", "a 7z archive (unpack it first)"},
	{"\x7fELF", "a program or shared object"},
	{"RTSS", "a Microsoft Network Monitor capture (convert it to pcap)"},
	{"GMBU", "a Microsoft Network Monitor capture (convert it to pcap)"},
	{"\x54\x52\x53\x4e\x49\x46\x46", "a Sniffer capture (convert it to pcap)"},
}

// isText tells text from binary by its first bytes: valid UTF-8 (a rune cut off
// at the end excepted) without control characters.
func isText(head []byte) bool {
	head = head[:min(len(head), 512)]
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && n == 1 && len(head)-i >= utf8.UTFMax {
			return false
		}
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' {
			return false
		}
		i += n
	}
	return true
}
