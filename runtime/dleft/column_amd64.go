package dleft

import "github.com/streamon/streamon/runtime/cpu"

// useKernel is changed by tests, to compare.
var useKernel = cpu.HasAVX2

// addRows does the rows from number from on, up to one that is not of the common
// kind (its value is or gets wide, or both buckets are full), which it returns.
func (c *Counters) addRows(column []uint64, add uint64, amount int64, times []int64, seen []uint8, out []int64, from int) int {
	if !useKernel {
		if from == 0 {
			c.Warm(column, add)
		}
		return from
	}
	next, made := addColumn(&c.buckets[0], uint64(len(c.buckets)), &column[0], add, &times[0], &seen[0], &out[0], from, len(column), amount)
	c.n += made
	return next
}

// addColumn is the kernel. made is the number of keys that are new.
//
//go:noescape
func addColumn(buckets *bucket, n uint64, column *uint64, add uint64, times *int64, seen *uint8, out *int64, from, rows int, amount int64) (next, made int)
