package probe

import (
	"context"

	"github.com/streamon/streamon/internal/capture"
)

// Progress is how far a run has come.
type Progress struct {
	Packets     uint64
	Done, Total int64 // bytes of the captures; Total 0 = not known
}

// Progress asks between two batches. src is that of Run.
func (p *Probe) Progress(ctx context.Context, src capture.Source) (now Progress, err error) {
	err = p.between(ctx, func() {
		now.Packets = p.packets.Read
		now.Done, now.Total = capture.Progress(src)
	})
	return now, err
}
