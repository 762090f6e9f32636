// Package zzbench measures generated code. The tests of package examples put it,
// and the packages that it imports through programs, into an overlay of the build;
// in the tree there is only this file.
package zzbench

import (
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

const (
	// gap is the packet time between two passes over a capture: longer than any
	// state of the examples lasts, so that each pass finds what the first found.
	gap = 61 * 60e9
	// longest is what longer pauses in a capture are cut to: some are of years, and
	// repeated for each pass they would lead out of 64-bit time.
	longest = 5 * 60e9
)

// traffic is a capture in memory.
type traffic struct {
	batches []*packet.Batch
	packets int
	span    packet.Time // what is added to all times from pass to pass
	dec     packet.Decoder
	verdict program.Verdicts
}

// load reads and decodes a capture for a program.
func load(tb testing.TB, file string, info *program.Info) *traffic {
	tb.Helper()
	src, err := capture.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer src.Close()
	t := new(traffic)
	t.dec.App = packet.Layers(info.Manifest.Layers) & packet.AppLayers
	var first, last, cut packet.Time
	for f := new(capture.Frame); ; t.packets++ {
		if err := src.Next(f); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			tb.Fatal(err)
		}
		if t.packets == 0 {
			first, last = f.Time, f.Time
		}
		now := max(f.Time-cut, last)
		if pause := now - last; pause > longest {
			cut += pause - longest
			now = last + longest
		}
		last = now
		if t.packets%packet.BatchSize == 0 {
			t.batches = append(t.batches, new(packet.Batch))
		}
		b := t.batches[len(t.batches)-1]
		t.dec.Decode(&b.Packets[b.N], f.Link, slices.Clone(f.Data), f.WireLen, last)
		b.N++
	}
	t.span = last - first + gap
	return t
}

// decode decodes every packet again, where it is.
func (t *traffic) decode() {
	for _, b := range t.batches {
		for i := range b.Packets[:b.N] {
			p := &b.Packets[i]
			t.dec.Decode(p, p.Link, p.Data, p.Len, p.Time)
		}
	}
}

// process shows every packet to a program, and moves its time on for the next pass.
func (t *traffic) process(inst program.Instance) {

	for _, b := range t.batches {
		t.verdict = program.Verdicts{}
		inst.Process(b, &t.verdict)
		for i := range b.Packets[:b.N] {
			b.Packets[i].Time += t.span
		}
	}
}

// counter counts records.
type counter struct{ n int }

func (c *counter) Emit(*program.Record) { c.n++ }

func instance(tb testing.TB, info *program.Info) (program.Instance, *counter) {
	tb.Helper()
	sink := new(counter)
	inst, err := info.New(&program.Env{
		Seed: 1, Memory: program.NewMemory(), Sink: sink,
		Param: func(string) (program.Value, bool) { return program.Value{}, false },
	})
	if err != nil {
		tb.Fatal(err)
	}
	inst.Activate()
	return inst, sink
}

// captures splits an environment variable: the driver's arguments.
func captures(name string) []string { return strings.Fields(os.Getenv(name)) }

// TestNoAllocations decodes and processes whole captures, in which each program
// reports something, and wants no allocation at all.
func TestNoAllocations(t *testing.T) {
	for name, info := range programs {
		t.Run(name, func(t *testing.T) {
			total := 0
			for _, file := range captures("CAPTURES") {
				in := load(t, file, info)
				inst, sink := instance(t, info)
				n := testing.AllocsPerRun(3, func() {
					in.decode()
					in.process(inst)
				})
				if n != 0 {
					t.Errorf("%s: %v allocations for %d packets, want 0", filepath.Base(file), n, in.packets)
				}
				total += sink.n
			}
			if total == 0 {
				t.Error("no record in any capture: the test shows little")
			}
			t.Logf("%d records", total)
		})
	}
}

// BenchmarkEngine shows decoded packets to each program; one operation is one packet.
func BenchmarkEngine(b *testing.B) { bench(b, (*traffic).process) }

// BenchmarkDecodeEngine also decodes them, from memory.
func BenchmarkDecodeEngine(b *testing.B) {
	bench(b, func(t *traffic, inst program.Instance) {
		t.decode()
		t.process(inst)
	})
}

func bench(b *testing.B, pass func(*traffic, program.Instance)) {
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		for _, file := range captures("BENCH") {
			b.Run(name+"/"+filepath.Base(file), func(b *testing.B) {
				in := load(b, file, programs[name])
				inst, _ := instance(b, programs[name])
				pass(in, inst) // first touch of the memory
				b.ReportAllocs()
				b.ResetTimer()
				for n := 0; n < b.N; n += in.packets {
					pass(in, inst)
				}
				passes := (b.N + in.packets - 1) / in.packets
				b.ReportMetric(float64(passes*in.packets)/b.Elapsed().Seconds(), "packets/s")
			})
		}
	}
}
