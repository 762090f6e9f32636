package sketch

import (
	"math"

	"github.com/streamon/streamon/runtime/flow"
)

// columnRows is how many rows of a column are done at a time: the packets of a chunk.
const columnRows = 64

// decayRows holds what is computed for all rows before the first cell is read, and the sums
// that are.
type decayRows struct {
	at   [columnRows]int64   // newest time met, so that they rise
	sums [columnRows]float64 // what is added, then the sum of each row, in units of the origin
	down [columnRows]float64 // the unit
	places
}

// addColumn does add, or get where seen is not 0, for each row, in passes over up to
// columnRows rows: first the units of all of them, which depend on the times alone, then
// the cells, then the values. The results and every bit of memory are those of operations
// row by row.
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
	at := d.newest(times, tick)
	for i := 0; i < len(at); {
		from := i
		i = d.units(at, from, amount, seen)
		d.cells(column[from:i], add, from)
	}
	d.values(out)
}

// newest returns the newest time met at each row. A division a tick is enough: rounding is
// down from 0 on.
func (d *decay) newest(times []int64, tick int64) []int64 {
	last := d.last
	if tick < 2 {
		if times[0] >= last && rising(times) {
			return times
		}
		for i, now := range times {
			last = max(last, now)
			d.rows.at[i&(columnRows-1)] = last
		}
		return d.rows.at[:len(times)]
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
	return d.rows.at[:len(times)]
}

// units computes what the rows from number from on add, and down for each of them. It ends
// before the first row of a later origin, which it returns.
func (d *decay) units(at []int64, from int, amount float64, seen []uint8) (next int) {
	d.at(at[from])
	next = from
	for next < len(at) && (next == from || at[next] < d.next) {
		d.at(at[next])
		begin := next
		if next = d.stepEnd(at, begin); next == begin { // at the very begin or end of time
			next++
		}
		d.unitRows(at[begin:next], amount, seen[begin:next], d.rows.sums[begin:next], d.rows.down[begin:next])
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

// cellsByRow adds to the cells of each row, the first of which is number from of a column,
// and leaves the sums in place of what is added. It is add, with what a row that adds
// nothing writes being what is there.
func (d *decay) cellsByRow(column []uint64, add uint64, from int) {
	sums, down := d.rows.sums[from:][:len(column)], d.rows.down[from:][:len(column)]
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
		v := math.Float64frombits(min(*w, *x, *y, *z))
		if v*down[i] < Negligible {
			v = 0
		}
		v += sums[i]
		if v > math.MaxFloat64 {
			v = math.MaxFloat64
		}
		to := math.Float64bits(v)
		*w, *x, *y, *z = max(*w, to), max(*x, to), max(*y, to), max(*z, to)
		sums[i] = v
	}
}

// valuesByRow writes the values of the first rows to out.
func (d *decay) valuesByRow(out []float64) {
	sums, down := d.rows.sums[:len(out)], d.rows.down[:len(out)]
	for i := range out {
		out[i] = whole(sums[i] * down[i])
	}
}
