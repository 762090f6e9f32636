package sketch

import (
	"math"

	"github.com/streamon/streamon/runtime/flow"
)

// columnRows is how many rows of a column are done at a time: the packets of a chunk.
const columnRows = 64

// decayRows holds what is computed for all rows before the first cell is read.
type decayRows struct {
	at   [columnRows]int64   // newest time met, so that they rise
	adds [columnRows]float64 // in units of the origin
}

// addColumn does add, or get where seen is not 0, for each row, in two passes over up to
// columnRows rows: first the units of all of them, which depend on the times alone, then
// the cells. The results and every bit of memory are those of operations row by row.
func (d *decay) addColumn(column []uint64, add uint64, amount float64, times []int64, tick int64, seen []uint8, out []float64) {
	if !(amount > 0) {
		amount = 0 // adds nothing: the cells are above what is written to them
	}
	amount *= d.gain
	for len(column) > 0 {
		n := min(len(column), columnRows)
		d.addRows(column[:n], add, amount, times[:n], tick, seen[:n], out[:n])
		column, times, seen, out = column[n:], times[n:], seen[n:], out[n:]
	}
}

// addRows is addColumn for up to columnRows rows and an amount that has its gain.
func (d *decay) addRows(column []uint64, add uint64, amount float64, times []int64, tick int64, seen []uint8, out []float64) {
	d.newest(times, tick)
	for i, rows := 0, len(column); i < rows; {
		from := i
		i = d.units(from, rows, amount, seen, out)
		d.cells(column[from:i], add, d.rows.adds[from:i], out[from:i])
	}
}

// newest writes the newest time met at each row to d.rows.at. A division a tick is enough:
// rounding is down from 0 on.
func (d *decay) newest(times []int64, tick int64) {
	last := d.last
	if tick < 2 {
		for i, now := range times {
			last = max(last, now)
			d.rows.at[i&(columnRows-1)] = last
		}
		return
	}
	begin, length := int64(0), int64(0) // of the tick
	for i, now := range times {
		if now < begin || now-begin >= length {
			now = wholeTicks(now, tick)
			last = max(last, now)
			if now >= 0 {
				begin, length = now, tick
			}
		}
		d.rows.at[i&(columnRows-1)] = last
	}
}

// units computes what the rows from number from on add, and writes down for each of them
// to out. It ends before the first row of a later origin, which it returns.
func (d *decay) units(from, rows int, amount float64, seen []uint8, out []float64) (next int) {
	at := d.rows.at[:rows]
	d.at(at[from])
	next = from
	for next < rows && (next == from || at[next] < d.next) {
		d.at(at[next])
		begin := next
		if next = d.stepEnd(at, begin); next == begin { // at the very begin or end of time
			next++
		}
		d.unitRows(at[begin:next], amount, seen[begin:next], d.rows.adds[begin:next], out[begin:next])
	}
	d.at(at[next-1])
	return next
}

// stepEnd returns the first row from number from on that is not of the present step.
func (d *decay) stepEnd(at []int64, from int) int {
	within := func(now int64) bool { return now < d.next && d.since(now)>>d.shift == d.step }
	if within(at[len(at)-1]) { // times rise
		return len(at)
	}
	for from < len(at) && within(at[from]) {
		from++
	}
	return from
}

// unitsByRow computes the units of rows of the present step.
func (d *decay) unitsByRow(at []int64, amount float64, seen []uint8, adds, down []float64) {
	seen, adds, down = seen[:len(at)], adds[:len(at)], down[:len(at)]
	for i, now := range at {
		var up float64
		up, down[i] = d.unit(d.since(now))
		adds[i] = amount * up
		if seen[i] != 0 {
			adds[i] = 0
		}
	}
}

// cellsByRow adds adds[i] to the cells of each row and replaces down in out by the values
// after that. It is add, with what a row that adds nothing writes being what is there.
func (d *decay) cellsByRow(column []uint64, add uint64, adds, out []float64) {
	adds, out = adds[:len(column)], out[:len(column)]
	n := uint64(len(d.lines)) / 2
	first, second := d.lines[:n], d.lines[n:]
	for i, h := range column {
		h += add
		g := flow.Second(h)
		l0, l1 := &first[upper(h, n)], &second[upper(g, n)]
		if l0.number != d.number {
			d.renew(l0)
		}
		if l1.number != d.number {
			d.renew(l1)
		}
		p0, p1 := &pairs7[pick(h, 21)&31], &pairs7[pick(g, 21)&31]
		w, x, y, z := &l0.v[p0[0]], &l0.v[p0[1]], &l1.v[p1[0]], &l1.v[p1[1]]
		v, down := math.Float64frombits(min(*w, *x, *y, *z)), out[i]
		if v*down < Negligible {
			v = 0
		}
		v += adds[i]
		if v > math.MaxFloat64 {
			v = math.MaxFloat64
		}
		to := math.Float64bits(v)
		*w, *x, *y, *z = max(*w, to), max(*x, to), max(*y, to), max(*z, to)
		out[i] = whole(v * down)
	}
}
