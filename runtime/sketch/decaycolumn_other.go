//go:build !amd64

package sketch

// places are of use to kernels alone.
type places struct{}

func rising([]int64) bool { return false }

func (d *decay) unitRows(at []int64, amount float64, seen []uint8, adds, down []float64) {
	d.unitsByRow(at, amount, seen, adds, down)
}

func (d *decay) cells(column []uint64, add uint64, from int) {
	d.Warm(column, add)
	d.cellsByRow(column, add, from)
}

func (d *decay) values(out []float64) { d.valuesByRow(out) }
