package pass_test

import (
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/lower"
	"github.com/streamon/streamon/codegen/pass"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/lang"
)

// Each archive is named after a pass: the IR as lowered (and after the passes of
// the section first), after that pass alone, and what the pass says about it.
func TestGolden(t *testing.T) {
	done := map[string]bool{}
	testkit.Archives(t, "testdata/*.txtar", func(t *testing.T, a *testkit.Archive) {
		checked, diags := lang.Check("in.smon", a.Need("in.smon"), nil)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		p := lower.Program(checked, "in.smon")
		if first, ok := a.File("first"); ok {
			if _, err := pass.Run(p, pass.Options{Only: strings.Fields(string(first)), Verify: true}); err != nil {
				t.Fatal(err)
			}
		}
		a.Golden("before", events(p))
		log, err := pass.Run(p, pass.Options{Only: []string{a.Name()}, Verify: true})
		if err != nil {
			t.Fatal(err)
		}
		a.Golden("after", events(p))
		lines := make([]string, len(log))
		for i, c := range log {
			lines[i] = c.String()
		}
		a.Golden("log", strings.Join(lines, "\n"))
		done[a.Name()] = true
	})
	for _, p := range pass.Passes() {
		if !done[p.Name] {
			t.Errorf("no archive for pass %s", p.Name)
		}
	}
}

// events is the text form of p from the states on: declarations do not change.
func events(p *ir.Program) string {
	text := p.String()
	return text[strings.Index(text, "\nstate ")+1:]
}
