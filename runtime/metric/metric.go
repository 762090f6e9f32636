// Package metric turns a metric's declaration into the structures it runs on: a
// variation detector (has this distinct key been seen?) and a variation monitor
// (how many, how fast?), each optional (paper §III-B).
//
// It owns the defaults, the sizes and the stated bounds of every kind. The
// structures themselves are in sketch and dleft, and generated code calls their
// methods directly, so that the hot path meets no interface:
//
//	m.distinct = metric.NewDistinct(metric.Spec{Kind: metric.Bloom, Window: 10 * 60e9})
//	m.count = metric.NewCBF(metric.Spec{Kind: metric.CBF, Window: 10 * 60e9})
//	…
//	if m.distinct.Set(hPair, now) {
//		v = m.count.Get(hHost, now)
//	} else {
//		v = m.count.Add(hHost, 1, now)
//	}
package metric

import (
	"errors"

	"github.com/streamon/streamon/runtime/dleft"
	"github.com/streamon/streamon/runtime/sketch"
)

// Kind is a kind of detector or monitor.
type Kind string

// The kinds, by their names in the language.
const (
	Bloom Kind = "bloom" // detector
	CBF   Kind = "cbf"
	TBF   Kind = "tbf"
	TEWMA Kind = "tewma"
	DLeft Kind = "dleft"
	HLL   Kind = "hll"  // program-wide
	TopK  Kind = "topk" // program-wide
)

// Defaults of the arguments that a declaration may leave out.
const (
	DefaultCapacity = 65536
	DefaultError    = 0.01
	DefaultWindow   = 60e9 // ns; of bloom, cbf, tbf and tewma
	DefaultK        = 10
)

// Spec is the declaration of one detector or monitor. A zero field means the
// default; fields that a kind does not know are ignored.
type Spec struct {
	Kind     Kind
	Window   int64        // ns; hll and topk: 0 = for ever
	Memory   int64        // ns; tbf: default 4·Window
	Tick     int64        // ns; tewma: default no rounding
	Capacity int          // keys; topk: counters, default 10·K
	Error    float64      // meaning by kind, see Bound
	K        int          // topk: keys listed
	KeyBytes int          // topk: size of the key
	Full     dleft.Policy // dleft
}

// Errors of Check.
var (
	ErrKind     = errors.New("metric: unknown kind")                          // Kind is none of the above
	ErrNegative = errors.New("metric: negative window, size or error")        // an argument is below 0
	ErrWindow   = errors.New("metric: the window of tewma must be above 6 s") // see sketch.TEWMA
	ErrError    = errors.New("metric: error must be below 0.5")               // nothing is told apart at 0.5
	ErrCapacity = errors.New("metric: capacity above 2^30 keys")              // more than slots can number
)

// Check reports what is wrong with s, nil if nothing is.
func Check(s Spec) error {
	switch s.Kind {
	case Bloom, CBF, TBF, TEWMA, DLeft, HLL, TopK:
	default:
		return ErrKind
	}
	switch {
	case s.Window < 0 || s.Memory < 0 || s.Tick < 0 || s.Capacity < 0 || !(s.Error >= 0) || s.K < 0:
		return ErrNegative
	case s.Kind == TEWMA && s.Window != 0 && s.Window <= 6e9:
		return ErrWindow
	case s.Error >= 0.5:
		return ErrError
	case s.Capacity > 1<<30:
		return ErrCapacity
	}
	return nil
}

// WithDefaults returns s with every zero argument that its kind knows replaced
// by the default.
func (s Spec) WithDefaults() Spec {
	if s.Window == 0 && s.Kind != HLL && s.Kind != TopK && s.Kind != DLeft {
		s.Window = DefaultWindow
	}
	if s.Memory == 0 {
		s.Memory = 4 * s.Window
	}
	if s.Error == 0 {
		s.Error = DefaultError
	}
	if s.K == 0 {
		s.K = DefaultK
	}
	if s.Capacity == 0 {
		s.Capacity = DefaultCapacity
		if s.Kind == TopK {
			s.Capacity = 10 * s.K
		}
	}
	if s.KeyBytes == 0 {
		s.KeyBytes = 16
	}
	return s
}

// NewDistinct returns the detector of s. Here and below, s.Kind is not looked at
// except for the defaults, and s must pass Check.
func NewDistinct(s Spec) *sketch.Pair {
	s.Kind = Bloom
	s = s.WithDefaults()
	return sketch.NewPair(s.Window, s.Capacity, s.Error)
}

// NewCBF returns the monitor of s as a counting Bloom filter.
func NewCBF(s Spec) *sketch.CBF {
	s.Kind = CBF
	s = s.WithDefaults()
	return sketch.NewCBF(s.Window, s.Capacity, s.Error)
}

// NewTBF returns the monitor of s as a time-decaying Bloom filter.
func NewTBF(s Spec) *sketch.TBF {
	s.Kind = TBF
	s = s.WithDefaults()
	return sketch.NewTBF(s.Window, s.Memory, s.Capacity, s.Error)
}

// NewTEWMA returns the monitor of s as a moving average.
func NewTEWMA(s Spec) *sketch.TEWMA {
	s.Kind = TEWMA
	s = s.WithDefaults()
	return sketch.NewTEWMA(s.Window, s.Tick, s.Capacity, s.Error)
}

// NewCounters returns the monitor of s as d-left counters.
func NewCounters(s Spec) *dleft.Counters {
	s.Kind = DLeft
	s = s.WithDefaults()
	return dleft.NewCounters(s.Capacity, s.Full)
}

// NewHLL returns the cardinality sketch of s.
func NewHLL(s Spec) *sketch.HLL {
	s.Kind = HLL
	s = s.WithDefaults()
	return sketch.NewHLL(s.Window, s.Error)
}

// NewTopK returns the top-k list of s.
func NewTopK[K comparable](s Spec) *sketch.TopK[K] {
	s.Kind = TopK
	s = s.WithDefaults()
	return sketch.NewTopK[K](s.K, s.Capacity, s.Window)
}
