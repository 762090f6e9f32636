package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

// inPieces has files read in pieces of so many bytes, until the test ends.
func inPieces(t *testing.T, size int) {
	p := pieceBytes
	pieceBytes = size
	t.Cleanup(func() { pieceBytes = p })
}

// records is a capture of n packets of size bytes; byte 0 of each counts.
func records(ng bool, n, size int) []byte {
	le := binary.LittleEndian
	file := pcapFile(le, magicNano, "")[:24]
	le.PutUint32(file[20:], uint32(packet.LinkEthernet))
	if ng {
		file = ngFile(ngIDB(uint16(packet.LinkEthernet), 0))
	}
	for i := range n {
		data := bytes.Repeat([]byte{filling(i)}, size)
		if i%3 != 0 && size >= 54 { // TCP in IPv4, which a kernel decodes: others come before and after
			copy(data[12:], []byte{8, 0, 0x45, 0, byte((size - 14) >> 8), byte(size - 14), 0, 0, 0, 0, 64, 6})
			data[46] = 0x50
		}
		if ng {
			file = append(file, ngEPB(0, uint64(i), uint32(size), uint32(size), string(data))...)
			continue
		}
		for _, v := range []int{1, i, size, size} {
			file = le.AppendUint32(file, uint32(v))
		}
		file = append(file, data...)
	}
	return file
}

// filling is what packet n is made of: not what was in its place a batch before.
func filling(n int) byte { return byte(n % fillings) }

const fillings = 251

func writeTemp(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// joined opens files as one source.
func joined(t *testing.T, paths ...string) Source {
	t.Helper()
	var list []Source
	for _, path := range paths {
		src, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, src)
	}
	return Concat(list...)
}

// batches reads src to its end with a Batcher and returns the number of packets;
// after each batch it calls then. What is in a batch must be what records made.
func batches(t *testing.T, src Source, then func(n int)) (packets int, end error) {
	t.Helper()
	var dec packet.Decoder
	b := NewBatcher(src, &dec)
	batch := new(packet.Batch)
	for calls := 0; ; calls++ {
		if end = b.Next(batch); end != nil {
			break
		}
		if calls > 10_000 {
			t.Fatal("the source does not end")
		}
		for i, p := range batch.Packets[:batch.N] {
			if len(p.Data) > 0 && p.Data[0] != filling(packets+i) {
				t.Fatalf("packet %d holds that of %d", packets+i, p.Data[0])
			}
		}
		packets += batch.N
		then(packets)
	}
	if b.Packets() != int64(packets) {
		t.Errorf("%d packets handed out, %d counted", packets, b.Packets())
	}
	return packets, end
}

// runs is batches by NextFrames, which steps over records where it can, of several batches at a
// time; each is decoded again, every third packet of it.
func runs(t *testing.T, src Source, then func(n int)) (packets int, end error) {
	t.Helper()
	var dec packet.Decoder
	b := NewBatcher(src, &dec)
	flying, batch, again := make([]Frames, flight), new(packet.Batch), new(packet.Batch)
	third := Wanted{0x9249249249249249, 0x9249249249249249, 0x9249249249249249, 0x9249249249249249}
	look := func(f *Frames) {
		f.Decode(&dec, batch)
		isRun := f.DecodeAgain(&dec, again, batch.N, &third)
		for i, p := range batch.Packets[:batch.N] {
			if len(p.Data) > 0 && p.Data[0] != filling(packets+i) {
				t.Fatalf("packet %d holds that of %d", packets+i, p.Data[0])
			}
			if q := &again.Packets[i]; isRun && (again.Time(i) != p.Time || third.has(i) && (q.Has != p.Has || q.Time != p.Time)) {
				t.Fatalf("packet %d decoded again: time %d, layers %x, want %d, %x", packets+i, again.Time(i), q.Has, p.Time, p.Has)
			}
		}
		packets += batch.N
	}
	calls := 0
	for ; end == nil; calls++ {
		f := &flying[calls%flight]
		if calls >= flight {
			look(f)
		}
		if end = b.NextFrames(f); end != nil {
			break
		}
		if calls > 10_000 {
			t.Fatal("the source does not end")
		}
		then(int(b.Packets()))
	}
	for i := max(0, calls-flight+1); i < calls; i++ {
		look(&flying[i%flight])
	}
	if b.Packets() != int64(packets) {
		t.Errorf("%d packets handed out, %d counted", packets, b.Packets())
	}
	return packets, end
}

// has reports whether packet i is in the set.
func (w *Wanted) has(i int) bool { return w[i>>6&3]>>(i&63)&1 != 0 }

// TestFileShrinks cuts files off while they are read: what had been read is there, what is left of
// the file too, and the rest is damage, wherever the cut is.
func TestFileShrinks(t *testing.T) {
	const n = 4000
	for _, ng := range []bool{false, true} {
		each := map[bool]int{false: 16, true: 32}[ng]
		for _, c := range []struct {
			name        string
			size, piece int
			keep        func(head, record int) int
		}{
			{"within a record", 1000, 64 << 10, func(head, record int) int { return head + 2000*record + 500 }},
			{"between records", 1000, 64 << 10, func(head, record int) int { return head + 2000*record }},
			{"within a record's header", 1000, 64 << 10, func(head, record int) int { return head + 2000*record + 7 }},
			{"to nothing", 1000, 64 << 10, func(head, record int) int { return 0 }},
			{"behind what was read", 1000, 64 << 10, func(head, record int) int { return head + 3*record }},
			{"small records", 60, 16 << 10, func(head, record int) int { return head + 2000*record }},
			{"small records, to nothing", 60, 16 << 10, func(head, record int) int { return 0 }},
			{"small pieces", 60, 512, func(head, record int) int { return head + 2000*record + 30 }},
		} {
			for name, read := range map[string]func(*testing.T, Source, func(int)) (int, error){"": batches, ", in runs": runs} {
				t.Run(map[bool]string{false: "pcap ", true: "pcapng "}[ng]+c.name+name, func(t *testing.T) {
					inPieces(t, c.piece)
					file, record := records(ng, n, c.size), (c.size+3)&^3+each
					keep := c.keep(len(file)-n*record, record)
					path := writeTemp(t, file)
					src, err := Open(path)
					if err != nil {
						t.Fatal(err)
					}
					defer src.Close()
					got, end := read(t, src, func(int) {
						if err := os.Truncate(path, int64(keep)); err != nil {
							t.Fatal(err)
						}
					})
					var d *DamagedError
					if !errors.As(end, &d) || !strings.Contains(d.Reason, errShrunk.Error()) {
						t.Fatalf("ended with %v", end)
					}
					// What was read before the cut is in blocks: that of the first batch, and one ahead.
					least, most := keep/record-1, max(keep/record, (16<<10+2*c.piece+batchBytes)/record)
					if got < least || got > most || d.Packets != int64(got) {
						t.Errorf("%d packets, %v, want %d to %d", got, d, least, most)
					}
				})
			}
		}
	}
}

// TestShrunkFileIsNotTheLast: the files after it are read, as with any damage, and it is damaged once.
func TestShrunkFileIsNotTheLast(t *testing.T) {
	const n = 3000
	for _, onHeads := range []bool{false, true} {
		first, second := writeTemp(t, records(false, n, 1000)), writeTemp(t, records(false, 5*256, 1000))
		src := joined(t, first, second)
		var dec packet.Decoder
		b := NewBatcher(src, &dec)
		batch := new(packet.Batch)
		packets, heads := 0, 0
		next := func() error { return b.Next(batch) }
		if onHeads {
			h := new(packet.Heads)
			next = func() error {
				is, err := b.NextHeads(h, batch, math.MaxInt64)
				if is {
					heads += h.N
				}
				return err
			}
		}
		var end error
		for end = next(); end == nil; end = next() {
			packets += batch.N
			if err := os.Truncate(first, 1<<20); err != nil {
				t.Fatal(err)
			}
		}
		if d := Damages(end); len(d) != 1 || d[0].Path != first || packets < 5*256+1000 || packets >= n+5*256 {
			t.Errorf("%d packets, %v", packets, end)
		}
		if onHeads && heads < packets/2 && packet.HasKernel(packet.LinkEthernet, 0) {
			t.Errorf("%d heads of %d packets", heads, packets)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFileGrows appends to a file while it is read: what has come in when its end is
// reached is read, and nothing read before changes until it is released.
func TestFileGrows(t *testing.T) {
	const n, size = 2000, 1000
	file := records(false, 3*n, size)
	cut := 24 + n*(16+size) - 500 // in the middle of a record
	path := writeTemp(t, file[:cut])
	src, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var kept [][]byte
	src.(keeper).hold(newShelf())
	var fr Frame
	for err = src.Next(&fr); err == nil; err = src.Next(&fr) {
		if kept = append(kept, fr.Data); len(kept) == 100 {
			if _, err := f.Write(file[cut:]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err != io.EOF || len(kept) != 3*n {
		t.Fatalf("%d packets, %v, want %d, EOF", len(kept), err, 3*n)
	}
	for i, data := range kept {
		if len(data) != size || data[0] != filling(i) || data[size-1] != filling(i) {
			t.Fatalf("packet %d holds %d bytes of %d", i, len(data), data[0])
		}
	}
}

// TestLoopKeepsBatches: the blocks of a pass stay while a batch points into them.
func TestLoopKeepsBatches(t *testing.T) {
	inPieces(t, 64<<10)
	path := writeTemp(t, records(false, fillings, 1000))
	for name, read := range map[string]func(*testing.T, Source, func(int)) (int, error){"batches": batches, "runs": runs} {
		src, err := Loop(func() (Source, error) { return Open(path) }, 7)
		if err != nil {
			t.Fatal(err)
		}
		if packets, end := read(t, src, func(int) {}); packets != 7*fillings || end != io.EOF {
			t.Errorf("%s: %d packets, %v, want %d, EOF", name, packets, end, 7*fillings)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestFilesDoNotAllocate(t *testing.T) {
	path := writeTemp(t, records(false, 600*256, 200))
	var dec packet.Decoder
	for name, ahead := range map[string]bool{"alone": false, "read ahead": true} {
		src, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		b := NewBatcher(src, &dec)
		flying, batch := make([]Frames, flight), new(packet.Batch)
		i := 0
		next := func() {
			if err := b.NextFrames(&flying[i%flight]); err != nil {
				t.Fatal(err)
			}
			flying[i%flight].Decode(&dec, batch)
			if ahead {
				b.ReadAhead()
			}
			i++
		}
		for range 100 { // until there are blocks enough
			next()
		}
		if n := testing.AllocsPerRun(200, next); n != 0 {
			t.Errorf("%s: NextFrames allocates %v times a batch, want 0", name, n)
		}
	}
}

// TestReadAhead has others read ahead all the while, of files one after the other, of which one
// is packed, one damaged, and one left in the middle: nothing is read twice, out of order or from a
// closed file.
func TestReadAhead(t *testing.T) {
	const n, size = 3000, 200
	whole := records(false, n, size)
	for _, piece := range []int{700, 16 << 10, 128 << 10} {
		inPieces(t, piece)
		for _, ng := range []bool{false, true} {
			file := records(ng, n, size)
			files := [][]byte{file, gzipped(whole), file[:len(file)-90], file}
			var paths []string
			for _, data := range files {
				paths = append(paths, writeTemp(t, data))
			}
			src := joined(t, paths...)
			var dec packet.Decoder
			b := NewBatcher(src, &dec)
			over, others := make(chan struct{}), sync.WaitGroup{}
			for range 2 {
				others.Go(func() {
					for {
						select {
						case <-over:
							return
						default:
							b.ReadAhead()
						}
					}
				})
			}
			flying, batch := make([]Frames, flight), new(packet.Batch)
			packets, done := 0, int64(0)
			look := func(f *Frames) {
				f.Decode(&dec, batch)
				for _, p := range batch.Packets[:batch.N] {
					of := packets % n
					if packets >= 3*n-1 {
						of = (packets + 1) % n // the third file has one less
					}
					if len(p.Data) != size || p.Data[size-1] != filling(of) {
						t.Fatalf("pieces of %d: packet %d holds %d bytes, of %d", piece, packets, len(p.Data), p.Data[size-1])
					}
					packets++
				}
				f.N = 0
			}
			for calls := 0; packets < 3*n+n/2; calls++ {
				f := &flying[calls%flight]
				look(f)
				if err := b.NextFrames(f); err != nil {
					t.Fatal(err)
				}
				now, total := Progress(src)
				if now < done || now > total {
					t.Fatalf("pieces of %d: at %d of %d bytes after %d", piece, now, total, done)
				}
				done = now
			}
			if err := src.Close(); err != nil {
				t.Error(err)
			}
			b.ReadAhead()
			close(over)
			others.Wait()
		}
	}
}

// TestBlocksAreUsedAgain reads many files: however many they are, there are no more blocks than
// batches at a time need, and none is lost.
func TestBlocksAreUsedAgain(t *testing.T) {
	inPieces(t, 16<<10)
	path := writeTemp(t, records(false, 1000, 200))
	for _, ahead := range []bool{false, true} {
		src := joined(t, slices.Repeat([]string{path}, 30)...)
		var dec packet.Decoder
		b := NewBatcher(src, &dec)
		flying := make([]Frames, flight)
		calls := 0
		for ; b.NextFrames(&flying[calls%flight]) == nil; calls++ {
			if ahead {
				b.ReadAhead()
			}
		}
		if err := src.Close(); err != nil {
			t.Fatal(err)
		}
		for i := range flying {
			b.empty(&flying[i])
		}
		if n, most := len(b.shelf.free), 2*flight+3; n == 0 || n > most {
			t.Errorf("read ahead %v: %d blocks after %d batches, want at most %d", ahead, n, calls, most)
		}
		seen := map[*block]bool{}
		for _, k := range b.shelf.free {
			if seen[k] || k.users != 0 {
				t.Errorf("read ahead %v: a block with %d users is free, or twice", ahead, k.users)
			}
			seen[k] = true
		}
	}
}
