package capture

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/pcapgo"

	"github.com/streamon/streamon/runtime/packet"
)

// bigCapture writes one large file with the packets of goprobe-mix, five times
// over, cut to 633 bytes each and padded up to that: the mean length of the paper.
func bigCapture(b *testing.B, ng bool) (path string, size int64) {
	src, err := NewSource("mix", bytes.NewReader(largest(b)))
	if err != nil {
		b.Fatal(err)
	}
	frames, _ := read(src)
	path = filepath.Join(b.TempDir(), "big")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var write func(gopacket.CaptureInfo, []byte) error
	if ng {
		w, _ := pcapgo.NewNgWriter(f, 1)
		defer w.Flush()
		write = w.WritePacket
	} else {
		w := pcapgo.NewWriterNanos(f)
		w.WriteFileHeader(262144, 1)
		write = w.WritePacket
	}
	data := make([]byte, 633)
	for range 5 {
		for i := range frames {
			copy(data, frames[i].Data)
			if err := write(gopacket.CaptureInfo{CaptureLength: len(data), Length: len(data)}, data); err != nil {
				b.Fatal(err)
			}
			size += int64(len(data))
		}
	}
	return path, size
}

// BenchmarkRead compares our readers with pcapgo's on the same file.
func BenchmarkRead(b *testing.B) {
	for _, kind := range []struct {
		name string
		ng   bool
	}{{"pcap", false}, {"pcapng", true}} {
		path, size := bigCapture(b, kind.ng)
		b.Run(kind.name+"/ours", func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				src, err := Open(path)
				if err != nil {
					b.Fatal(err)
				}
				var f Frame
				for src.Next(&f) == nil {
				}
				src.Close()
			}
		})
		b.Run(kind.name+"/pcapgo", func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				f, err := os.Open(path)
				if err != nil {
					b.Fatal(err)
				}
				var r interface {
					ZeroCopyReadPacketData() ([]byte, gopacket.CaptureInfo, error)
				}
				if kind.ng {
					r, err = pcapgo.NewNgReader(f, pcapgo.NgReaderOptions{WantMixedLinkType: true})
				} else {
					r, err = pcapgo.NewReader(f)
				}
				for err == nil {
					_, _, err = r.ZeroCopyReadPacketData()
				}
				if err != io.EOF {
					b.Fatal(err)
				}
				f.Close()
			}
		})
		b.Run(kind.name+"/batches", func(b *testing.B) {
			var dec packet.Decoder
			batch := new(packet.Batch)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				src, err := Open(path)
				if err != nil {
					b.Fatal(err)
				}
				bt := NewBatcher(src, &dec)
				for bt.Next(batch) == nil {
				}
				src.Close()
			}
		})
	}
}
