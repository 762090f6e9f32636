package pass_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/pass"
	"github.com/streamon/streamon/internal/testkit"
)

// Random programs do the same before and after the passes, alone and together.
func TestMeaningIsKept(t *testing.T) {
	programs := 200
	if testing.Short() {
		programs = 50
	}
	changes := map[string]int{}
	records := 0
	for seed := range programs {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		p := testkit.RandomProgram(r, nil)
		if seed%4 == 3 {
			p = testkit.RandomFormulas(r, 40)
		}
		if err := ir.Verify(p); err != nil {
			t.Fatalf("seed %d: %v\n%v", seed, err, p)
		}
		packets := testkit.RandomPackets(r, 200)
		text := p.String()
		want := testkit.Trace(t, eval.Info(p), nil, packets, 256)
		records += len(want)
		q := p.Copy()
		log, err := pass.Run(q, pass.Options{Verify: true})
		if err != nil {
			t.Fatalf("seed %d: %v\nbefore: %v\nafter: %v", seed, err, p, q)
		}
		for _, c := range log {
			changes[c.Pass]++
		}
		if p.String() != text {
			t.Fatalf("seed %d: the passes changed what they were given a copy of", seed)
		}
		if diff := testkit.Diff(testkit.Trace(t, eval.Info(q), nil, packets, 256), want); diff != "" {
			t.Errorf("seed %d: %s", seed, diff)
			blame(t, p, func(q *ir.Program) bool {
				return testkit.Diff(testkit.Trace(t, eval.Info(q), nil, packets, 256), want) == ""
			})
			t.Logf("before: %v\nafter: %v", p, q)
			t.FailNow()
		}
	}
	for _, p := range pass.Passes() {
		if changes[p.Name] == 0 {
			t.Errorf("pass %s never changed anything", p.Name)
		}
	}
	t.Logf("%d programs, %d lines compared, changes %v", programs, records, changes)
}

// blame tells which pass alone breaks p.
func blame(t *testing.T, p *ir.Program, isSame func(*ir.Program) bool) {
	for _, one := range pass.Passes() {
		q := p.Copy()
		if _, err := pass.Run(q, pass.Options{Only: []string{one.Name}}); err != nil || !isSame(q) {
			t.Logf("pass %s alone breaks it (%v)", one.Name, err)
		}
	}
}

func TestOptions(t *testing.T) {
	p := testkit.RandomProgram(rand.New(rand.NewPCG(4, 1)), nil)
	if _, err := pass.Run(p.Copy(), pass.Options{Only: []string{"nonsense"}}); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("Run with an unknown pass = %v, want an error that names it", err)
	}
	q := p.Copy()
	var all []string
	for _, one := range pass.Passes() {
		all = append(all, one.Name)
	}
	if log, err := pass.Run(q, pass.Options{Skip: all}); err != nil || len(log) > 0 || q.String() != p.String() {
		t.Errorf("Run with all passes skipped = %v, %v, want nothing", log, err)
	}
	p.Events[0].Handlers[0].Body = nil
	if _, err := pass.Run(p, pass.Options{Verify: true}); err == nil {
		t.Errorf("Run with Verify on a broken program succeeds")
	}
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range pass.Passes() {
		if p.Name == "" || p.Why == "" || seen[p.Name] {
			t.Errorf("pass %q has no name, no reason, or is there twice", p.Name)
		}
		seen[p.Name] = true
	}
}
