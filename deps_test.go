package streamon

import (
	"os/exec"
	"sort"
	"strings"
	"testing"
)

// allowed says which of our packages a package may import. A line is
//
//	package < packages it may import
//
// with paths below the module, in groups that build on each other. Tests are
// free. Whoever adds an edge gives its reason; an odd one carries it here.
const allowed = `
	.                  <
	lang/source        <
	lang/types         <
	lang/diag          < lang/source
	lang/ast           < lang/source
	lang/smon          < lang/ast lang/diag lang/source
	lang/smxml         < lang/ast lang/diag lang/source
	# Literals are written in the units of types.
	lang/format        < lang/ast lang/source lang/smon lang/diag lang/types
	# Attributes hold what format prints, with the catalogue's names; the limits are those of the reader, so it is asked.
	lang/xmlformat     < lang/ast lang/diag lang/format lang/smon lang/smxml lang/source lang/types
	lang/check         < lang/ast lang/diag lang/source lang/types
	lang               < lang/ast lang/check lang/diag lang/smon lang/smxml lang/source lang/format lang/types

	codegen/ir         < lang/source lang/types
	codegen/lower      < codegen/ir lang/ast lang/check lang/source lang/types
	codegen/pass       < codegen/ir lang/types
	codegen/partition  < codegen/ir
	# What a program wants is said in the syntax of internal/filter, as text.
	codegen/wanted     < codegen/ir lang/types
	# Drawings speak the words of the source, so they are made from the tree. Layout knows boxes only, for whoever draws;
	# draw knows no language, so that the probe can draw from what a compiled program says of itself.
	codegen/graph/layout <
	codegen/graph/draw < codegen/graph/layout
	codegen/graph      < codegen/graph/draw lang/ast lang/check lang/format
	codegen/gogen      < codegen/ir codegen/partition codegen/wanted lang/types lang/source
	# What operations cost is recorded; whether they are done in columns is the emitter's decision.
	codegen/cost       < codegen/gogen codegen/ir lang/types
	# The evaluator interprets the IR over decoded packets: it needs the packet, the contract and the lists, nothing else of runtime.
	codegen/eval       < codegen/ir lang/types runtime/packet runtime/program runtime/list
	# A plugin is built from the sources that the probe hands out; their format and the checks are internal/sdk's.
	codegen/build      < internal/sdk
	codegen            < codegen/ir codegen/lower codegen/pass codegen/gogen codegen/graph codegen/graph/draw lang lang/ast lang/check lang/diag lang/smon lang/source lang/types

	runtime/cpu        <
	# Kernels ask what the processor can do.
	runtime/flow       < runtime/cpu
	runtime/packet     < runtime/cpu
	runtime/list       <
	# How every structure is written down: numbers and cells, no structure.
	runtime/image      <
	runtime/timer      < runtime/image
	runtime/sketch     < runtime/cpu runtime/flow runtime/image
	runtime/dleft      < runtime/cpu runtime/flow runtime/image
	runtime/metric     < runtime/flow runtime/sketch runtime/dleft
	runtime/xfsm       < runtime/flow runtime/image runtime/dleft runtime/timer
	# Usage is one type for all structures; lists are handed to programs by the host.
	runtime/program    < runtime/flow runtime/image runtime/packet runtime/list

	internal/sdk       < . runtime/program
	internal/sdk/pack  <
	# Packets in a line each: tests and smcc test write them, traces print them.
	internal/notation  < runtime/packet
	# What looks on while the evaluator runs a program.
	# Two versions of a program: records as text, memory by the rule of the contract.
	internal/change    < runtime/program
	# A state has one colour in both drawings.
	internal/plot      < codegen/graph/draw
	internal/trace     < codegen/eval codegen/ir internal/notation internal/plot lang/types runtime/packet runtime/program
	# Tests in text, on any engine: they need packets, the contract, and how operators write values.
	internal/script    < internal/capture internal/config internal/notation runtime/list runtime/packet runtime/program
	# The tests beside programs, on the evaluator, with what looks on.
	internal/suite     < codegen/ir internal/capture internal/script internal/trace
	internal/syn       <
	# Plugins for tests, of code that no compiler of ours makes.
	internal/testkit/hostile < codegen/build internal/sdk
	internal/syn/gen   < internal/syn
	internal/metrics   <
	# Of a wrong name the nearest one is told, by the rule of diagnostics.
	internal/config    < lang/diag runtime/program
	# Kernels ask what the processor can do.
	internal/capture   < runtime/cpu runtime/packet
	internal/filter    < runtime/packet
	internal/loader    < internal/sdk runtime/program
	internal/export    < runtime/packet runtime/program
	# A sink of records beside those of package export, in the form that it gives values.
	internal/zmq       < internal/export runtime/program
	# The queues before what records are sent to; ZeroMQ subscribers have theirs in package zmq.
	internal/sink      < internal/config internal/export internal/zmq runtime/packet runtime/program
	# Is shown batches by the probe and records by whoever writes them; its files are captures.
	internal/evidence  < internal/capture internal/export runtime/packet runtime/program
	# Decides about exec records, and runs them, before they are written.
	internal/command   < internal/export runtime/program
	# A sink of records, for those who watch through package web.
	internal/feed      < internal/export runtime/program
	# The file of the state of programs: images and names.
	internal/checkpoint < runtime/image runtime/program
	# Decides about blocks and drops before records are written, and tells the kernel.
	internal/mitigate  < internal/export runtime/packet runtime/program
	# Two versions of a program are compared over live packets.
	internal/probe     < internal/capture internal/change internal/checkpoint internal/config internal/export internal/metrics runtime/packet runtime/program runtime/list
	# Names of tenants are the probe's.
	internal/access    < internal/probe
	# Measures compiled programs as the probe runs them, without the probe around and, for several workers and from files, in it.
	internal/bench     < internal/capture internal/probe runtime/list runtime/packet runtime/program
	# The texts of what is measured, sized by what structures say of themselves; the probe contains no structure.
	internal/bench/programs < runtime/dleft runtime/sketch
	internal/bench/gen < internal/bench/programs
	# Records that table, by calling what generated code calls.
	internal/bench/costs < codegen/cost codegen/ir lang/types runtime/dleft runtime/flow runtime/list runtime/packet runtime/program runtime/sketch runtime/timer runtime/xfsm
	# The command of the probe, in a package so that a static probe can be built around it.
	# The HTTP interface states the probe it needs; what it sends are the probe's own types.
	internal/web       < codegen/graph/draw internal/access internal/config internal/feed internal/metrics internal/mitigate internal/probe
	# The probe asks for large pages for what package flow allocates.
	# The language server is a front-end for editors, of the front-end for compilers.
	internal/lsp       < lang lang/ast lang/check lang/diag lang/format lang/smxml lang/source lang/types
	internal/smprobe   < lang/diag internal/access internal/bench internal/capture internal/change internal/checkpoint internal/command internal/config internal/evidence internal/export internal/feed internal/filter internal/loader internal/metrics internal/mitigate internal/probe internal/sdk internal/sink internal/web internal/zmq runtime/flow runtime/packet runtime/program

	cmd/smprobe        < internal/shell internal/smprobe
	# What both command lines can do beside their work, and texts to begin with, know nothing of either.
	internal/shell     <
	internal/starter   <
	# smcc wires the front-end, the emitter, the builder and, for run, the probe. For
	# explain it asks the structures how large they will be.
	cmd/smcc           < codegen codegen/build codegen/cost codegen/eval codegen/graph codegen/graph/draw codegen/ir codegen/partition runtime/dleft runtime/flow runtime/metric runtime/xfsm lang lang/ast lang/diag lang/smxml lang/source lang/format lang/xmlformat lang/types lang/check internal/change internal/lsp internal/plot internal/sdk internal/shell internal/smprobe internal/starter internal/suite internal/trace runtime/program
`

// foreign says which packages outside the standard library the packages below a
// prefix may import.
var foreign = map[string][]string{
	"lang/smon":     {"github.com/alecthomas/participle/v2", "github.com/alecthomas/participle/v2/lexer"},
	"codegen/gogen": {"github.com/dave/jennifer/jen"},
	"internal/lsp":  {"github.com/sourcegraph/jsonrpc2"},
}

// runtimeStd is what packages under runtime/ may import of the standard library:
// it is linked into every plugin, so nothing that drags fmt or reflect along.
var runtimeStd = map[string]bool{
	"bytes": true, "encoding/binary": true, "errors": true, "math": true, "math/bits": true, "runtime": true, "slices": true,
	"sort": true, "strconv": true, "sync/atomic": true, "time": true, "unicode/utf8": true, "unsafe": true, "net/netip": true,
	"cmp": true, "strings": true,
}

const module = "github.com/streamon/streamon"

func TestImports(t *testing.T) {
	edges := map[string]map[string]bool{}
	for line := range strings.Lines(allowed) {
		line, _, _ = strings.Cut(line, "#")
		pkg, list, ok := strings.Cut(line, "<")
		if !ok {
			continue
		}
		edges[strings.TrimSpace(pkg)] = map[string]bool{}
		for _, to := range strings.Fields(list) {
			edges[strings.TrimSpace(pkg)][to] = true
		}
	}
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{range .Imports}}{{.}} {{end}}", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		pkg := below(words[0])
		may, known := edges[pkg]
		if !known && len(words) > 1 && !strings.HasPrefix(pkg, "examples") && pkg != "internal/testkit" {
			t.Errorf("package %s is not in the table: say what it may import", pkg)
			continue
		}
		for _, imp := range words[1:] {
			switch to := below(imp); {
			case to != imp || imp == module:
				if known && !may[to] {
					t.Errorf("%s imports %s, which the table does not allow", pkg, to)
				}
			case strings.HasPrefix(pkg, "runtime/") && !runtimeStd[imp]:
				t.Errorf("%s imports %s: generated code links it", pkg, imp)
			case strings.Contains(strings.Split(imp, "/")[0], ".") && !mayForeign(pkg, imp):
				t.Errorf("%s imports %s, which is not allowed there", pkg, imp)
			}
		}
	}
}

// TestOnlyLoaderOpensPlugins states that package plugin has one user.
func TestOnlyLoaderOpensPlugins(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{range .Imports}}{{.}} {{end}}", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var users []string
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		for _, imp := range words[1:] {
			if imp == "plugin" {
				users = append(users, below(words[0]))
			}
		}
	}
	sort.Strings(users)
	if got := strings.Join(users, " "); got != "internal/loader" {
		t.Errorf("packages that import plugin = %q, want internal/loader alone", got)
	}
}

// below returns an import path relative to the module; others unchanged.
func below(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

// mayForeign reports whether pkg may import a package from another module. lang,
// codegen and runtime name theirs; the probe and the commands are free.
func mayForeign(pkg, imp string) bool {
	if strings.HasPrefix(pkg, "internal/") || strings.HasPrefix(pkg, "cmd/") || strings.HasPrefix(pkg, "examples") {
		return true
	}
	for _, ok := range foreign[pkg] {
		if ok == imp {
			return true
		}
	}
	return false
}
