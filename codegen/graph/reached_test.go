package graph_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen/graph/draw"
)

const countedText = `program counted "What runs reached"
entity host: ip
metric n { count cbf(window: 60s) }
event u: packet where udp for host = ip.src
event t: timeout for host
in any { on u { set n[host]  when n > 1000 { drop } } }
state default { on u { when n > 5 -> busy { start t after 10s }
  when n > 2 { log "some" } } }
state busy {
  on t { when n > 100 -> bad
    otherwise -> default } }
state bad for 10m then default {}
`

// counted is the graph of a program of which runs reached a part.
func counted(t *testing.T) *draw.Graph {
	g := load(t, "counted.smon", []byte(countedText))
	g.Mark(&draw.Reached{
		States: map[string]uint64{"default": 7, "busy": 3},
		Transitions: map[draw.Transition]uint64{
			{From: "default", To: "busy", Line: 7}: 3, {From: "busy", To: "default", Line: 11}: 2,
			{From: "default", To: "bad", Line: 10}: 99, // of another state: is not that of busy
		},
		Conditions: map[draw.Place]draw.Outcomes{
			{Line: 6, Column: 32}: {Held: 0, DidNot: 50}, {Line: 7, Column: 24}: {Held: 3},
			{Line: 8, Column: 3}: {Held: 12, DidNot: 9}, {Line: 10, Column: 10}: {DidNot: 2}, {Line: 11, Column: 5}: {Held: 2},
		},
	}, "reached by 2 tests: states 2/3")
	return g
}

// TestMark: counts come to the states, edges and rules that they are of.
func TestMark(t *testing.T) {
	g := counted(t)
	m := g.Machines[0]
	for i, want := range []uint64{7, 3, 0} {
		if got := m.States[i].Hits; got != want {
			t.Errorf("state %s was entered %d times, want %d", m.States[i].Name, got, want)
		}
	}
	want := map[string]uint64{"default busy": 3, "busy bad": 0, "busy default": 2, "bad default": 0}
	for _, e := range m.Edges {
		name := m.States[e.From].Name + " " + m.States[e.To].Name
		if e.Hits != want[name] || e.NeverFails != (name == "default busy") {
			t.Errorf("edge %s: %d times, never fails %v; want %d", name, e.Hits, e.NeverFails, want[name])
		}
	}
	if r := m.States[0].Rules[0]; r.Hits != 12 || r.NeverFails {
		t.Errorf("the rule of default held %d times, never fails %v", r.Hits, r.NeverFails)
	}
}

// TestGoldenMarked holds the drawing; the same graph without counts has none of it.
func TestGoldenMarked(t *testing.T) {
	svg := write(t, counted(t).SVG)
	wellFormed(t, svg)
	const golden = "testdata/counted.svg"
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(golden, []byte(svg), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if svg != string(want) {
		t.Errorf("%s differs; with -update it becomes\n%s", golden, svg)
	}
	plain := write(t, load(t, "counted.smon", []byte(countedText)).SVG)
	for _, word := range []string{"never", "missed", "hits", "×"} {
		if !strings.Contains(svg, word) || strings.Contains(plain, word) {
			t.Errorf("%q is in the drawing with counts: %v, in that without: %v", word, strings.Contains(svg, word), strings.Contains(plain, word))
		}
	}
}
