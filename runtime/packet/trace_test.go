package packet

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"github.com/google/gopacket/pcapgo"
)

// tracesDir is the folder of the shared captures, next to the checkout.
var tracesDir = filepath.Join("..", "..", "..", "shared", "traces")

// traceFrame is one frame of a capture file.
type traceFrame struct {
	link LinkType
	data []byte
	wire uint32
	time Time
}

// traceFiles lists the shared captures, or skips the test if there are none.
func traceFiles(t testing.TB) []string {
	t.Helper()
	var files []string
	for _, dir := range []string{"mix", "detect", "link", "bad"} {
		m, _ := filepath.Glob(filepath.Join(tracesDir, dir, "*"))
		files = append(files, m...)
	}
	if len(files) == 0 {
		t.Skipf("no captures in %s: the shared traces are not part of the repository", tracesDir)
	}
	sort.Strings(files)
	return files
}

// bundledFiles lists the captures that are part of the repository.
func bundledFiles(t testing.TB) []string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join("..", "..", "testdata", "pcap", "*.pcap*"))
	if len(files) == 0 {
		t.Fatal("testdata/pcap holds no captures")
	}
	return files
}

var errNotPcap = errors.New("neither pcap nor pcapng")

// readTrace hands every frame of a capture file to f; data is valid in f only.
// An error says that the file ended badly; frames before that were handed over.
func readTrace(name string, f func(traceFrame)) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if len(raw) > 2 && raw[0] == 0x1f && raw[1] == 0x8b {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return err
		}
		if raw, err = io.ReadAll(z); err != nil {
			return err
		}
	}
	if len(raw) < 24 {
		return errNotPcap
	}
	if !bytes.HasPrefix(raw, []byte{0x0a, 0x0d, 0x0d, 0x0a}) {
		return readPcap(raw, f)
	}
	r, err := pcapgo.NewNgReader(bufio.NewReader(bytes.NewReader(raw)), pcapgo.NgReaderOptions{
		WantMixedLinkType: true})
	if err != nil {
		return err
	}
	for {
		data, ci, err := r.ZeroCopyReadPacketData()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		link := LinkType(0xffff)
		if n, err := r.Interface(ci.InterfaceIndex); err == nil {
			link = LinkType(n.LinkType)
		}
		f(traceFrame{link, data, uint32(ci.Length), Time(ci.Timestamp.UnixNano())})
	}
}

// readPcap reads a classic capture file. pcapgo refuses files with odd versions
// or records beyond the snap length and keeps only eight bits of the link type.
func readPcap(raw []byte, f func(traceFrame)) error {
	var order binary.ByteOrder = binary.LittleEndian
	if raw[0] == 0xa1 {
		order = binary.BigEndian
	}
	head, unit := 16, Time(1000)
	switch order.Uint32(raw) {
	case 0xa1b2c3d4:
	case 0xa1b23c4d:
		unit = 1
	case 0xa1b2cd34: // Kuznetzov: eight bytes more in each record
		head = 24
	default:
		return errNotPcap
	}
	if order.Uint16(raw[4:6]) < 2 {
		return errors.New("impossible version")
	}
	link := LinkType(order.Uint32(raw[20:24]))
	for raw = raw[24:]; len(raw) > 0; {
		if len(raw) < head {
			return io.ErrUnexpectedEOF
		}
		n := int(order.Uint32(raw[8:]))
		if n > 1<<18 {
			return errors.New("impossible record length")
		}
		t := Time(order.Uint32(raw))*1e9 + Time(order.Uint32(raw[4:]))*unit
		wire := order.Uint32(raw[12:])
		raw = raw[head:]
		if len(raw) < n {
			return io.ErrUnexpectedEOF
		}
		f(traceFrame{link, raw[:n:n], wire, t})
		raw = raw[n:]
	}
	return nil
}

// traceName is the folder and name of a shared capture, as truth files give it.
func traceName(file string) string {
	return filepath.Base(filepath.Dir(file)) + "/" + filepath.Base(file)
}

// truthFigures reads the plain numbers of a trace's truth file.
func truthFigures(file string) (map[string]int, error) {
	raw, err := os.ReadFile(filepath.Join(tracesDir, "truth", filepath.Base(file)+".json"))
	if err != nil {
		return nil, err
	}
	var truth struct {
		Figures map[string]struct {
			Value json.RawMessage `json:"value"`
		} `json:"figures"`
	}
	if err := json.Unmarshal(raw, &truth); err != nil {
		return nil, err
	}
	figures := map[string]int{}
	for name, f := range truth.Figures {
		n := 0
		if name != "capinfos" && json.Unmarshal(f.Value, &n) == nil {
			figures[name] = n
		}
		var info map[string]any
		if name == "capinfos" && json.Unmarshal(f.Value, &info) == nil {
			if x, ok := info["Number of packets"].(float64); ok {
				figures["packets"] = int(x)
			}
		}
	}
	return figures, nil
}
