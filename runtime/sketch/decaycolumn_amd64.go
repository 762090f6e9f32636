package sketch

// decaySeries are the factors of the series of e^x, and 2^52: the bits of an integer
// below it, or-ed to those of 2^52, are those of the sum.
var decaySeries = [5]float64{1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1 << 52}

// unitRows computes the units of rows of the present step.
func (d *decay) unitRows(at []int64, amount float64, seen []uint8, adds, down []float64) {
	if !useKernel || len(at) < 4 || d.shift > 52 {
		d.unitsByRow(at, amount, seen, adds, down)
		return
	}
	decayUnits(&at[0], &seen[0], &adds[0], &down[0], len(at), d.origin, 1<<d.shift-1, d.rate, d.coarse, d.inverse, amount, &decaySeries)
}

// cells adds to the cells of each row and writes the values after that.
func (d *decay) cells(column []uint64, add uint64, adds, out []float64) {
	if !useKernel {
		d.Warm(column, add)
		d.cellsByRow(column, add, adds, out)
		return
	}
	n := len(d.lines) / 2
	for i, rows := 0, len(column); i < rows; {
		i = decayCellRows(&d.lines[0], &d.lines[n], uint64(n), &column[0], add, &adds[0], &out[0], i, rows, d.number, &pairs7)
		if i < rows { // not of the common kind
			d.cellsByRow(column[i:i+1], add, adds[i:i+1], out[i:i+1])
			i++
		}
	}
	if len(out) >= 4 {
		wholeRows(&out[0], len(out))
		return
	}
	for i, v := range out {
		out[i] = whole(v)
	}
}

// decayUnits is the kernel of unitsByRow, for four rows or more and steps of less than
// 2^53 ns.
//
//go:noescape
func decayUnits(at *int64, seen *uint8, adds, down *float64, rows int, origin, mask int64, rate, coarse, inverse, amount float64, series *[5]float64)

// decayCellRows is the kernel of cellsByRow, but for whole. It does the rows from number
// from on, up to one that is not of the common kind (a line refers to an earlier origin, or
// the value gets too large), which it returns.
//
//go:noescape
func decayCellRows(first, second *decayLine, n uint64, column *uint64, add uint64, adds, out *float64, from, rows int, number int64, pairs *[32][2]uint8) (next int)

// wholeRows is whole for four values or more. That of a whole number is that number, so
// some may have been through it.
//
//go:noescape
func wholeRows(out *float64, rows int)
