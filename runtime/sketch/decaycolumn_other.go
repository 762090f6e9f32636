//go:build !amd64

package sketch

func (d *decay) unitRows(at []int64, amount float64, seen []uint8, adds, down []float64) {
	d.unitsByRow(at, amount, seen, adds, down)
}

func (d *decay) cells(column []uint64, add uint64, adds, out []float64) {
	d.Warm(column, add)
	d.cellsByRow(column, add, adds, out)
}
