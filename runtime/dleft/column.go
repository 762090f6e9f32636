package dleft

// AddColumn adds amount, 1 … 2³⁰, to the key of each row, or leaves the key alone
// where seen is not 0, and writes the values after that to out: what, row by row,
//
//	if seen[i] != 0 {
//		out[i] = c.Get(column[i] + add)
//	} else {
//		out[i], _ = c.Add(column[i]+add, amount, times[i])
//	}
//
// does, but the waits for memory overlap. All slices have the length of column.
func (c *Counters) AddColumn(column []uint64, add uint64, amount int64, times []int64, seen []uint8, out []int64) {
	rows := len(column)
	times, seen, out = times[:rows], seen[:rows], out[:rows]
	for i := 0; i < rows; {
		if i = c.addRows(column, add, amount, times, seen, out, i); i == rows {
			return
		}
		// The kernel leaves a row that is not of the common kind to Go.
		if h := column[i] + add; seen[i] != 0 {
			out[i] = c.Get(h)
		} else {
			out[i], _ = c.Add(h, amount, times[i])
		}
		i++
	}
}
