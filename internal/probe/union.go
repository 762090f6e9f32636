package probe

import (
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// What the shards of a program did and remember, as if it were one instance.

// stats returns the program's own counters; it is false if the program panics.
func (in *instance) stats() (s program.Stats, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			s, ok = program.Stats{}, false
		}
	}()
	m := &in.info.Manifest
	s = newStats(m)
	for i, sh := range in.shards {
		if i == 0 {
			sh.inst.Stats(&s)
			continue
		}
		one := newStats(m)
		sh.inst.Stats(&one)
		addStats(&s, &one)
	}
	s.Verdicts.Drop -= in.repeated.Drops
	s.Verdicts.Capture -= in.repeated.Captures
	return s, true
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
	for i := range s.Events {
		s.Events[i] += at(one.Events, i)
	}
	for i := range s.Occupied {
		for j := range s.Occupied[i] {
			s.Occupied[i][j] += at(at(one.Occupied, i), j)
		}
	}
	s.Transitions += one.Transitions
	s.Skipped += one.Skipped
	s.Verdicts.Drop += one.Verdicts.Drop
	s.Verdicts.Capture += one.Verdicts.Capture
	s.Verdicts.Block += one.Verdicts.Block
	s.Records.Alert += one.Records.Alert
	s.Records.Publish += one.Records.Publish
	s.Records.Log += one.Records.Log
	s.Records.Exec += one.Records.Exec
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
	more := true
	for _, s := range in.shards {
		if more {
			s.inst.States(func(entity string, key []program.Field, state string, since packet.Time) bool {
				more = f(entity, key, state, since)
				return more
			})
		}
	}
}

// tables calls f for each entry of each side table, by shard, until f is false.
func (in *instance) tables(f func(table string, key []program.Field, value program.Value) bool) {
	more := true
	for _, s := range in.shards {
		if more {
			s.inst.Tables(func(table string, key []program.Field, value program.Value) bool {
				more = f(table, key, value)
				return more
			})
		}
	}
}
