package testkit

import (
	"testing"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// OnHeads returns a program that does what info does, and is shown nothing but the heads of
// packets; nil if info looks at more.
func OnHeads(t testing.TB, info *program.Info) *program.Info {
	t.Helper()
	inst, err := info.New(&program.Env{Memory: program.NewMemory(), Seed: 1, Sink: new(Sink)})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	if _, ok := inst.(program.HeadProcessor); !ok {
		return nil
	}
	out := *info
	out.New = func(env *program.Env) (program.Instance, error) {
		inst, err := info.New(env)
		if err != nil {
			return nil, err
		}
		h := &onHeads{Instance: inst}
		if s, ok := inst.(program.HeadSharded); ok && env.Shards > 0 {
			return &shardOnHeads{h, s}, nil
		}
		return h, nil
	}
	return &out
}

type onHeads struct{ program.Instance }

// Process implements program.Instance.
func (h *onHeads) Process(b *packet.Batch, v *program.Verdicts) {
	h.Instance.(program.HeadProcessor).ProcessHeads(headsOf(b), v)
}

type shardOnHeads struct {
	*onHeads
	shard program.HeadSharded
}

// Steer implements program.Sharded.
func (s *shardOnHeads) Steer(b *packet.Batch, r *program.Routes) { s.shard.SteerHeads(headsOf(b), r) }

// ProcessShard implements program.Sharded.
func (s *shardOnHeads) ProcessShard(b *packet.Batch, r *program.Routes, v *program.Verdicts) {
	s.shard.ProcessShardHeads(headsOf(b), r, v)
}

// headsOf returns the heads of a batch.
func headsOf(b *packet.Batch) *packet.Heads {
	h := &packet.Heads{N: b.N, Plain: b.Plain}
	for i := range b.N {
		h.Of[i] = b.Packets[i].Head()
		h.Of[i].Time = b.Time(i)
	}
	return h
}
