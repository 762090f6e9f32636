package partition_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/partition"
	"github.com/streamon/streamon/internal/testkit"
)

func compile(t *testing.T, name string, src []byte) *ir.Program {
	t.Helper()
	p, diags, err := codegen.Compile(context.Background(), name, src, codegen.Options{})
	if err != nil || p == nil {
		t.Fatal(name, err, diags)
	}
	return p.IR
}

// TestExamples compares the plans of all programs that are shown to users.
func TestExamples(t *testing.T) {
	testkit.Archives(t, "testdata/examples.txtar", func(t *testing.T, a *testkit.Archive) {
		for _, pattern := range []string{"../../examples/*/*.smon", "../../testdata/lang/*.smon"} {
			paths, err := filepath.Glob(pattern)
			if err != nil || len(paths) < 3 {
				t.Fatalf("%s: %v %v", pattern, paths, err)
			}
			for _, path := range paths {
				src, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				name := filepath.Base(path)
				a.Golden(filepath.ToSlash(strings.TrimPrefix(path, "../../")), partition.Of(compile(t, name, src)).String())
			}
		}
	})
}

// TestRules compares the plans of small programs; in those that have none the line in
// the way begins with the operation that is meant.
func TestRules(t *testing.T) {
	ar, err := txtar.ParseFile("testdata/rules.txtar")
	if err != nil {
		t.Fatal(err)
	}
	testkit.Archives(t, "testdata/rules.txtar", func(t *testing.T, a *testkit.Archive) {
		for _, f := range ar.Files {
			if name, ok := strings.CutSuffix(f.Name, ".smon"); ok {
				a.Golden(name, partition.Of(compile(t, f.Name, f.Data)).String())
			}
		}
	})
}

// TestBounds holds the plan to the words of a machine: 64 packet events and 64 writes.
func TestBounds(t *testing.T) {
	for _, c := range []struct {
		name           string
		events, writes int
		why            string
	}{
		{"as many as fit", 64, 64, ""},
		{"events", 65, 1, "more than 64 packet events"},
		{"writes", 1, 65, "more than 64 operations on what other entities own"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString("program many\nentity host: ip\ntable t[ip]: int\n")
			for i := range c.events {
				fmt.Fprintf(&b, "event e%d: packet where tcp.dstport == %d for host = ip.src\n", i, i)
			}
			b.WriteString("state default {\n")
			for i := range max(c.events, c.writes) {
				fmt.Fprintf(&b, "on e%d { when t[host] == %d { t[ip.dst] = %d } }\n", min(i, c.events-1), i, i)
			}
			b.WriteString("}\n")
			p := compile(t, "many.smon", []byte(b.String()))
			plan := partition.Of(p)
			if plan.OK != (c.why == "") || plan.Why.Text != c.why {
				t.Errorf("Of = %v %v, want %q", plan.OK, plan.Why, c.why)
			}
			if !plan.OK {
				return
			}
			n := 0
			for i := range p.Events {
				from, to := plan.WritesOf(i)
				if from != n || to != n+1 {
					t.Errorf("WritesOf(%d) = %d, %d, want %d, %d", i, from, to, n, n+1)
				}
				n = to
			}
		})
	}
}

// TestRandom checks what holds of every plan, on random programs: each use is local
// or has a number, the numbers of a body rise in the order of execution, and what
// travels is made of the packet.
func TestRandom(t *testing.T) {
	writes := 0
	for seed := range uint64(100) {
		p := compile(t, "shardable.smon", []byte(testkit.RandomShardable(rand.New(rand.NewPCG(seed, 5)))))
		plan := partition.Of(p)
		if !plan.OK {
			t.Errorf("seed %d: %v", seed, plan)
			continue
		}
		for i, e := range p.Events {
			from, to := plan.WritesOf(i)
			for _, h := range e.Handlers {
				last := from - 1
				h.Body.Stmts(func(s ir.Stmt) {
					n := plan.Write(i, h.Body, s)
					if n < 0 {
						return
					}
					writes++
					if n <= last || n >= to || e.Kind != ir.PacketEvent || ir.Dst(s) != nil {
						t.Errorf("seed %d, event %s: write %d after %d of %d\n%s", seed, e.Name, n, last, to, p)
					}
					last = n
				})
			}
		}
	}
	if writes < 300 {
		t.Errorf("%d writes travel in 100 programs: the test says little", writes)
	}
}
