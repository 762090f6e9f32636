package image

import (
	"bytes"
	"errors"
	"math"
	"testing"
)

func TestNumbers(t *testing.T) {
	var w Writer
	w.Uint(math.MaxUint64)
	w.Int(math.MinInt64)
	w.Float(math.Inf(-1))
	w.Bool(true)
	w.Text("états")
	w.Uint(7)
	r := NewReader(w.Bytes())
	if u, i, x, b, s, n := r.Uint(), r.Int(), r.Float(), r.Bool(), r.Text(), r.Count(7); u != math.MaxUint64 || i != math.MinInt64 ||
		!math.IsInf(x, -1) || !b || s != "états" || n != 7 {
		t.Errorf("read %v %v %v %v %q %v", u, i, x, b, s, n)
	}
	if err := r.End(); err != nil {
		t.Error(err)
	}
	if got, want := Form("pair", 2, 17, 3), "pair 2 17 3"; got != want {
		t.Errorf("Form = %q, want %q", got, want)
	}
}

// What cannot be is refused, and everything after it is zero.
func TestRefused(t *testing.T) {
	number := func(n uint64) []byte {
		var w Writer
		w.Uint(n)
		w.Uint(1)
		return w.Bytes()
	}
	tests := []struct {
		name string
		b    []byte
		read func(r *Reader)
		want error
	}{
		{"short number", []byte{1, 2, 3}, func(r *Reader) { r.Uint() }, ErrShort},
		{"bool", number(2), func(r *Reader) { r.Bool() }, ErrWrong},
		{"count", number(8), func(r *Reader) { r.Count(7) }, ErrWrong},
		{"text longer than memory", number(math.MaxUint64), func(r *Reader) { r.Text() }, ErrShort},
		{"left over", number(1), func(r *Reader) { r.Uint() }, ErrLong},
		{"refused", number(1), func(r *Reader) { r.Refuse(false) }, ErrWrong},
		{"no runs", nil, func(r *Reader) { Get(r, make([]byte, 3)) }, ErrShort},
		{"run of nothing", []byte{0, 0}, func(r *Reader) { Get(r, make([]byte, 3)) }, ErrWrong},
		{"too many zero blocks", []byte{2, 0}, func(r *Reader) { Get(r, make([]byte, 64)) }, ErrWrong},
		{"too many blocks", append([]byte{1, 2}, make([]byte, 128)...), func(r *Reader) { Get(r, make([]byte, 128)) }, ErrWrong},
		{"sum of blocks overflows", []byte{1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}, func(r *Reader) { Get(r, make([]byte, 128)) }, ErrWrong},
		{"blocks without bytes", []byte{0, 1, 5}, func(r *Reader) { Get(r, make([]byte, 64)) }, ErrShort},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := NewReader(test.b)
			test.read(r)
			if err := r.End(); !errors.Is(err, test.want) {
				t.Errorf("End = %v, want %v", err, test.want)
			}
			if n := r.Uint(); n != 0 {
				t.Errorf("after the error, Uint = %d", n)
			}
		})
	}
}

// Cells come back as they were, whatever is zero among them; of zero ones little is written.
func TestCells(t *testing.T) {
	type cell struct {
		a uint32
		b [3]byte
	}
	for n := range 400 {
		cells := make([]cell, n)
		for i := 0; i < n; i += 1 + i%37 {
			cells[i] = cell{uint32(i), [3]byte{byte(i), 0, 1}}
		}
		var w Writer
		Put(&w, cells)
		got := make([]cell, n)
		r := NewReader(w.Bytes())
		Get(r, got)
		if err := r.End(); err != nil {
			t.Fatalf("%d cells: %v", n, err)
		}
		for i := range got {
			if got[i] != cells[i] {
				t.Fatalf("%d cells: cell %d is %v, was %v", n, i, got[i], cells[i])
			}
		}
	}
	var w Writer
	Put(&w, make([]uint64, 1<<20))
	if n := len(w.Bytes()); n > 8 {
		t.Errorf("8 MB of zeros become %d bytes", n)
	}
	w.Reset()
	if got := w.Bytes(); len(got) != 0 {
		t.Errorf("after Reset: %v", got)
	}
}

// FuzzCells: reading never panics, and what can be read is written again.
func FuzzCells(f *testing.F) {
	f.Add([]byte{1, 1, 0, 5, 0}, 3)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		cells := make([]uint16, n&1023)
		r := NewReader(b)
		Get(r, cells)
		if r.End() != nil {
			return
		}
		var w Writer
		Put(&w, cells)
		again := make([]uint16, len(cells))
		r = NewReader(w.Bytes())
		Get(r, again)
		if r.End() != nil || !bytes.Equal(bytesOf(again), bytesOf(cells)) {
			t.Errorf("%v becomes %v", cells, again)
		}
	})
}

func BenchmarkPut(b *testing.B) {
	for _, fill := range []struct {
		name string
		step int
	}{{"empty", 1 << 30}, {"hundredth", 800}, {"full", 1}} {
		b.Run(fill.name, func(b *testing.B) {
			cells := make([]uint64, 4<<20)
			for i := 0; i < len(cells); i += fill.step {
				cells[i] = 1
			}
			var w Writer
			b.SetBytes(8 * int64(len(cells)))
			b.ReportAllocs()
			for b.Loop() {
				w.Reset()
				Put(&w, cells)
			}
		})
	}
}
