package capture

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/pcapgo"
)

// viaPcapgo counts the packets of a file with gopacket's readers, and says how
// they ended: "well", "panic" or an error.
func viaPcapgo(path string) (packets int, end string) {
	defer func() {
		if p := recover(); p != nil {
			end = fmt.Sprint("panic: ", p)
		}
	}()
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, err.Error()
	}
	var r gopacket.PacketDataSource
	if isPcapng(b) {
		r, err = pcapgo.NewNgReader(bytes.NewReader(b), pcapgo.NgReaderOptions{WantMixedLinkType: true})
	} else {
		r, err = pcapgo.NewReader(bytes.NewReader(b))
	}
	for ; err == nil; packets++ {
		if _, _, err = r.ReadPacketData(); err != nil {
			break
		}
	}
	if err == io.EOF {
		return packets, "well"
	}
	return packets, err.Error()
}

// TestPcapgoFallsShort keeps the reason for our own readers honest: the day
// pcapgo reads all these files, the package comment is out of date.
func TestPcapgoFallsShort(t *testing.T) {
	fewer, panics := 0, 0
	for _, tr := range truths(t) {
		ours, _ := readFile(t, tr.File)
		n, end := viaPcapgo(filepath.Join(tracesDir, tr.File))
		if n != len(ours) {
			fewer++
			t.Logf("%s: pcapgo reads %d packets, we %d: %s", tr.File, n, len(ours), end)
		}
		if strings.HasPrefix(end, "panic") {
			panics++
		}
	}
	t.Logf("pcapgo reads another number of packets in %d captures, panics in %d", fewer, panics)
	if fewer == 0 {
		t.Error("pcapgo reads as many packets as we do everywhere: the package comment is out of date")
	}
	path := filepath.Join(t.TempDir(), "f")
	file := ngFile(ngIDB(1, 0, ngOpt(optTSResol, 64)), ngEPB(0, 1, 4, 4, "abcd"))
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, end := viaPcapgo(path); !strings.HasPrefix(end, "panic") {
		t.Errorf("pcapgo ends with %q at a time resolution of 10^-64 s, the package comment says it panics", end)
	}
}
