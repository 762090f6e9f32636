package eval_test

import (
	"testing"

	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/lower"
	"github.com/streamon/streamon/codegen/pass"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/runtime/program"
)

// compile makes the IR of a program without the driver, which would drag the
// emitter along.
func compile(t *testing.T, src []byte, read func(string) ([]byte, error)) *ir.Program {
	checked, diags := lang.Check("program.smon", src, read)
	if diags.HasErrors() {
		t.Fatalf("does not compile:\n%v", diags)
	}
	p := lower.Program(checked, "program.smon")
	if err := ir.Verify(p); err != nil {
		t.Fatalf("%v\n%v", err, p)
	}
	return p
}

// Every rule of the language, on the IR as lowered and after the passes.
func TestBehaviour(t *testing.T) {
	testkit.Behaviour(t, "../../testdata/behaviour/*.txtar", func(t *testing.T, src []byte, read func(string) ([]byte, error)) *program.Info {
		return eval.Info(compile(t, src, read))
	})
}

func TestBehaviourAfterPasses(t *testing.T) {
	testkit.Behaviour(t, "../../testdata/behaviour/*.txtar", func(t *testing.T, src []byte, read func(string) ([]byte, error)) *program.Info {
		p := compile(t, src, read)
		if _, err := pass.Run(p, pass.Options{Verify: true}); err != nil {
			t.Fatal(err)
		}
		return eval.Info(p)
	})
}
