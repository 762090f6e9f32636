package web

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/graph"
	"github.com/streamon/streamon/codegen/graph/draw"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/lang"
)

// TestMachines: what the probe draws of a compiled program is what the compiler draws of
// its source.
func TestMachines(t *testing.T) {
	paths, err := filepath.Glob("../../examples/*/*.smon")
	if err != nil || len(paths) < 5 {
		t.Fatalf("%d examples (%v)", len(paths), err)
	}
	archives, _ := filepath.Glob("../../codegen/graph/testdata/*.txtar")
	for _, path := range append(paths, archives...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, rest, ok := strings.Cut(string(text), "-- in.smon --\n"); ok {
			rest, _, _ = strings.Cut(rest, "\n-- ")
			text = []byte(rest + "\n")
		}
		checked, diags := lang.Check("p.smon", text, nil)
		p, _, err := codegen.Compile(context.Background(), "p.smon", text, codegen.Options{})
		if diags.HasErrors() || err != nil || p == nil {
			t.Fatalf("%s: %v %v", path, diags, err)
		}
		m := probe.Machines{Program: p.Name(), Doc: p.IR.Doc}
		for _, e := range p.IR.Entities {
			m.Entities = append(m.Entities, probe.MachineEntity{Name: e.Name, Fields: []string{"key"}})
		}
		for _, s := range p.IR.States {
			m.States = append(m.States, probe.MachineState{Name: s.Name, Level: s.Level, Code: s.Code, Doc: s.Doc})
		}
		for _, e := range p.IR.Events {
			v := probe.MachineEvent{Name: e.Name, Kind: e.Kind.String()}
			if e.Entity >= 0 {
				v.Entity = p.IR.Entities[e.Entity].Name
			}
			m.Events = append(m.Events, v)
		}
		for _, r := range p.Rules {
			m.Rules = append(m.Rules, probe.Rule(r))
		}
		got, want := graphOf(&m), graph.Of(checked)
		for i := range min(len(got.Machines), len(want.Machines)) {
			got.Machines[i].Key = want.Machines[i].Key // the manifest has no types
		}
		withoutPlaces(want) // nor places in the source
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the probe draws\n%s\nthe compiler\n%s", path, dot(t, got), dot(t, want))
		}
	}
}

// withoutPlaces forgets where rules stand in the source.
func withoutPlaces(g *draw.Graph) {
	forget := func(list []*draw.Rule) {
		for _, r := range list {
			r.Places = nil
		}
	}
	forget(g.Program)
	for _, m := range g.Machines {
		forget(m.Any)
		for _, s := range m.States {
			forget(s.Rules)
		}
		for _, e := range m.Edges {
			e.Places = nil
		}
	}
}

func dot(t *testing.T, g *draw.Graph) string {
	t.Helper()
	var b strings.Builder
	if err := g.Mermaid(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
