//go:build !amd64

package packet

// shortRows does nothing: DecodeRecords does all rows.
func (d *Decoder) shortRows(_ *Batch, _ *Records, _ int, set uint64) (left uint64) { return set }

// HasKernel reports that there is no kernel.
func HasKernel(LinkType, uint16) bool { return false }
