package sketch

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/streamon/streamon/runtime/flow"
)

// TestDecayRowsLayout holds what the assembly knows.
func TestDecayRowsLayout(t *testing.T) {
	var r decayRows
	for i, at := range []uintptr{
		unsafe.Offsetof(r.at), unsafe.Offsetof(r.sums), unsafe.Offsetof(r.down), unsafe.Offsetof(r.lines),
		unsafe.Offsetof(r.lines) + unsafe.Sizeof(r.lines[0]), unsafe.Offsetof(r.cells),
	} {
		if at != uintptr(i)*512 {
			t.Errorf("array %d of decayRows is at %d", i, at)
		}
	}
	if unsafe.Sizeof(decayLine{}) != 64 || unsafe.Offsetof(decayLine{}.number) != 0 {
		t.Error("a line is not what the assembly knows")
	}
}

// TestDecayPlaceRows compares with what find does, for tables of all sizes that the kernel
// takes; their lines are not there.
func TestDecayPlaceRows(t *testing.T) {
	if !useKernel {
		t.Skip("no AVX2 here")
	}
	d, r := &NewTBF(sec, 0, 1, 0.01).decay, rand.New(rand.NewPCG(3, 3))
	first := uint64(uintptr(unsafe.Pointer(&d.lines[0])))
	second := uint64(uintptr(unsafe.Pointer(&d.lines[len(d.lines)/2])))
	for step := range 20_000 {
		n, add, rows := r.Uint64()>>(32+r.IntN(32)), r.Uint64(), 4+r.IntN(columnRows-3)
		column := make([]uint64, rows)
		for i := range column {
			column[i] = r.Uint64() - add
		}
		column[r.IntN(rows)] = -add
		column[r.IntN(rows)] = ^uint64(0) - add
		from := r.IntN(columnRows - rows + 1)
		decayPlaceRows(d.rows, from, &column[0], add, rows, &d.lines[0], &d.lines[len(d.lines)/2], n, &decayPlacing)
		for i, h := range column {
			h += add
			g, at := flow.Second(h), from+i
			l0, l1 := first+64*upper(h, n), second+64*upper(g, n)
			p0, p1 := pairs7[pick(h, 21)], pairs7[pick(g, 21)]
			want := [6]uint64{l0, l1, cellAt(l0, p0[0]), cellAt(l0, p0[1]), cellAt(l1, p1[0]), cellAt(l1, p1[1])}
			p := &d.rows.places
			if got := [6]uint64{p.lines[0][at], p.lines[1][at], p.cells[0][at], p.cells[1][at], p.cells[2][at], p.cells[3][at]}; got != want {
				t.Fatalf("step %d, row %d of %d, hash %x, %d lines: %x, want %x", step, i, rows, h, n, got, want)
			}
		}
	}
}

func cellAt(line uint64, cell uint8) uint64 {
	return line + uint64(unsafe.Offsetof(decayLine{}.v)) + 8*uint64(cell)
}
