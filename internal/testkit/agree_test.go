package testkit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/gogen"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/pass"
	"github.com/streamon/streamon/internal/testkit"
)

// exact are the monitors whose generated form counts like the evaluator at the
// sizes of RandomProgram: false positives of cbf and bloom are set to one in a
// million there.
var exact = []string{"dleft", "cbf", "topk"}

var (
	randomSeeds = flag.Int("programs", 10, "how many random programs are compared with generated code")
	firstSeed   = flag.Uint64("seed", 0, "seed of the first of them")
)

// randomProgram is what both sides of the comparison make of a seed.
func randomProgram(seed uint64) (*ir.Program, *rand.Rand) {
	r := rand.New(rand.NewPCG(seed, 11))
	if seed%5 == 4 {
		return testkit.RandomFormulas(r, 40), r
	}
	return testkit.RandomProgram(r, exact), r
}

// Generated code does what the evaluator does: on every behaviour script, which
// the evaluator passes as well, and on random programs and packets, line by line.
// All programs are generated into one test binary, whose packages exist only in an
// overlay of the build, not in the tree.
func TestGeneratedCodeAgrees(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a test binary")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	o := &overlay{dir: t.TempDir(), root: root, Replace: map[string]string{}}
	var imports, behaviours, seeds strings.Builder
	add := func(list *strings.Builder, key string, src []byte) {
		pkg := fmt.Sprintf("zz%d", len(o.Replace))
		o.add(t, "internal/testkit/zzagree/"+pkg+"/prog.go", src)
		fmt.Fprintf(&imports, "%s %q\n", pkg, "github.com/streamon/streamon/internal/testkit/zzagree/"+pkg)
		fmt.Fprintf(list, "%s: &%s.Streamon,\n", key, pkg)
	}
	scripts, _ := filepath.Glob("../../testdata/behaviour/*.txtar")
	for _, path := range scripts {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		if src := generateScript(t, path); src != nil {
			add(&behaviours, fmt.Sprintf("%q", name), src)
		}
	}
	for seed := *firstSeed; seed < *firstSeed+uint64(*randomSeeds); seed++ {
		p, _ := randomProgram(seed)
		passes := pass.Options{Verify: true}
		if seed%2 == 0 { // only what the emitter relies on
			passes.Only = []string{"fold-const", "capture-chains"}
		}
		if _, err := pass.Run(p, passes); err != nil {
			t.Fatal(err)
		}
		src, err := gogen.Emit(p, gogen.Options{Package: "prog"})
		if err != nil {
			t.Errorf("random program %d: %v", seed, err)
			continue
		}
		add(&seeds, fmt.Sprint(seed), src)
	}
	test := fmt.Sprintf(driver, imports.String(), behaviours.String(), seeds.String(), exact)
	o.add(t, "internal/testkit/zzagree/agree_test.go", []byte(test))
	o.run(t)
}

// generateScript compiles the program of a behaviour file to Go.
func generateScript(t *testing.T, path string) (src []byte) {
	testkit.Archive1(t, path, func(a *testkit.Archive) {
		p, diags, err := codegen.Compile(context.Background(), "program.smon", a.Need("program.smon"), codegen.Options{
			ReadFile: func(name string) ([]byte, error) {
				if data, ok := a.File(name); ok {
					return data, nil
				}
				return nil, errors.New("no section " + name)
			},
		})
		if err != nil || p == nil {
			t.Errorf("%s: %v %v", path, err, diags)
			return
		}
		if src, err = p.Go("prog", "test"); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	})
	return src
}

// overlay is a set of files that the go command sees in the tree.
type overlay struct {
	dir, root string
	Replace   map[string]string
}

func (o *overlay) add(t *testing.T, path string, data []byte) {
	real := filepath.Join(o.dir, fmt.Sprintf("f%d.go", len(o.Replace)))
	if err := os.WriteFile(real, data, 0o600); err != nil {
		t.Fatal(err)
	}
	o.Replace[filepath.Join(o.root, path)] = real
}

func (o *overlay) run(t *testing.T) {
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(o.dir, "overlay.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(o.dir, "agree.test")
	build := exec.Command("go", "test", "-c", "-vet=off", "-overlay", file, "-o", bin, "./internal/testkit/zzagree")
	build.Dir = o.root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, bytes.TrimSpace(out))
	}
	cmd := exec.Command(bin) // here: the directory of the test does not exist
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, bytes.TrimSpace(out))
	}
}

// driver is the test that runs inside of the overlay.
const driver = `package zzagree

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/program"

	%s
)

var behaviours = map[string]*program.Info{
	%s
}

var seeds = map[uint64]*program.Info{
	%s
}

func TestBehaviour(t *testing.T) {
	testkit.Behaviour(t, "../../testdata/behaviour/*.txtar", func(t *testing.T, _ []byte, _ func(string) ([]byte, error)) *program.Info {
		return behaviours[filepath.Base(t.Name())]
	})
}

func TestRandom(t *testing.T) {
	for seed, info := range seeds {
		r := rand.New(rand.NewPCG(seed, 11))
		var p *ir.Program
		if seed%%5 == 4 {
			p = testkit.RandomFormulas(r, 40)
		} else {
			p = testkit.RandomProgram(r, %#v)
		}
		packets := testkit.RandomPackets(r, 3000)
		want := testkit.Trace(t, eval.Info(p), nil, packets, 256)
		for _, size := range []int{1, 256} {
			if diff := testkit.Diff(testkit.Trace(t, info, nil, packets, size), want); diff != "" {
				t.Errorf("random program %%d, batches of %%d: %%s\n%%v", seed, size, diff, p)
				break
			}
		}
	}
}
`
