package probe

import (
	"math"
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
	heads       *packet.Heads // the same of its heads
	shownHeads  *packet.Heads
	detour      int    // batches that do not
	directs     uint64 // batches that did
	_           [128]byte
}

// wantAll is every packet of a batch.
var wantAll = capture.Wanted{math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64}

// begin has worker w look at s. What nobody has decoded, or another worker, is decoded, if it
// can be: what of it is the worker's, heads for programs that are shown heads.
func (l *lane) begin(s *slot, w int) {
	l.shown, l.shownHeads = &s.batch, s.heads
	isOthers := s.lane != l
	if s.isDirect && isOthers && l.wants(s, w, true) && s.frames.HeadsAgain(&s.dec, l.heads, s.batch.N, &l.want) {
		l.shownHeads = l.heads
	}
	if (s.isDirect || isOthers) && l.wants(s, w, false) && s.frames.DecodeAgain(&s.dec, l.own, s.batch.N, &l.want) {
		l.shown = l.own
	}
}

// wants sets what is wanted of s by the programs that are shown heads, or packets, and have
// worker w look at them. It reports whether that is anything.
func (l *lane) wants(s *slot, w int, heads bool) bool {
	l.want = capture.Wanted{}
	for i := range s.jobs {
		switch j := &s.jobs[i]; {
		case j.idle || j.share != nil || (s.isDirect && j.onHeads) != heads:
		case j.routes != nil:
			for chunk := range l.want {
				l.want[chunk] |= j.routes.Due(chunk, w)
			}
		case int(j.in.home.Load()) == w:
			l.want = wantAll
		}
	}
	return l.want != capture.Wanted{}
}

// batch returns what a program is shown of the batch at hand.
func (l *lane) batch(j *job) *packet.Batch {
	if j.share != nil {
		return &j.share.batch
	}
	return l.shown
}
