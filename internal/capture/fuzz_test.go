package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

// survive reads file in both ways there are and checks what holds for any input:
// it ends, in one of the two manners of Source; no packet is too long; and both
// ways see the same packets.
func survive(t *testing.T, file []byte) {
	src, err := NewSource("fuzz", bytes.NewReader(file))
	if err != nil {
		return
	}
	n, sum := 0, 0
	var f Frame
	for err = src.Next(&f); err == nil; err = src.Next(&f) {
		if len(f.Data) > maxPacketBytes {
			t.Fatalf("a packet of %d bytes", len(f.Data))
		}
		for _, c := range f.Data {
			sum += int(c)
		}
		n++
	}
	var d *DamagedError
	if err != io.EOF && (!errors.As(err, &d) || d.Packets != int64(n)) {
		t.Fatalf("ended with %v after %d packets", err, n)
	}
	if again := src.Next(&f); again != err {
		t.Fatalf("Next = %v after %v", again, err)
	}
	src, err = newSource("fuzz", &window{r: bytes.NewReader(file), buf: make([]byte, 16<<10), isFile: true}, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	var dec packet.Decoder
	b := NewBatcher(src, &dec)
	batch := new(packet.Batch)
	for b.Next(batch) == nil {
		for _, p := range batch.Packets[:batch.N] {
			for _, c := range p.Data {
				sum -= int(c)
			}
		}
	}
	if b.Packets() != int64(n) || sum != 0 {
		t.Fatalf("%d packets in batches, %d one by one; bytes differ by %d", b.Packets(), n, sum)
	}
}

func FuzzPcap(f *testing.F) {
	f.Add(pcapFile(binary.LittleEndian, magicMicro, ""))
	f.Add(pcapFile(binary.BigEndian, magicNano, ""))
	f.Add(pcapFile(binary.LittleEndian, magicModified, "12345678"))
	f.Add(append([]byte(snoopMagic), "\x00\x00\x00\x02\x00\x00\x00\x04"+
		"\x00\x00\x00\x3c\x00\x00\x00\x04\x00\x00\x00\x1c\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x02abcd"...))
	f.Add([]byte("\x00\x00\x00\x00\x01\x00\x00\x00\x02\x04\x00\x18\x00\x00\x00\x3cPPabcdef"))
	f.Fuzz(survive)
}

func FuzzPcapng(f *testing.F) {
	f.Add(ngFile(ngIDB(1, 0), ngEPB(0, 5, 3, 60, "abc"), ngSPB(4, "hijk"), ngOPB(0, 9, "lm")))
	f.Add(ngJoin(ngFile(ngIDB(1, 2)), bigEndian(func() []byte {
		return ngFile(ngIDB(1, 0, ngOpt(optTSResol, 0x8a), ngOpt(optTSOffset, 1, 2, 3, 4, 5, 6, 7, 8)), ngEPB(0, 5, 3, 60, "abc"))
	})))
	f.Fuzz(survive)
}

// TestClaimsCostNothing feeds files that claim much and hold little.
func TestClaimsCostNothing(t *testing.T) {
	huge := pcapFile(binary.LittleEndian, magicMicro, "")
	binary.LittleEndian.PutUint32(huge[32:], maxPacketBytes)
	for name, file := range map[string][]byte{
		"pcap":   huge,
		"pcapng": ngFile(ngIDB(1, 0), []byte{6, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		readAll(t, file)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, n, len(file))
		}
	}
}

// TestLargestBlock reads a block of the largest size, followed by nothing, and
// checks the bound on memory.
func TestLargestBlock(t *testing.T) {
	file := ngFile(ngIDB(1, 0), ngBlock(0x7777, make([]byte, maxBlockBytes-12)), ngEPB(0, 1, 4, 4, "abcd"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	src, err := NewSource("large", bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	src.(keeper).hold(newShelf())
	got, err := read(src)
	runtime.ReadMemStats(&after)
	if len(got) != 1 || err != io.EOF {
		t.Errorf("read %d packets, %v, want 1, EOF", len(got), err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20 {
		t.Errorf("%d MiB allocated, want at most 64", n>>20)
	}
}
