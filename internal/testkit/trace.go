package testkit

import (
	"fmt"
	"sort"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Trace runs an instance of info over packets, in batches of at most size, and
// returns everything it did, one thing a line: records, then verdicts, states,
// tables and counters at the end. Two engines agree iff their traces are the same.
// env may be nil; its Sink is replaced.
func Trace(t testing.TB, info *program.Info, env *program.Env, packets []packet.Packet, size int) []string {
	t.Helper()
	sink := new(Sink)
	e := program.Env{Memory: program.NewMemory(), Seed: 1}
	if env != nil {
		e = *env
		if e.Memory == nil {
			e.Memory = program.NewMemory()
		}
	}
	e.Sink = sink
	inst, err := info.New(&e)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	inst.Activate()
	var verdicts []string // apart from records, between which they stand by batch
	n := 0
	Batches(packets, size, func(b *packet.Batch) {
		var v program.Verdicts
		inst.Process(b, &v)
		for i, bits := range v.Of[:b.N] {
			if bits != 0 {
				verdicts = append(verdicts, fmt.Sprintf("verdict %d of packet %d", bits, n+i))
			}
		}
		n += b.N
	})
	inst.Tick(packets[len(packets)-1].Time + 60e9)
	states, tables := States(inst), Tables(inst)
	sort.Strings(states) // an engine may keep them in any order
	sort.Strings(tables)
	out := append(append(append(sink.Lines, verdicts...), states...), tables...)
	return append(out, Counters(inst))
}

// Counters prints the counters of an instance that do not depend on the engine.
func Counters(inst program.Instance) string {
	var s program.Stats
	inst.Stats(&s)
	return countersText(&s)
}

func countersText(s *program.Stats) string {
	return fmt.Sprintf("packets %d events %v transitions %d occupied %v verdicts %v records %v skipped %d",
		s.Packets, s.Events, s.Transitions, s.Occupied, s.Verdicts, s.Records, s.Skipped)
}

// Diff returns the first line in which two traces differ, with the lines before
// it; empty if they are the same.
func Diff(got, want []string) string {
	for i := range max(len(got), len(want)) {
		g, w := "(end)", "(end)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			before := "(begin)"
			if i > 0 {
				before = want[i-1]
			}
			return fmt.Sprintf("line %d, after\n     %s\ngot  %s\nwant %s", i+1, before, g, w)
		}
	}
	return ""
}
