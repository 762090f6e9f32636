package sketch

// SetColumn inserts the key of each row and writes to seen whether it had been seen
// before, 0 or 1: what, row by row,
//
//	seen[i] = p.Set(column[i]+add, times[i])
//
// does, but the waits for memory overlap. times rise; all slices have the length of
// column.
func (p *Pair) SetColumn(column []uint64, add uint64, times []int64, seen []uint8) {
	rows := len(column)
	times, seen = times[:rows], seen[:rows]
	for i := 0; i < rows; {
		if i = p.setRows(column, add, times, seen, i); i == rows {
			return
		}
		// The kernel leaves a row that is not of the common kind to Go.
		seen[i] = 0
		if p.Set(column[i]+add, times[i]) {
			seen[i] = 1
		}
		i++
	}
}
