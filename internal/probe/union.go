package probe

import (
	"errors"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// What the shards of a program did and remember, as if it were one instance.

// stats returns the program's own counters, the last known ones if it fails.
func (in *instance) stats() (s program.Stats, err error) {
	m := &in.info.Manifest
	for i, sh := range in.shards {
		one := newStats(m)
		if err := in.call(sh, "reporting", func() { sh.inst.Stats(&one) }); err != nil {
			in.failed(err)
			return in.last, err // the rest of it is not known, or not to be relied on
		}
		if i == 0 {
			s = one
		} else {
			addStats(&s, &one)
		}
	}
	s.Verdicts.Drop -= in.repeated.Drops
	s.Verdicts.Capture -= in.repeated.Captures
	in.last = s
	return s, nil
}

// failed takes note that the program failed in what it was asked between two batches: it is
// stopped if it cannot be called any more.
func (in *instance) failed(err error) {
	if errors.Is(err, ErrGivenUp) && in.stopped == nil && in.isShown {
		in.stop(err)
		if in.probe.crew != nil {
			in.probe.crew.changed = true
		}
	}
}

// maxIgnored bounds how often a program goes on listing after it was told to stop.
const maxIgnored = 1000

// visits wraps what a program calls while it lists something: more is called in the host,
// and says whether there is to be more.
func (s *shard) visits(more func() bool) bool {
	s.gate.visit()
	defer s.gate.endVisit()
	if s.ignored > 0 || !more() {
		if s.ignored++; s.ignored > maxIgnored {
			panic("it lists on and on")
		}
		return false
	}
	return true
}

func newStats(m *program.Manifest) (s program.Stats) {
	s.Events = make([]uint64, len(m.Events))
	s.Occupied = make([][]int, len(m.Entities))
	for i := range s.Occupied {
		s.Occupied[i] = make([]int, len(m.States))
	}
	return s
}

// addStats adds the counters of another shard. Every shard is shown every packet.
func addStats(s, one *program.Stats) {
	s.Packets = max(s.Packets, one.Packets)
	s.AddCounters(one)
	for i := range s.Occupied {
		for j := range s.Occupied[i] {
			s.Occupied[i][j] += at(at(one.Occupied, i), j)
		}
	}
	for i := range s.Memory {
		if i < len(one.Memory) {
			u, v := &s.Memory[i].Usage, &one.Memory[i].Usage
			u.Used += v.Used
			u.Capacity += v.Capacity
			u.Bytes += v.Bytes
			u.Evicted += v.Evicted
			u.Rejected += v.Rejected
			u.Error = max(u.Error, v.Error)
		}
	}
}

// states calls f for each entity that is not in its default state, by shard, until f
// is false.
func (in *instance) states(f func(entity string, key []program.Field, state string, since packet.Time) bool) {
	in.list("listing entities", func(s *shard) {
		s.inst.States(func(entity string, key []program.Field, state string, since packet.Time) bool {
			return s.visits(func() bool { return f(entity, key, state, since) })
		})
	})
}

// list asks the shards, one after the other until one was told to stop. One that fails has
// listed what it had.
func (in *instance) list(doing string, f func(s *shard)) {
	for _, s := range in.shards {
		s.ignored = 0
		if err := in.call(s, doing, func() { f(s) }); err != nil {
			in.failed(err)
			return
		}
		if s.ignored > 0 {
			return
		}
	}
}

// tables calls f for each entry of each side table, by shard, until f is false.
func (in *instance) tables(f func(table string, key []program.Field, value program.Value) bool) {
	in.list("listing tables", func(s *shard) {
		s.inst.Tables(func(table string, key []program.Field, value program.Value) bool {
			return s.visits(func() bool { return f(table, key, value) })
		})
	})
}
