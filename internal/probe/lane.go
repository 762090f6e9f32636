package probe

import (
	"sync/atomic"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/metrics"
	"github.com/streamon/streamon/runtime/packet"
)

// lane is what a worker has for itself.
type lane struct {
	slots       []*slot
	next        int   // the one it fills next
	slot        *slot // that it prepares or works at, and which job: whoever takes over goes on there
	job         int
	isPreparing bool
	goroutine   atomic.Uint64   // its number
	packets     metrics.Packets // that it has decoded since the last pause
	own         *packet.Batch   // of the batch at hand what is the worker's
	want        capture.Wanted
	shown       *packet.Batch // own, or what the worker has decoded that has read the batch at hand
	detour      int           // batches that do not
	directs     uint64        // batches that did
	_           [128]byte
}

// begin has worker w look at s. What nobody has decoded, or another worker, is decoded, if it
// can be: what of it is the worker's and not shown as heads. Of a direct slot what cannot be is lost, and not the
// worker's any more.
func (l *lane) begin(s *slot, w int) (loss capture.Loss) {
	l.shown = &s.batch
	if s.lane == l && !s.isDirect {
		return loss
	}
	l.want = capture.Wanted{}
	for i := range s.jobs {
		switch j := &s.jobs[i]; {
		case j.idle || j.share != nil || s.isDirect && j.onHeads:
		case j.routes != nil:
			for chunk := range l.want {
				l.want[chunk] |= j.routes.Due(chunk, w)
			}
		case int(j.in.home.Load()) == w:
			l.want = capture.Wanted{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
		}
	}
	if l.want == (capture.Wanted{}) {
		return loss
	}
	lost, ok := s.frames.DecodeAgain(&s.dec, l.own, s.batch.N, &l.want)
	switch {
	case ok:
		l.shown = l.own
	case s.isDirect:
		s.forgo(w, l.own.N)
		l.own.N = s.batch.N // time passes nevertheless
		l.shown, loss = l.own, lost
	}
	return loss
}

// batch returns what a program is shown of the batch at hand.
func (l *lane) batch(j *job) *packet.Batch {
	if j.share != nil {
		return &j.share.batch
	}
	return l.shown
}
