package capture

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

func TestWriter(t *testing.T) {
	var buf bytes.Buffer
	w := NewWriter(&buf, "why it was kept")
	want := []Frame{
		{Time: 1_700_000_000_123_456_789, Data: []byte("abcd"), WireLen: 60, Link: packet.LinkEthernet},
		{Time: 5, Data: []byte("ef"), WireLen: 2, Link: packet.LinkRaw, Iface: 1},
		{Time: 6, Data: []byte("g"), WireLen: 1, Link: packet.LinkEthernet},
		{Time: 7, Data: []byte("hij"), WireLen: 3, Link: packet.LinkSLL2, Iface: 2},
		{Time: 7, Data: []byte{}, WireLen: 9, Link: 0xfedc, Iface: 3},
	}
	for i := range want {
		if err := w.Write(&want[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	got, err := readAll(t, buf.Bytes())
	if err != io.EOF || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("read back %v, %v, want %v", got, err, want)
	}
	if !strings.Contains(buf.String(), "why it was kept") {
		t.Error("the comment is not in the file")
	}
	buf.Reset()
	NewWriter(&buf, "").Flush()
	if got, err := readAll(t, buf.Bytes()); len(got) != 0 || err != io.EOF {
		t.Errorf("an empty file reads as %v, %v, want nothing, EOF", got, err)
	}
}

// What no reader would believe is cut.
func TestWriterCuts(t *testing.T) {
	var buf bytes.Buffer
	w := NewWriter(&buf, strings.Repeat("long", 20_000))
	f := Frame{Time: 1, Data: make([]byte, maxPacketBytes+5), WireLen: maxPacketBytes + 5, Link: packet.LinkEthernet}
	if err := w.Write(&f); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	got, err := readAll(t, buf.Bytes())
	if err != io.EOF || len(got) != 1 || len(got[0].Data) != maxPacketBytes || got[0].WireLen != f.WireLen {
		t.Errorf("read back %d packets, %v", len(got), err)
	}
}

// Copies of captures are to tshark what the captures are, whatever their link type.
func TestWriterTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	fields := []string{"-n", "-T", "fields", "-e", "frame.encap_type", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.protocols", "-e", "ip.src", "-e", "ipv6.src", "-r"}
	for _, name := range []string{"sll2.pcap", "sll2-zeek.pcap", "pktap.pcap", "nflog-http.pcap", "ng-multi-if.pcapng"} {
		path := filepath.Join("..", "..", "testdata", "pcap", name)
		src, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		copied := filepath.Join(t.TempDir(), "copy.pcapng")
		f, err := os.Create(copied)
		if err != nil {
			t.Fatal(err)
		}
		w := NewWriter(f, "copy of "+name)
		n := 0
		for frame := new(Frame); src.Next(frame) == nil; n++ {
			if err := w.Write(frame); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		f.Close()
		show := func(path string) string {
			out, err := exec.Command("tshark", append(fields, path)...).Output()
			if err != nil {
				t.Fatalf("tshark %s: %v", path, err)
			}
			return string(out)
		}
		if got, want := show(copied), show(path); n == 0 || strings.Count(got, "\n") != n || got != want {
			t.Errorf("%s, %d packets: tshark says of the copy\n%s\nof the capture\n%s", name, n, got, want)
		}
	}
}
