package testkit

import (
	"fmt"
	"sync/atomic"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Reborn returns a program that does what info does, but loses its instance before every
// every-th batch and goes on in a new one, over memory that was made from images of the
// old one's: as if the probe had been started anew from a checkpoint. It panics if
// anything of it is not kept. births counts them.
func Reborn(info *program.Info, every int, births *atomic.Int64) *program.Info {
	out := *info
	out.New = func(env *program.Env) (program.Instance, error) {
		r := &reborn{info: info, env: *env, every: every, births: births}
		inst, err := info.New(env)
		if err != nil {
			return nil, err
		}
		r.Instance = inst
		if s, ok := inst.(program.Sharded); ok && env.Shards > 0 {
			return &rebornShard{r, s}, nil
		}
		return r, nil
	}
	return &out
}

type reborn struct {
	program.Instance // the present one
	info             *program.Info
	env              program.Env
	every            int
	births           *atomic.Int64
	batches          int
	before           program.Stats // of its predecessors
}

// Process implements program.Instance.
func (r *reborn) Process(b *packet.Batch, v *program.Verdicts) {
	r.die()
	r.Instance.Process(b, v)
}

// die puts a new instance in place of the present one.
func (r *reborn) die() {
	if r.batches++; r.batches%r.every != 0 {
		return
	}
	r.births.Add(1)
	r.before = r.stats()
	var s program.Snapshot
	if err := r.env.Memory.Save(&s); err != nil {
		panic(err)
	}
	env := r.env
	env.Seed++ // that of the first one holds
	env.Memory = program.Restore(s.Images())
	inst, err := r.info.New(&env)
	if err == nil {
		err = env.Memory.Err()
	}
	if err != nil {
		panic(err)
	}
	inst.Activate()
	for _, i := range env.Memory.Settle() {
		if !i.Kept {
			panic(fmt.Sprintf("%s: %s", i.Name, i.Why))
		}
	}
	r.env.Memory, r.Instance = env.Memory, inst
}

// stats are those of all instances so far.
func (r *reborn) stats() program.Stats {
	var s program.Stats
	m := &r.info.Manifest
	s.Events = make([]uint64, len(m.Events))
	s.Occupied = make([][]int, len(m.Entities))
	for i := range s.Occupied {
		s.Occupied[i] = make([]int, len(m.States))
	}
	r.Instance.Stats(&s)
	s.Packets += r.before.Packets
	s.AddCounters(&r.before)
	return s
}

// Stats implements program.Instance.
func (r *reborn) Stats(s *program.Stats) {
	was := s.Memory
	*s = r.stats()
	s.Memory = append(was, s.Memory...)
}

type rebornShard struct {
	*reborn
	first program.Sharded // steers: any instance does, for any batch
}

// Steer implements program.Sharded.
func (r *rebornShard) Steer(b *packet.Batch, routes *program.Routes) { r.first.Steer(b, routes) }

// ProcessShard implements program.Sharded.
func (r *rebornShard) ProcessShard(b *packet.Batch, routes *program.Routes, v *program.Verdicts) {
	r.die()
	r.Instance.(program.Sharded).ProcessShard(b, routes, v)
}
