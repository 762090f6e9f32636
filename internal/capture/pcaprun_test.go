package capture

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

// plainRecord appends a record of length bytes, 0x5a each.
func plainRecord(file []byte, sec, frac uint32, length int) []byte {
	for _, v := range []uint32{sec, frac, uint32(length), uint32(length) + 7} {
		file = binary.LittleEndian.AppendUint32(file, v)
	}
	for range length {
		file = append(file, 0x5a)
	}
	return file
}

// TestStepAlike compares stepping over records with one at a time, of any form: runs of one
// length, times that run back or are those of another century, from every place in a batch.
func TestStepAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	lengths := []int{0, 1, 54, 54, 60, 1514, 3000}
	for try := range 3000 {
		form := &pcapForm{recBytes: plainBytes, minor: 4, fracNS: []packet.Time{1, 1000}[try%2]}
		length := lengths[r.IntN(len(lengths))]
		odd := -1 // the record that is not like the others
		if n := 1 + r.IntN(40); r.IntN(4) > 0 {
			odd = n
		}
		sec, frac := uint32(r.IntN(3)*math.MaxUint32/2), uint32(0)
		var file []byte
		for i := range 1 + r.IntN(48) {
			frac += uint32(r.IntN(3))
			l, s, f := length, sec, frac
			if i == odd {
				switch r.IntN(5) {
				case 0:
					l += 1 + r.IntN(3)
				case 1:
					l = max(0, l-1)
				case 2:
					f--
				case 3:
					s--
				case 4:
					f = math.MaxUint32
				}
			}
			file = plainRecord(file, s, f, l)
		}
		file = file[:len(file)-r.IntN(min(len(file), 20))]
		begin := steps{n: r.IntN(packet.BatchSize + 1), end: r.IntN(1 << 20), newest: []packet.Time{math.MinInt64, 0, packet.Time(sec)*1e9 + 1}[r.IntN(3)]}
		left := 1 + r.IntN(3*length*20/2+1)
		got, want := begin, begin
		got.run, want.run = new(run), new(run)
		form.stepAlike(&got, file, length+plainBytes, left)
		alikeByHand(form, &want, file, length, left)
		if got.run.at != want.run.at || got.run.times != want.run.times {
			t.Fatalf("try %d: another run from record %d of length %d, from %+v", try, odd, length, begin)
		}
		if got.run, want.run = nil, nil; got != want {
			t.Fatalf("try %d: %+v, want %+v from %+v, %d bytes of length %d", try, got, want, begin, len(file), length)
		}
	}
}

// alikeByHand says what stepAlike does.
func alikeByHand(form *pcapForm, to *steps, rest []byte, length, left int) {
	for ; to.n < packet.BatchSize && left > 0 && len(rest) >= plainBytes+length; left -= length {
		if n, _ := form.lengths(rest); int(n) != length || form.time(rest) < to.newest {
			return
		}
		to.to(plainBytes+length, form.time(rest))
		rest = rest[plainBytes+length:]
	}
}

// stepBytes is the length of its file.
const stepBytes = 1 << 20

// BenchmarkStep is what stepping over a record costs that is in the cache: of one length, and
// of several.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		name    string
		lengths []int
	}{
		{"alike", []int{54}},
		{"pairs", []int{78, 142}},
		{"fives", []int{54, 54, 54, 54, 54, 60, 60, 60, 60, 60}},
		{"runs", []int{54, 54, 54, 54, 54, 54, 54, 54, 54, 54, 54, 54, 60, 1514}},
	} {
		pcap, ng := pcapFile(binary.LittleEndian, magicMicro, "")[:24], ngFile(ngIDB(1, 0))
		n := 0
		for ; len(pcap) < stepBytes; n++ {
			length := c.lengths[n%len(c.lengths)]
			pcap = plainRecord(pcap, 1, uint32(n), length)
			ng = append(ng, ngEPB(0, uint64(n), uint32(length), uint32(length), string(make([]byte, length)))...)
		}
		b.Run(c.name, func(b *testing.B) { benchStep(b, pcap, n) })
		b.Run(c.name+"-ng", func(b *testing.B) { benchStep(b, ng, n) })
	}
}

// benchStep steps over a file of n packets, again and again.
func benchStep(b *testing.B, file []byte, n int) {
	path := filepath.Join(b.TempDir(), "f")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		b.Fatal(err)
	}
	src, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer src.Close()
	src.(keeper).hold(&shelf{size: 2 * stepBytes})
	var w *window
	switch s := src.(type) {
	case *pcapSource:
		w = s.w
	case *ngSource:
		w = s.w
		s.Next(new(Frame)) // the interface is before it
	}
	w.turn() // the whole of it is in one block
	w.peek(1)
	s, lo, off := src.(runner).running(), w.lo, w.off
	var r run
	for done := 0; done < b.N; done += n {
		w.lo, w.off = lo, off
		w.block.users = 1
		for to := (steps{run: &r, n: 1}); to.n > 0; s.over(&to) {
			to = steps{run: &r, newest: to.newest}
			s.step(&to)
		}
	}
	if len(w.rest()) > 0 {
		b.Fatalf("%d bytes are left", len(w.rest()))
	}
}
