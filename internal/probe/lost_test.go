package probe

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// holder is a fake that hangs in a batch that its worker has decoded for itself, and looks at
// the end whether that is as it was.
type holder struct {
	fakeInstance
	own       func() *packet.Batch // of its worker
	isOver    *atomic.Bool
	isSame    chan bool
	onset     func()
	isHanging bool
}

func (h *holder) Process(b *packet.Batch, v *program.Verdicts) {
	if h.isHanging || h.own() != b {
		h.fakeInstance.Process(b, v)
		return
	}
	h.isHanging = true
	was := make([]packet.Time, b.N)
	addrs := make([]packet.IP, b.N)
	for i := range was {
		was[i], addrs[i] = b.Packets[i].Time, b.Packets[i].Src
	}
	h.onset()
	for !h.isOver.Load() {
		time.Sleep(time.Millisecond)
	}
	same := b.N == len(was)
	for i := range was {
		same = same && b.Packets[i].Time == was[i] && b.Packets[i].Src == addrs[i]
	}
	h.isSame <- same
}

// TestLostBatch: the batch that a lost goroutine's worker had decoded for itself is used by
// nobody after it, neither by who takes over nor later.
func TestLostBatch(t *testing.T) {
	const packets = 200 * packet.BatchSize
	src := open(t, mixedFile(t, 3, packets))

	p := New(Options{Workers: 2, GiveUp: time.Hour})
	load(t, p, fake{name: "well"})
	var isOver atomic.Bool
	same := make(chan bool, 1)
	info := fake{name: "sick"}.info()
	inner := info.New
	info.New = func(env *program.Env) (program.Instance, error) {
		inst, err := inner(env)
		if err != nil {
			return nil, err
		}
		var in *instance
		find := func() {
			if in == nil { // the worker's goroutine: nobody changes programs
				in = p.programs[1]
			}
		}
		return &holder{
			fakeInstance: *inst.(*fakeInstance), isOver: &isOver, isSame: same,
			own:   func() *packet.Batch { find(); return p.crew.lanes[in.home.Load()].own },
			onset: func() { in.giveUp.Store(int64(2 * lookEvery)) },
		}, nil
	}
	if _, err := p.Load(ctx, Artifact{Info: info}); err != nil {
		t.Fatal(err)
	}
	if err := p.Run(ctx, src); err != nil {
		t.Fatal(err)
	}
	if s := summaryOf(t, p); s.Programs[0].Packets != packets || s.Programs[1].Status != "stopped" {
		t.Fatalf("%+v: nothing hung", s.Programs)
	}
	isOver.Store(true)
	if !<-same {
		t.Error("the lost goroutine's batch was written to")
	}
}
