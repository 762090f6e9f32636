package capture

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

// Files that are cut off while they are read.

// TestFileShrinks cuts files off while they are read. The process survives, and what
// was there is read, and the rest is damage; be the cut noticed with the next piece,
// or by a fault in one that had been asked for already.
func TestFileShrinks(t *testing.T) {
	const n = 4000
	for _, ng := range []bool{false, true} {
		for _, c := range []struct {
			name  string
			size  int // of packets
			piece int
			keep  int64 // bytes that are left
			min   int   // packets that must be read
		}{
			{"next piece", 1000, 64 << 10, 2_000_000, 1900},
			{"next piece, to a page", 1000, 64 << 10, 2 << 20, 2000},
			{"fault", 1000, 16 << 20, 2_000_000, 1900},
			{"fault, to a page", 1000, 16 << 20, 2 << 20, 2000},
			{"to nothing", 1000, 64 << 10, 0, 256},
			{"to nothing, fault", 1000, 16 << 20, 0, 256},
			{"behind what was read", 1000, 64 << 10, 100_000, 256},
			{"dense", 60, 16 << 10, 100_000, 900},
			{"dense, to nothing", 60, 16 << 10, 0, 256},
			{"dense, behind what was read", 60, 16 << 10, 5_000, 256},
		} {
			for name, read := range map[string]func(*testing.T, Source, func(int)) (int, error){"": batches, ", in runs": runs} {
				t.Run(map[bool]string{false: "pcap ", true: "pcapng "}[ng]+c.name+name, func(t *testing.T) {
					mapAll(t, c.piece)
					path := writeTemp(t, records(ng, n, c.size))
					src, err := Open(path)
					if err != nil {
						t.Fatal(err)
					}
					defer src.Close()
					got, end := read(t, src, func(int) {
						if err := os.Truncate(path, c.keep); err != nil {
							t.Fatal(err)
						}
					})
					var d *DamagedError
					// Zeros are no block of pcapng, and no end of one.
					if !errors.As(end, &d) || !strings.Contains(d.Reason, "shorter while it was read") && !(ng && strings.HasPrefix(d.Reason, "a block")) {
						t.Fatalf("ended with %v", end)
					}
					// The page that the cut is in reads as zeros: in a piece asked for already those
					// pass for empty records.
					if most := int(c.keep)/c.size + 4096/16 + 256; got < c.min || got > most || d.Packets != int64(got) {
						t.Errorf("%d packets, %v, want %d to %d", got, d, c.min, most)
					}
				})
			}
		}
	}
}

// TestFillShrunk cuts a file off before what a window shows, while that is looked at: then
// there is no more, and that is known at once.
func TestFillShrunk(t *testing.T) {
	mapAll(t, 16<<10)
	f, err := os.Open(writeTemp(t, make([]byte, 100_000)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := newWindow(f)
	w.file = f
	w.hold()
	defer w.unmap()
	for range 3 {
		w.skip(10_000)
		if w.lookAt(1000, 1) == nil {
			t.Fatal("the file is not mapped")
		}
	}
	if err := os.Truncate(f.Name(), 20_000); err != nil {
		t.Fatal(err)
	}
	w.asked = true // and not touched
	for range 2 {
		if b := w.lookAt(1000, 60_000); b != nil || w.err != errShrunk || !w.shrunk {
			t.Errorf("%d bytes, %v", len(b), w.err)
		}
	}
}

// TestConcatShrunk cuts off the first of two files when the second is being read: whoever
// looks at its frames then, it is damaged once, and the second is read to its end.
func TestConcatShrunk(t *testing.T) {
	const n, size = 600, 1000
	mapAll(t, 16<<10)
	var srcs []Source
	var paths []string
	for range 2 {
		path := writeTemp(t, records(false, n, size))
		src, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		srcs, paths = append(srcs, src), append(paths, path)
	}
	src := Concat(srcs...)
	defer src.Close()
	var dec packet.Decoder
	b, batch := NewBatcher(src, &dec), new(packet.Batch)
	var old []packet.Packet
	looked, sum := 0, 0
	for b.Packets() < 2*n {
		if err := b.Next(batch); err != nil {
			t.Fatal(err)
		}
		if b.Packets() <= n {
			old = append(old, batch.Packets[:batch.N]...)
			continue
		}
		if err := os.Truncate(paths[0], 4096); err != nil {
			t.Fatal(err)
		}
		for i := range old {
			l := Guard(func() { sum += int(old[i].Data[size-1]) })
			if !l.Any() {
				looked++
			}
			b.Lost(l)
		}
	}
	err := b.Next(batch)
	if d := Damages(err); len(d) != 1 || d[0].Path != paths[0] || d[0].Packets != n || !strings.Contains(d[0].Reason, "shorter") {
		t.Errorf("ended with %v", err)
	}
	if looked == 0 || looked >= 2*len(old) {
		t.Errorf("%d looks at %d frames came to an end, sum %d", looked, len(old), sum)
	}
}

// TestDecodeShrunk cuts a file off between reading a batch and decoding it: those packets
// are there that are before the cut, and hold what they ought to; none that was decoded by
// then hides one that was not.
func TestDecodeShrunk(t *testing.T) {
	const size, keep = 1000, 100 << 10
	for _, ng := range []bool{false, true} {
		mapAll(t, 64<<10)
		path := writeTemp(t, records(ng, 2000, size))
		src, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		var dec packet.Decoder
		b, f, batch := NewBatcher(src, &dec), new(Frames), new(packet.Batch)
		for range 2 { // the first has what comes before records
			if err := b.NextFrames(f); err != nil {
				t.Fatal(err)
			}
		}
		if f.run.form == nil {
			t.Fatal("no run")
		}
		if err := os.Truncate(path, 256*(size+16)+keep); err != nil {
			t.Fatal(err)
		}
		heads, again := new(packet.Heads), new(packet.Batch)
		if _, ok := f.DecodeHeads(&dec, heads); ok || f.Loss() != (Loss{}) {
			t.Errorf("%d heads, %+v lost: not all can be read", heads.N, f.Loss())
		}
		third := Wanted{0x9249249249249249, 0x9249249249249249, 0x9249249249249249, 0x9249249249249249}
		loss, ok := f.DecodeAgain(&dec, again, f.N, &third)
		f.Decode(&dec, batch)
		if ok || loss.addr == 0 || loss.Frames != third.between(again.N, f.N) || again.N < batch.N-3 || again.N > batch.N+3 {
			t.Errorf("decoded again: %d packets of %d, %+v lost", again.N, batch.N, loss)
		}
		whole := keep / (size + 16)
		if ng {
			whole = (256*(size+16) + keep - 256*(size+32)) / (size + 32)
		}
		if batch.N < whole-1 || batch.N > whole+5 {
			t.Errorf("%d packets, %d records are there", batch.N, whole)
		}
		for i := range batch.N {
			p := &batch.Packets[i]
			if i >= whole { // of the page that the cut is in the rest reads as zeros
				continue
			}
			if p.Data[0] != filling(256+i) || p.Has&packet.TCP == 0 != ((256+i)%3 == 0) {
				t.Fatalf("packet %d of %d: %d, layers %x", i, batch.N, p.Data[0], p.Has)
			}
		}
	}
}

// TestStepShrunk cuts a file off, at a page, while it is being stepped over by fours: what was
// stepped over is a beginning of what is there, all but three records at most, and can be read.
func TestStepShrunk(t *testing.T) {
	const size, page = 300, 4096
	for _, ng := range []bool{false, true} {
		each := map[bool]int{false: size + 16, true: size + 32}[ng]
		for pages := range 12 {
			mapAll(t, 16<<20)
			file := records(ng, 2000, size)
			path := writeTemp(t, file)
			src, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			var dec packet.Decoder
			b, f, batch := NewBatcher(src, &dec), new(Frames), new(packet.Batch)
			for b.Packets() < 256 {
				if err := b.NextFrames(f); err != nil {
					t.Fatal(err)
				}
			}
			before, head := int(b.Packets()), len(file)-2000*each
			cut := (head + before*each + 8*each + page - 1 + pages*page) &^ (page - 1)
			if err := os.Truncate(path, int64(cut)); err != nil {
				t.Fatal(err)
			}
			if err := b.NextFrames(f); err != nil || f.run.form == nil {
				t.Fatal("no run:", err)
			}
			begun := (cut-head+each-1)/each - before // the last one may not be there in whole
			if f.N > begun || f.N < begun-5 || f.run.n != f.N || f.run.size != f.N*each {
				t.Fatalf("cut at %d: %d records of %d bytes stepped over, %d are there", cut, f.N, f.run.size, begun)
			}
			f.Decode(&dec, batch)
			b.Lost(f.Loss())
			if batch.N < f.N-1 {
				t.Errorf("cut at %d: %d packets of %d", cut, batch.N, f.N)
			}
			for i, p := range batch.Packets[:batch.N] {
				if p.Data[0] != filling(before+i) || len(p.Data) != size {
					t.Fatalf("cut at %d: packet %d of %d: %d bytes, %d", cut, i, batch.N, len(p.Data), p.Data[0])
				}
			}
			var d *DamagedError
			if err := b.NextFrames(f); !errors.As(err, &d) || d.Packets != int64(before+batch.N) {
				t.Errorf("cut at %d: ended with %v after %d packets", cut, err, before+batch.N)
			}
		}
	}
}
