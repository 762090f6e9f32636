package flow

// Usage is the fill of one bounded structure, as the probe reports it. It stands
// here because flow is the one package that all structures may import.
type Usage struct {
	Used     int     // keys held now; an estimate for sketches that keep no keys
	Capacity int     // keys that it was sized for
	Bytes    int64   // memory, fixed at construction
	Error    float64 // estimated at the present fill: probability of a wrong answer for one absent key, or relative standard error
	Evicted  uint64  // keys that made room for others, or that a full structure dropped by rotating early
	Rejected uint64  // operations refused, or cells that saturated
}
