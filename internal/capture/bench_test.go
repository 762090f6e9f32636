package capture

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/pcapgo"

	"github.com/streamon/streamon/runtime/packet"
)

// bigCapture writes one large file with the packets of goprobe-mix, twenty times
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
	for range 20 {
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

// BenchmarkRead reads the same file in turns: as frames, into decoded batches, and with pcapgo,
// which decodes nothing. It reports the medians of the turns in GB/s, and how many times as
// fast as pcapgo batches are.
func BenchmarkRead(b *testing.B) {
	for _, kind := range []struct {
		name string
		ng   bool
	}{{"pcap", false}, {"pcapng", true}} {
		path, size := bigCapture(b, kind.ng)
		ways := []struct {
			name string
			read func()
		}{
			{"frames", func() { readFrames(b, path) }},
			{"batches", func() { readBatches(b, path) }},
			{"pcapgo", func() { readPcapgo(b, path, kind.ng) }},
		}
		b.Run(kind.name, func(b *testing.B) {
			times := map[string][]float64{}
			for b.Loop() {
				for _, w := range ways {
					begun := time.Now()
					w.read()
					times[w.name] = append(times[w.name], time.Since(begun).Seconds())
				}
			}
			for _, w := range ways {
				slices.Sort(times[w.name])
				b.ReportMetric(float64(size)/1e9/median(times[w.name]), "GB/s-"+w.name)
			}
			b.ReportMetric(median(times["pcapgo"])/median(times["batches"]), "x-pcapgo")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func median(sorted []float64) float64 { return sorted[len(sorted)/2] }

// readFrames reads a file as a Source, without decoding.
func readFrames(b *testing.B, path string) {
	src, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer src.Close()
	var f Frame
	for err == nil {
		err = src.Next(&f)
	}
	if err != io.EOF {
		b.Fatal(err)
	}
}

// readBatches reads a file into decoded batches.
func readBatches(b *testing.B, path string) {
	src, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer src.Close()
	var dec packet.Decoder
	bt := NewBatcher(src, &dec)
	for err == nil {
		err = bt.Next(benchBatch)
	}
	if err != io.EOF {
		b.Fatal(err)
	}
}

var benchBatch = new(packet.Batch)

func readPcapgo(b *testing.B, path string, ng bool) {
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var r interface {
		ZeroCopyReadPacketData() ([]byte, gopacket.CaptureInfo, error)
	}
	if ng {
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
}
