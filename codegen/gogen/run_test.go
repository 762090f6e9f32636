package gogen_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/gogen"
)

const allocsTest = `package generated

import (
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"

%s)

type nowhere struct{ records int }

func (n *nowhere) Emit(*program.Record) { n.records++ }

func TestAllocs(t *testing.T) {
	var b packet.Batch
	b.N = packet.BatchSize
	packets := testkit.RandomPackets(rand.New(rand.NewPCG(1, 1)), b.N)
	copy(b.Packets[:], packets)
	b.Packets[b.N-1].Time = b.Packets[0].Time + 20e9
	span := b.Packets[b.N-1].Time - b.Packets[0].Time + 1
	for _, c := range []struct {
		name string
		info *program.Info
	}{
%s	} {
		sink := new(nowhere)
		inst, err := c.info.New(&program.Env{Memory: program.NewMemory(), Seed: 1, Sink: sink})
		if err != nil {
			t.Fatal(err)
		}
		inst.Activate()
		var v program.Verdicts
		run := func() {
			for i := range b.Packets {
				b.Packets[i].Time += span
			}
			inst.Process(&b, &v)
		}
		for range 10 {
			run()
		}
		if n := testing.AllocsPerRun(50, run); n != 0 {
			t.Errorf("%%s: %%v allocations for %%d packets, %%d records so far", c.name, n, b.N, sink.records)
		}
	}
}
`

// TestAllocs measures that Process does not allocate, records included. A top-k
// list is made of new memory, so ticks is not measured.
func TestAllocs(t *testing.T) {
	files, imports, names, _ := generated(t)
	var cases strings.Builder
	for _, name := range names {
		if name != "ticks" {
			fmt.Fprintf(&cases, "\t\t{%q, &%s.Streamon},\n", name, name)
		}
	}
	delete(files, "ticks/ticks.go")
	imports = strings.ReplaceAll(imports, fmt.Sprintf("\t%q\n", generatedPath+"ticks"), "")
	files["generated_test.go"] = fmt.Sprintf(allocsTest, imports, cases.String())
	runGenerated(t, files)
}

// The two generations differ in the order of states, one state is gone, one
// metric is declared differently, an event before the others and a tick are new.
const (
	firstGeneration = `
program gen
entity host: ip
metric seen { count dleft }
metric rate { count cbf(window: 60s) }
table last[host]: int
event udp: packet where udp for host = ip.src
event late: timeout for host
state default { on udp { set seen[host] set rate[host] when udp.dstport == 1 -> a when udp.dstport == 2 -> b when udp.dstport == 3 -> gone always { last[host] = udp.dstport } } }
state a { on udp { when udp.dstport == 9 { start late after 100s } } }
state gone { on udp { always { log "gone" } } }
state b for 1h then a {}
`
	secondGeneration = `
program gen
entity host: ip
metric seen { count dleft }
metric rate { count cbf(window: 30s) }
table last[host]: int
event tcp: packet where tcp for host = ip.src
event udp: packet where udp for host = ip.src
event late: timeout for host
event tick: every 40s
on tick { log "tick {elapsed}" }
state default { on udp { always { log "default {seen[host]} {rate[host]} {last[host]} {elapsed}" } } }
state b for 1h then a { on udp { always { log "b {seen[host]} {age}" } } }
state new {}
state a { on udp { always { log "a {seen[host]}" } }  on late { always { log "late {host}" } } }
`
	inheritTest = `package generated

import (
	"strings"
	"testing"

	one "` + generatedPath + `one"
	two "` + generatedPath + `two"

	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

func process(t *testing.T, inst program.Instance, lines ...string) {
	t.Helper()
	b := new(packet.Batch)
	var v program.Verdicts
	for _, line := range lines {
		frames, err := testkit.ParsePackets(line)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range frames {
			f.Decode(&b.Packets[b.N])
			b.N++
		}
	}
	inst.Process(b, &v)
}

func TestInherit(t *testing.T) {
	sink := new(testkit.Sink)
	env := &program.Env{Memory: program.NewMemory(), Seed: 1, Sink: sink}
	a, err := one.Streamon.New(env)
	if err != nil {
		t.Fatal(err)
	}
	a.Activate()
	env.Memory.Settle()
	process(t, a, "at 0s udp 10.0.0.1:7 > 10.0.0.9:1", "at 0s udp 10.0.0.2:7 > 10.0.0.9:2", "at 0s udp 10.0.0.3:7 > 10.0.0.9:3")
	next := &program.Env{Memory: env.Memory.Next(), Seed: 2, Sink: sink}
	b, err := two.Streamon.New(next)
	if err != nil {
		t.Fatal(err)
	}
	process(t, a, "at 1s udp 10.0.0.4:7 > 10.0.0.9:7", "at 2s udp 10.0.0.1:7 > 10.0.0.9:9") // between New and Activate the first one runs on
	b.Activate()
	kept := 0
	for _, i := range next.Memory.Settle() {
		if i.Kept {
			kept++
		} else if i.Name != "metric rate" && i.Name != "tick tick" {
			t.Errorf("%%v was not kept: %%v", i.Name, i.Why)
		}
	}
	if kept < 4 {
		t.Errorf("%%d structures were kept", kept)
	}
	process(t, b, "at 10s udp 10.0.0.1:7 > 10.0.0.9:5", "at 10s udp 10.0.0.2:7 > 10.0.0.9:5", "at 10s udp 10.0.0.3:7 > 10.0.0.9:5", "at 10s udp 10.0.0.4:7 > 10.0.0.9:5",
		"at 110s tcp 10.0.0.5:7 > 10.0.0.9:5")
	want := []string{
		"a 1", "b 1 10s", "default 1 0 3 10s", "default 1 0 7 10s", // the third state is gone
		"tick 40s", "tick 1m20s", "late 10.0.0.1",
	}
	if len(sink.Lines) != len(want) {
		t.Fatalf("records:\n%%s", strings.Join(sink.Lines, "\n"))
	}
	for i, w := range want {
		if !strings.Contains(sink.Lines[i], "\""+w+"\"") {
			t.Errorf("record %%d: %%s, want %%s", i, sink.Lines[i], w)
		}
	}
}
`
)

// TestInherit replaces a program by an edited one: what is declared as before is
// kept, states by name, timers and elapsed time too.
func TestInherit(t *testing.T) {
	files := map[string]string{"generated_test.go": strings.ReplaceAll(inheritTest, "%%", "%")}
	for name, text := range map[string]string{"one": firstGeneration, "two": secondGeneration} {
		p, diags, err := codegen.Compile(context.Background(), name+".smon", []byte(text), codegen.Options{})
		if err != nil || p == nil {
			t.Fatal(err, diags)
		}
		src, err := gogen.Emit(p.IR, gogen.Options{Package: name})
		if err != nil {
			t.Fatal(err)
		}
		files[name+"/"+name+".go"] = string(src)
	}
	runGenerated(t, files)
}
