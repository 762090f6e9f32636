package capture

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

// mapAll has files of any size mapped, and asked for in pieces of so many bytes,
// until the test ends.
func mapAll(t *testing.T, piece int) {
	m, p := mapMinBytes, pieceBytes
	mapMinBytes, pieceBytes = 0, piece
	t.Cleanup(func() { mapMinBytes, pieceBytes = m, p })
}

// TestMappedReadsTheSame compares every capture as mapped with what read(2) shows:
// frames, end and damage. Frames must last until Close, whatever is released.
func TestMappedReadsTheSame(t *testing.T) {
	files := 0
	for _, piece := range []int{512, 128 << 10} {
		mapAll(t, piece)
		for _, tr := range truths(t) {
			path := filepath.Join(tracesDir, tr.File)
			plain, err := Open(path)
			if err != nil {
				continue
			}
			want, wantEnd := read(plain)
			plain.Close()
			src, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			if l, ok := src.(laster); !ok || !l.Lasts() {
				t.Logf("%s is not mapped", tr.File) // gzip
			} else {
				files++
			}
			k := src.(keeper)
			k.hold()
			var got []Frame
			var f Frame
			for err = src.Next(&f); err == nil; err = src.Next(&f) {
				got = append(got, f)
				k.release()
			}
			if !src.(laster).Lasts() {
				src.Close()
				continue
			}
			if !reflect.DeepEqual(err, wantEnd) || len(got) != len(want) {
				t.Fatalf("%s, pieces of %d: %d packets, %v, want %d, %v", tr.File, piece, len(got), err, len(want), wantEnd)
			}
			for i := range got {
				if !bytes.Equal(got[i].Data, want[i].Data) {
					t.Fatalf("%s: packet %d differs at the end", tr.File, i+1)
				}
				got[i].Data, want[i].Data = nil, nil
				if !reflect.DeepEqual(got[i], want[i]) {
					t.Fatalf("%s: packet %d is %+v, want %+v", tr.File, i+1, got[i], want[i])
				}
			}
			if err := src.Close(); err != nil {
				t.Errorf("%s: closing: %v", tr.File, err)
			}
			if err := src.Next(&f); err == nil {
				t.Errorf("%s: a packet after Close", tr.File)
			}
		}
	}
	if files < 300 {
		t.Errorf("%d files were mapped", files)
	}
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

// runs is batches by NextFrames, which steps over records where it can; each batch is
// decoded again, every third packet of it.
func runs(t *testing.T, src Source, then func(n int)) (packets int, end error) {
	t.Helper()
	var dec packet.Decoder
	b := NewBatcher(src, &dec)
	f, batch, again := new(Frames), new(packet.Batch), new(packet.Batch)
	third := Wanted{0x9249249249249249, 0x9249249249249249, 0x9249249249249249, 0x9249249249249249}
	for calls := 0; ; calls++ {
		if end = b.NextFrames(f); end != nil {
			break
		}
		if calls > 10_000 {
			t.Fatal("the source does not end")
		}
		f.Decode(&dec, batch)
		b.Lost(f.Loss())
		if _, ok := f.DecodeAgain(&dec, again, batch.N, &third); ok && again.N != batch.N {
			t.Fatalf("%d packets, decoded again %d", batch.N, again.N)
		}
		for i, p := range batch.Packets[:batch.N] {
			if len(p.Data) > 0 && p.Data[0] != filling(packets+i) {
				t.Fatalf("packet %d holds that of %d", packets+i, p.Data[0])
			}
			if q := &again.Packets[i]; f.run.form != nil && i < again.N && (again.Time(i) != p.Time || third.has(i) && (q.Has != p.Has || q.Time != p.Time)) {
				t.Fatalf("packet %d decoded again: time %d, layers %x, want %d, %x", packets+i, again.Time(i), q.Has, p.Time, p.Has)
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

// TestShrunkFileIsNotTheLast: the files after it are read, as with any damage.
func TestShrunkFileIsNotTheLast(t *testing.T) {
	const n = 3000
	for try, piece := range []int{64 << 10, 16 << 20, 64 << 10, 16 << 20} {
		onHeads := try >= 2
		mapAll(t, piece)
		first, second := writeTemp(t, records(false, n, 1000)), writeTemp(t, records(false, 5*256, 1000))
		var list []Source
		for _, path := range []string{first, second} {
			src, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, src)
		}
		src := Concat(list...)
		if !src.(laster).Lasts() {
			t.Error("two mapped files do not last")
		}
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
		if d := Damages(end); len(d) != 1 || d[0].Path != first || packets < 5*256+1000 || packets >= n {
			t.Errorf("pieces of %d: %d packets, %v", piece, packets, end)
		}
		if onHeads && heads < packets/2 && packet.AsksAhead(packet.LinkEthernet, 0) {
			t.Errorf("pieces of %d: %d heads of %d packets", piece, heads, packets)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFileGrows appends to a file that is mapped: what has come in when its end is
// reached is read, and nothing read before changes.
func TestFileGrows(t *testing.T) {
	const n, size = 2000, 1000
	mapAll(t, 64<<10)
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
	k := src.(keeper)
	k.hold()
	var fr Frame
	for err = src.Next(&fr); err == nil; err = src.Next(&fr) {
		if kept = append(kept, fr.Data); len(kept) == 100 {
			if _, err := f.Write(file[cut:]); err != nil {
				t.Fatal(err)
			}
		}
		k.release()
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

// TestLasts says which sources keep their frames until Close.
func TestLasts(t *testing.T) {
	file := records(false, 2000, 1000)
	open := func(data []byte) Source {
		src, err := Open(writeTemp(t, data))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { src.Close() })
		return src
	}
	stream, err := NewSource("stream", bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	loop, err := Loop(func() (Source, error) { return open(file), nil }, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		src  Source
		want bool
	}{
		{"file", open(file), true},
		{"small file", open(file[:1<<20]), false},
		{"gzip", open(gzipped(file)), false},
		{"stream", stream, false},
		{"files", Concat(open(file), open(file)), true},
		{"files, one small", Concat(open(file), open(file[:1000])), false},
		{"loop", loop, false},
	} {
		l, ok := c.src.(laster)
		if got := ok && l.Lasts(); got != c.want {
			t.Errorf("%s: lasts = %v, want %v", c.name, got, c.want)
		}
	}
}

// TestLoopOverMapped: a pass stays mapped while a batch points into it.
func TestLoopOverMapped(t *testing.T) {
	mapAll(t, 64<<10)
	path := writeTemp(t, records(false, fillings, 1000))
	src, err := Loop(func() (Source, error) { return Open(path) }, 7)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	packets, end := batches(t, struct {
		Source
		keeper
		faulter
	}{src, src.(keeper), src.(faulter)}, func(int) { n++ })
	if packets != 7*fillings || end != io.EOF {
		t.Errorf("%d packets, %v, want %d, EOF", packets, end, 7*fillings)
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
}

func TestMappedDoesNotAllocate(t *testing.T) {
	path := writeTemp(t, records(false, 200*256, 1000))
	src, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var dec packet.Decoder
	b := NewBatcher(src, &dec)
	batch := new(packet.Batch)
	if n := testing.AllocsPerRun(150, func() {
		if err := b.Next(batch); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("Batcher.Next allocates %v times a batch, want 0", n)
	}
}
