package sketch

import "math"

// leastBuckets returns the least number of buckets (blocks, lines) for which
// bound, a rising function of the mean number of keys in a bucket, is at most
// err for capacity keys. It is found by bisection on the load.
func leastBuckets(capacity int, err float64, bound func(load float64) float64) int {
	lo, hi := 0.0, 1024.0
	for range 60 {
		if mid := (lo + hi) / 2; bound(mid) <= err {
			lo = mid
		} else {
			hi = mid
		}
	}
	return max(1, int(math.Ceil(float64(capacity)/lo)))
}

// clampError holds a declared error in the range in which sizing makes sense.
func clampError(err float64) float64 {
	if !(err > 1e-9) {
		return 1e-9
	}
	return min(err, 0.5)
}

// bloomError is the false-positive rate of a Pair both of whose filters hold
// load keys per block on average.
func bloomError(load float64) float64 {
	f := bloomHalf(load)
	return f * (2 - f)
}

// bloomHalf is the same for one filter: the number of keys in a block is
// Poisson, and each key sets one of 32 bits in each of the pairBits words.
func bloomHalf(load float64) float64 {
	return poisson(load, func(keys float64) float64 {
		return math.Pow(1-math.Pow(1-1.0/32, keys), pairBits)
	})
}

// poisson is the mean of f over a Poisson variable of mean load.
func poisson(load float64, f func(float64) float64) float64 {
	if load <= 0 {
		return f(0)
	}
	sum, last := 0.0, load+12*math.Sqrt(load)+12
	for i := 0.0; i <= last; i++ {
		lg, _ := math.Lgamma(i + 1)
		sum += math.Exp(i*math.Log(load)-load-lg) * f(i)
	}
	return sum
}

// lineError is the probability that all four cells of an absent key, two of
// `cells` in each of two lines, were taken by others, when each line is chosen
// by load keys on average. Within a line the number of keys is Poisson; that
// neither of two cells was taken follows by inclusion and exclusion.
func lineError(load, cells float64) float64 {
	one := 2 / cells                                    // a key takes one given cell
	either := 1 - (cells-2)*(cells-3)/(cells*(cells-1)) // it takes at least one of two given cells
	p := 1 - 2*math.Exp(-load*one) + math.Exp(-load*either)
	return p * p
}

// lineLoad inverts lineError's ingredient: from the share of cells in use it
// estimates the number of keys per line (linear counting).
func lineLoad(used, total int, cells float64) float64 {
	if used >= total {
		used = total - 1
	}
	if used <= 0 {
		return 0
	}
	return -math.Log(1-float64(used)/float64(total)) * cells / 2
}

// periodEnd is the end of the aligned period of the given length that holds now.
func periodEnd(now, length int64) int64 {
	q := now / length
	if now%length < 0 {
		q--
	}
	if q >= math.MaxInt64/length {
		return math.MaxInt64
	}
	return (q + 1) * length
}
