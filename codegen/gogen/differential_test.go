package gogen_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen/gogen"
	"github.com/streamon/streamon/internal/testkit"
)

// exactMonitors are those whose structures give the very values of the reference
// evaluator as long as keys are few.
const exactMonitors = `[]string{"dleft", "topk", "cbf"}`

const differentialTest = `package generated

import (
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/program"

%s)

func TestDifferential(t *testing.T) {
	for _, c := range []struct{ seed uint64; info *program.Info }{
%s	} {
		p := testkit.RandomProgram(rand.New(rand.NewPCG(c.seed, 0)), %s)
		packets := testkit.RandomPackets(rand.New(rand.NewPCG(c.seed, 1)), 2000)
		for _, size := range []int{1, 64} {
			want := testkit.Trace(t, eval.Info(p), nil, packets, size)
			if d := testkit.Diff(testkit.Trace(t, c.info, nil, packets, size), want); d != "" {
				t.Errorf("seed %%d, batches of %%d: generated code and evaluator differ\n%%s\n%%s", c.seed, size, d, p)
			}
			if h := testkit.OnHeads(t, c.info); h != nil {
				if d := testkit.Diff(testkit.Trace(t, h, nil, packets, size), want); d != "" {
					t.Errorf("seed %%d, batches of %%d: code over heads and evaluator differ\n%%s\n%%s", c.seed, size, d, p)
				}
			}
		}
	}
}
`

// TestDifferential compiles random programs and compares everything they do with
// the reference evaluator. SEEDS=from,to runs others.
func TestDifferential(t *testing.T) {
	from, to := seeds(1, 8)
	files := map[string]string{}
	var imports, cases strings.Builder
	for seed := from; seed <= to; seed++ {
		p := testkit.RandomProgram(rand.New(rand.NewPCG(uint64(seed), 0)), []string{"dleft", "topk", "cbf"})
		name := fmt.Sprintf("p%d", seed)
		p.Name = name
		src, err := gogen.Emit(p, gogen.Options{Package: name})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, p)
		}
		files[name+"/"+name+".go"] = string(src)
		fmt.Fprintf(&imports, "\t%q\n", generatedPath+name)
		fmt.Fprintf(&cases, "\t\t{%d, &%s.Streamon},\n", seed, name)
	}
	files["generated_test.go"] = fmt.Sprintf(differentialTest, imports.String(), cases.String(), exactMonitors)
	runGenerated(t, files)
}

// seeds returns which random programs are tried: from and to, or what SEEDS says.
func seeds(from, to int) (int, int) {
	if s := os.Getenv("SEEDS"); s != "" {
		a, b, _ := strings.Cut(s, ",")
		from, _ = strconv.Atoi(a)
		to, _ = strconv.Atoi(b)
	}
	return from, to
}
