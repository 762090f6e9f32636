package trace_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/internal/notation"
	"github.com/streamon/streamon/internal/plot"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/internal/trace"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// twice accepts each packet with two events, and drops it twice, and has two entities
// with the same keys.
const twice = `program twice
entity host: ip
entity peer: ip
metric sent { count dleft }
metric seen { count dleft }
table last[ip]: int
event all: packet where ip     for host = ip.src
event udps: packet where udp   for host = ip.src
event from: packet where ip    for peer = ip.src
feature rate = sent / 2
in any {
  on all  { set sent[host]  drop  drop  log "{sent}" }
  on udps { drop }
  on from { set seen[peer]  set seen[peer]  last[peer] = 7  when rate2 > 1e9 { log "never" } }
}
feature rate2 = seen + 1
`

// front compiles a program to IR that no pass has seen.
func front(t *testing.T, src string) *ir.Program {
	t.Helper()
	p, diags, err := codegen.Front(context.Background(), "test.smon", []byte(src), codegen.Options{})
	if err != nil || p == nil {
		t.Fatalf("%v %v", err, diags)
	}
	return p
}

// observe runs a program over packets in the notation.
func observe(t *testing.T, info *program.Info, lines ...string) {
	t.Helper()
	inst, err := info.New(&program.Env{Memory: program.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	inst.Activate()
	var list []packet.Packet
	for _, line := range lines {
		frames, err := notation.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range frames {
			list = append(list, packet.Packet{})
			f.Decode(&list[len(list)-1])
		}
	}
	testkit.Batches(list, packet.BatchSize, func(b *packet.Batch) {
		var v program.Verdicts
		inst.Process(b, &v)
	})
}

// TestRatesOfPackets counts a packet once that several events of an entity accept, or
// that is dropped several times.
func TestRatesOfPackets(t *testing.T) {
	r, err := trace.NewRecorder(front(t, twice), trace.RecordOptions{
		Keys: []string{"host=10.0.0.1"}, Values: []string{"packets/s", "admitted/s", "dropped/s"},
	})
	if err != nil {
		t.Fatal(err)
	}
	observe(t, r.Info(), "at 0s udp 10.0.0.1:1 > 10.0.0.2:2 x500 every 100ms", "at 50s udp 10.0.0.3:1 > 10.0.0.2:2")
	fig, err := r.Figure("test")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"packets": 500, "admitted": 0, "dropped": 500}
	for _, p := range fig.Groups[0].Panels {
		for _, l := range p.Lines {
			if got := area(l.Points); got < want[l.Name]-1 || got > want[l.Name] { // the first packet may be before the first mean
				t.Errorf("%s: %g in all, want %g", l.Name, got, want[l.Name])
			}
			delete(want, l.Name)
		}
	}
	if len(want) > 0 {
		t.Errorf("not drawn: %v", want)
	}
	if n := len(fig.Groups[0].States.Marks); n != 200 || !strings.HasSuffix(fig.Caption, "; records are marked up to 200 of an entity, 300 more are not") {
		t.Errorf("%d marks, caption %q", n, fig.Caption)
	}
}

// area is what a line of steps sums up to.
func area(points []plot.Point) (sum float64) {
	for i := 1; i < len(points); i++ {
		sum += points[i-1].V * (points[i].T - points[i-1].T)
	}
	return sum
}

// TestValueOfTwins reads values of entities of two kinds that have one key, whichever
// appeared first.
func TestValueOfTwins(t *testing.T) {
	for _, swapped := range []bool{false, true} {
		src := twice
		if swapped { // the events of a packet happen in the order of their declarations
			src = strings.Replace(src, "event from: packet where ip    for peer = ip.src\n", "", 1)
			src = strings.Replace(src, "event all", "event from: packet where ip    for peer = ip.src\nevent all", 1)
		}
		c := trace.NewCounter(front(t, src))
		observe(t, c.Info(), "at 0s udp 10.0.0.1:1 > 10.0.0.2:2 x3 every 100ms")
		for _, want := range []struct{ name, key, text string }{
			{"rate2", "10.0.0.1", "7"},
			{"rate2", "peer,10.0.0.1", "7"},
			{"rate2", "host,10.0.0.1", "there is no value rate2 of host,10.0.0.1 that can be read between packets; host has sent seen last"},
			{"last", "10.0.0.1", "7"},
			{"rate3", "10.0.0.1", "there is no value rate3 of 10.0.0.1 that can be read between packets; host has sent seen last; peer has rate2 sent seen last"},
			{"sent", "10.0.0.9", "no event of an entity 10.0.0.9 has happened"},
		} {
			v, err := c.Value(want.name, want.key)
			got := fmt.Sprint(v)
			if err != nil {
				got = err.Error()
			}
			if got != want.text {
				t.Errorf("swapped %v: value %s of %s: %s, want %s", swapped, want.name, want.key, got, want.text)
			}
		}
	}
}
