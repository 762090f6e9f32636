package gogen_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/internal/testkit"
)

const shardsTest = `package generated

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/program"

%s)

func TestShards(t *testing.T) {
	sure, unsure, byHeads, onHeads := 0, 0, 0, 0
	for _, c := range []struct {
		seed uint64
		info *program.Info
	}{
%s	} {
		switch p := c.info.Manifest.Partition; {
		case p.Awaits:
			unsure++
		case p.Writes > 0:
			sure++
		}
		if testkit.ByHeads(t, c.info) {
			byHeads++
		}
		packets := testkit.RandomPackets(rand.New(rand.NewPCG(c.seed, 1)), 2000)
		for _, size := range []int{7, 256} {
			want := testkit.Trace(t, c.info, nil, packets, size)
			h := testkit.OnHeads(t, c.info)
			if h != nil {
				onHeads++
				if d := testkit.Diff(testkit.Trace(t, h, nil, packets, size), want); d != "" {
					t.Fatalf("seed %%d, batches of %%d: over heads it does something else\n%%s", c.seed, size, d)
				}
			}
			for _, shards := range []int{1, 2, 3} {
				for _, procs := range []int{1, 2} {
					old := runtime.GOMAXPROCS(procs)
					got := testkit.Shards(t, c.info, nil, packets, size, shards, rand.New(rand.NewPCG(c.seed, uint64(procs))))
					runtime.GOMAXPROCS(old)
					if d := testkit.Diff(got, want); d != "" {
						t.Fatalf("seed %%d, batches of %%d, %%d shards: they do not do what one does\n%%s", c.seed, size, shards, d)
					}
					if h == nil {
						continue
					}
					if d := testkit.Diff(testkit.Shards(t, h, nil, packets, size, shards, nil), want); d != "" {
						t.Fatalf("seed %%d, batches of %%d, %%d shards: over heads they do not do what one does\n%%s", c.seed, size, shards, d)
					}
				}
			}
		}
	}
	if sure == 0 || unsure == 0 {
		t.Errorf("%%d programs make writes to other owners in any case, %%d in some; want both", sure, unsure)
	}
	if byHeads == 0 {
		t.Error("no program is steered by heads")
	}
	if onHeads == 0 {
		t.Error("no program looks at heads only")
	}
}
`

// shardable compiles random programs that can be run in shards.
func shardable(t *testing.T, from, to uint64) (files map[string]string, imports, cases string) {
	t.Helper()
	files = map[string]string{}
	for seed := from; seed <= to; seed++ {
		text := testkit.RandomShardable(rand.New(rand.NewPCG(seed, 0)))
		p, diags, err := codegen.Compile(context.Background(), "shardable.smon", []byte(text), codegen.Options{})
		if err != nil || p == nil {
			t.Fatal(err, diags)
		}
		name := fmt.Sprintf("s%d", seed)
		src, err := p.Go(name, "")
		if err != nil {
			t.Fatal(err)
		}
		files[name+"/"+name+".go"] = string(src)
		imports += fmt.Sprintf("\t%q\n", generatedPath+name)
		cases += fmt.Sprintf("\t\t{%d, &%s.Streamon},\n", seed, name)
	}
	return files, imports, cases
}

// TestShards runs random programs in shards and compares everything they do with one
// instance. SEEDS=from,to runs others.
func TestShards(t *testing.T) {
	from, to := seeds(1, 8)
	files, imports, cases := shardable(t, uint64(from), uint64(to))
	files["generated_test.go"] = fmt.Sprintf(shardsTest, imports, cases)
	runGenerated(t, files)
}
