package metric

import (
	"strconv"

	"github.com/streamon/streamon/runtime/dleft"
	"github.com/streamon/streamon/runtime/sketch"
)

// Bytes is the memory that the structure of s takes, in bytes: what `smcc
// explain` promises and Usage reports. 0 for an unknown kind.
func Bytes(s Spec) int64 {
	s = s.WithDefaults()
	switch s.Kind {
	case Bloom:
		return sketch.PairBytes(s.Capacity, s.Error)
	case CBF:
		return sketch.CBFBytes(s.Capacity, s.Error)
	case TBF, TEWMA:
		return sketch.DecayBytes(s.Capacity, s.Error)
	case DLeft:
		return dleft.CountersBytes(s.Capacity)
	case HLL:
		return sketch.HLLBytes(s.Error)
	case TopK:
		return sketch.TopKBytes(s.K, s.Capacity, s.KeyBytes)
	}
	return 0
}

// Bound states, in one line for people, what the answers of s are worth.
func Bound(s Spec) string {
	s = s.WithDefaults()
	keys, rate := strconv.Itoa(s.Capacity), percent(s.Error)
	switch s.Kind {
	case Bloom:
		return "a key is remembered for " + seconds(s.Window) + "; a new key is taken for a known one with probability " + rate + " or less, up to " + keys + " keys per window"
	case CBF:
		return "never too low; too high with probability " + rate + " or less, up to " + keys + " keys per window of " + seconds(s.Window)
	case TBF, TEWMA:
		return "never too low; too high with probability " + rate + " or less, up to " + keys + " keys in use"
	case DLeft:
		return "exact up to a fingerprint collision, 12 in 2^32 per new key or less; " + keys + " keys, then " + s.Full.String()
	case HLL:
		return "relative standard error " + rate
	case TopK:
		return "never too low for a listed key; too high by the sum of all amounts / " + keys + " or less"
	}
	return ""
}

func percent(f float64) string { return strconv.FormatFloat(100*f, 'g', 3, 64) + " %" }

func seconds(ns int64) string { return strconv.FormatFloat(float64(ns)/1e9, 'g', -1, 64) + " s" }
