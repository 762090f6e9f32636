package sketch

import "math"

// decaySeries are the factors of the series of e^x, and 2^52: the bits of an integer
// below it, or-ed to those of 2^52, are those of the sum.
var decaySeries = [5]float64{1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1 << 52}

// places are the addresses of the lines and cells of rows, which the kernels alone use.
type places struct {
	lines [2][columnRows]uint64
	cells [4][columnRows]uint64
}

// rising reports whether no time is less than the one before.
func rising(times []int64) bool {
	return useKernel && len(times) > 4 && risingRows(&times[0], len(times))
}

// unitRows computes the units of rows of the present step.
func (d *decay) unitRows(at []int64, amount float64, seen []uint8, adds, down []float64) {
	if !useKernel || len(at) < 4 || d.shift > 52 || at[0] < d.origin {
		d.unitsByRow(at, amount, seen, adds, down)
		return
	}
	decayUnits(&at[0], &seen[0], &adds[0], &down[0], len(at), d.origin+d.step<<d.shift, d.rate, d.coarse, d.inverse, amount, &decaySeries)
}

// cells adds to the cells of each row, see cellsByRow.
func (d *decay) cells(column []uint64, add uint64, from int) {
	n := len(d.lines) / 2
	if !useKernel || n > math.MaxUint32 {
		d.Warm(column, add)
		d.cellsByRow(column, add, from)
		return
	}
	if len(column) < 4 {
		d.cellsByRow(column, add, from)
		return
	}
	decayPlaceRows(d.rows, from, &column[0], add, len(column), &d.lines[0], &d.lines[n], uint64(n), &decayPlacing)
	for i, rows := from, from+len(column); i < rows; {
		i = decayCellRows(d.rows, i, rows, d.number)
		if i < rows { // not of the common kind
			d.cellsByRow(column[i-from:][:1], add, i)
			i++
		}
	}
}

// values writes the values of the first rows to out.
func (d *decay) values(out []float64) {
	if !useKernel || len(out) < 4 {
		d.valuesByRow(out)
		return
	}
	wholeRows(&d.rows.sums[0], &d.rows.down[0], &out[0], len(out))
}

// decayPlacing is what decayPlaceRows computes with, each number four times and each table
// twice: both halves of the factor of flow.Second, a mask of whole lines, the number of
// pairs of cells, what makes a number below 16 an index of the first table of a pair and
// one from 16 on an index of the second, then those two for the lower cell and for the
// higher one. They hold where in a line the cell begins.
var decayPlacing = func() (t [10][4]uint64) {
	const second, none = 0x9E3779B97F4A7C15, 0x80808000_80808000
	for i := range 4 {
		t[0][i], t[1][i], t[2][i] = second&math.MaxUint32, second>>32, 1<<64-64
		t[3][i], t[4][i], t[5][i] = 21, none+0x70_00000070, none+0xF0_000000F0
	}
	for i, p := range pairs7[:21] {
		for cell, at := range p {
			word, shift := i%16/8, i%8*8
			for _, half := range []int{0, 2} {
				t[6+2*cell+i/16][word+half] |= uint64(8+8*at) << shift
			}
		}
	}
	return t
}()

// risingRows is the kernel of rising, for five rows or more.
//
//go:noescape
func risingRows(times *int64, rows int) bool

// decayUnits is the kernel of unitsByRow, for four rows or more, none before the origin, of
// a step of less than 2^53 ns, which has that begin.
//
//go:noescape
func decayUnits(at *int64, seen *uint8, adds, down *float64, rows int, begin int64, rate, coarse, inverse, amount float64, series *[5]float64)

// decayPlaceRows writes where the lines and cells of rows are, for four rows or more. n is
// below 2^32.
//
//go:noescape
func decayPlaceRows(places *decayRows, from int, column *uint64, add uint64, rows int, first, second *decayLine, n uint64, with *[10][4]uint64)

// decayCellRows is the kernel of cellsByRow for rows whose places are known. It does those
// from number from on, up to one that is not of the common kind (a line refers to an
// earlier origin, or the sum gets too large), which it returns.
//
//go:noescape
func decayCellRows(places *decayRows, from, rows int, number int64) (next int)

// wholeRows is the kernel of valuesByRow, for four rows or more.
//
//go:noescape
func wholeRows(sums, down, out *float64, rows int)
