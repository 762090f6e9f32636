package capture

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

// mixed is a capture of many short stretches of records, alike in all but one of them.
func mixed(r *rand.Rand, ng, isBig bool) []byte {
	file := pcapFile(binary.LittleEndian, magicNano, "")[:24]
	if ng {
		file = ngFile(ngIDB(1, 0), ngIDB(113, 0, ngOpt(optTSResol, 9)), ngIDB(1, 0, ngOpt(optTSOffset, 0, 0, 0, 0, 0, 0, 0, 1)))
	}
	lengths := []int{0, 1, 2, 3, 54, 60, 61}
	if isBig {
		lengths = append(lengths, 9000, 100_000)
	}
	tick := uint64(1 << 40)
	for range 60 {
		length, iface, n := lengths[r.IntN(len(lengths))], uint32(r.IntN(3)), 1+r.IntN(100)
		if isBig {
			n = 1 + r.IntN(30)
		}
		odd := r.IntN(2 * n)
		for i := range n {
			tick += uint64(r.IntN(3))
			data, kind := bytes.Repeat([]byte{byte(tick)}, length), 0
			if i == odd {
				if kind = 1 + r.IntN(5); kind == 1 {
					data = append(data, 0)
				}
			}
			time := tick
			if kind == 2 {
				time--
			}
			size := uint32(len(data))
			switch {
			case !ng:
				file = plainRecord(file, uint32(time>>32), uint32(time), len(data))
			case kind == 3:
				file = append(file, ngEPB((iface+1)%3, time, size, size, string(data))...)
			case kind == 4:
				file = append(file, ngSPB(size, string(data))...)
			case kind == 5:
				file = append(file, ngOPB(uint16(iface), time, string(data))...)
			default:
				file = append(file, ngEPB(iface, time, size, size+1, string(data))...)
			}
		}
	}
	return file[:len(file)-r.IntN(40)]
}

// TestRunsReadTheSame compares what is stepped over with what is read singly: packets, their
// times, how many came late, and how it ends.
func TestRunsReadTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for try := range 40 {
		inPieces(t, []int{4096, 128 << 10}[try%2])
		file := mixed(r, try%4 < 2, try%5 == 0)
		if try%4 == 1 {
			file = bigEndian(func() []byte { return mixed(r, true, false) })
		}
		single, err := NewSource("single", bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		stepped, err := Open(writeTemp(t, file))
		if err != nil {
			t.Fatal(err)
		}
		var dec packet.Decoder
		want, got := NewBatcher(single, &dec), NewBatcher(stepped, &dec)
		one, batch := new(packet.Batch), new(packet.Batch)
		at, n, inRuns := 0, 0, 0
		f := new(Frames)
		var end, wantEnd error
		for end = got.NextFrames(f); end == nil; end = got.NextFrames(f) {
			if f.run.form != nil {
				inRuns += f.N
			}
			f.Decode(&dec, batch)
			for i := range batch.Packets[:batch.N] {
				if at == one.N {
					if wantEnd = want.Next(one); wantEnd != nil {
						t.Fatalf("try %d: %d packets and more, want %d", try, n, n)
					}
					at = 0
				}
				p, q := &batch.Packets[i], &one.Packets[at]
				if p.Time != q.Time || p.Len != q.Len || p.Iface != q.Iface || p.Link != q.Link || !bytes.Equal(p.Data, q.Data) {
					t.Fatalf("try %d: packet %d is of %d, %d bytes, interface %d, want %d, %d, %d", try, n, p.Time, p.Len, p.Iface, q.Time, q.Len, q.Iface)
				}
				at++
				n++
			}
		}
		wantEnd = want.Next(one)
		reason := func(err error) any {
			if d, ok := err.(*DamagedError); ok {
				return [2]any{d.Packets, d.Reason}
			}
			return err
		}
		if got.Late() != want.Late() || !reflect.DeepEqual(reason(end), reason(wantEnd)) {
			t.Errorf("try %d: %d late, ended with %v, want %d, %v", try, got.Late(), end, want.Late(), wantEnd)
		}
		if inRuns < n/10 {
			t.Errorf("try %d: %d of %d packets in runs", try, inRuns, n)
		}
		stepped.Close()
	}
}
