package gogen_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen"
)

// idlePrograms are programs of which it can be told that a chunk is idle. Over random packets
// most of their chunks are at first, then some, when entities have left the default state.
var idlePrograms = map[string]string{
	"moves": `
entity host: ip
metric n { count dleft(capacity: 4096) }
event any: packet where ip for host = ip.src
event wake: timeout for host
in any { on any { set n[host] } }
state default {
  on any {
    when n > 20 -> busy { log "{host}: {n}"  start wake after 300ms }
    when n == 10 { start wake after 40s }
  }
  on wake { otherwise -> busy }
}
state busy for 20s then default {
  on any { when n % 2 == 0 { log "even" } }
  on wake { otherwise -> default { log "woken" } }
}
`,
	"reads": `
param limit = 9
list ports = {80, 1000..2000}
entity client: ip
entity pair: (ip, ip)
metric a { distinct bloom(window: 60s)  count dleft(capacity: 4096) }
metric b { count dleft(capacity: 4096) }
metric c { count dleft(capacity: 4096) }
feature share = a / b
event tcp: packet where tcp for client = ip.src
event udp: packet where udp for pair = both(ip.src, ip.dst)
event second: every 1s
in any {
  on tcp { set a[ip.src] new (ip.src, ip.dst)  set b[ip.src] }
  on udp { set c[ip.src, ip.dst] }
}
state default {
  on tcp {
    when share < 0.4 and tcp.dstport in ports { log "few: {share:.3f}" }
    when b > limit and frame.len > 100 -> seen
  }
  on udp { when frame.len > 1200 or ip.ttl == 1 or c == 3 { log "long" } }
}
state seen for 1s then default {
  on tcp { log "still {b}" }
}
on second { log "a second" }
`,
	"silent": `
entity host: ip
metric n { count dleft(capacity: 4096) }
metric m { count dleft(capacity: 4096) }
metric o { count dleft(capacity: 4096) }
event tcp: packet where tcp for host = ip.src
event udp: packet where ip and udp
event back: packet where tcp for host = ip.dst
in any { on back { set n[host] }  on tcp { set o[ip.src, tcp.dstport] } }
on udp { set m[ip.dst]  when m == 30 { log "thirty to {ip.dst}" } }
state default { on back { when n == 12 -> full } }
state full {
  on tcp { otherwise -> default { log "speaks" } }
}
`,
}

const idleTest = `package generated

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/program"

%s)

func TestIdle(t *testing.T) {
	for _, c := range []struct{ text string; info *program.Info }{
%s	} {
		p, _, err := codegen.Compile(context.Background(), "idle.smon", []byte(c.text), codegen.Options{})
		if err != nil || p == nil {
			t.Fatal(err)
		}
		h := testkit.OnHeads(t, c.info)
		if h == nil {
			t.Fatalf("%%s does not look at heads only", c.info.Manifest.Name)
		}
		for seed := range uint64(3) {
			packets := testkit.RandomPackets(rand.New(rand.NewPCG(seed, 1)), 3000)
			for _, size := range []int{1, 64, 256} {
				same := func(what string, got, want []string) {
					if d := testkit.Diff(got, want); d != "" {
						t.Fatalf("%%s, seed %%d, batches of %%d: %%s differ\n%%s", c.info.Manifest.Name, seed, size, what, d)
					}
				}
				want := testkit.Trace(t, eval.Info(p.IR), nil, packets, size)
				same("generated code and evaluator", testkit.Trace(t, c.info, nil, packets, size), want)
				same("code over heads and evaluator", testkit.Trace(t, h, nil, packets, size), want)
				if !c.info.Manifest.Partition.OK {
					continue
				}
				want = testkit.Trace(t, c.info, nil, packets, size)
				for _, shards := range []int{1, 2, 3} {
					same("shards and one", testkit.Shards(t, c.info, nil, packets, size, shards, rand.New(rand.NewPCG(seed, 2))), want)
				}
			}
		}
	}
}
`

// TestIdle runs programs whose chunks may be idle and compares everything they do with the
// reference evaluator, over heads too and in shards.
func TestIdle(t *testing.T) {
	files := map[string]string{}
	var imports, cases strings.Builder
	for name, text := range idlePrograms {
		text = "program " + name + " \"idle\"\n" + text
		p, diags, err := codegen.Compile(context.Background(), "idle.smon", []byte(text), codegen.Options{})
		if err != nil || p == nil {
			t.Fatal(name, err, diags)
		}
		src, err := p.Go(name, "")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(src), "m.idle(") {
			t.Errorf("of %s it cannot be told that a chunk is idle", name)
		}
		files[name+"/"+name+".go"] = string(src)
		fmt.Fprintf(&imports, "\t%q\n", generatedPath+name)
		fmt.Fprintf(&cases, "\t\t{%q, &%s.Streamon},\n", text, name)
	}
	files["generated_test.go"] = fmt.Sprintf(idleTest, imports.String(), cases.String())
	runGenerated(t, files)
}
