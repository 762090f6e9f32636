// Package hostile builds plugins that do what generated code cannot do, for tests of the
// probe. The main function is [Build].
package hostile

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/internal/sdk"
)

// text is a program that behaves for 49 packets, and then not. Verbs: package,
// build identity, deed.
const text = `package %s

import (
	"runtime"
	"time"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

var (
	_ = runtime.Goexit
	_ = time.Sleep
)

var Streamon = program.Info{
	Manifest: program.Manifest{ABI: program.ABI, Name: "hostile", ID: %q, File: "hostile.smon", Version: "1"},
	New: func(*program.Env) (program.Instance, error) { return &machine{}, nil },
}

type machine struct {
	packets int
	kept    [][]byte
	none    *machine
}

func (m *machine) Activate()           {}
func (m *machine) Tick(packet.Time)    {}
func (m *machine) Stats(s *program.Stats) { s.Packets += uint64(m.packets) }
func (m *machine) Process(b *packet.Batch, v *program.Verdicts) {
	if m.packets += b.N; m.packets < 50 {
		return
	}
%s
}

func (m *machine) allocate(n int) {
//line hostile.smon:11:1
	piece := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		piece[i] = 1
	}
	m.kept = append(m.kept, piece)
}
func (m *machine) States(func(string, []program.Field, string, packet.Time) bool) {}
func (m *machine) Tables(func(string, []program.Field, program.Value) bool)       {}

func main() {}
`

// Deed is something that generated code cannot do.
type Deed struct {
	Name   string
	Code   string   // of Process; m is the instance, whose allocate keeps bytes
	Limits []string // flags of load
	Want   string   // how the probe says what became of it
}

// Deeds are what hostile programs do. Lines are those of hostile.smon. What allocates stops
// by itself below 700 MB.
var Deeds = []Deed{
	{"panics", "//line hostile.smon:7:1\n\tm.none.packets++", nil, "stopped: panic while processing packets at hostile.smon:7: "},
	{"spins", "//line hostile.smon:9:1\n\tfor {\n\t}", nil, "stopped: given up after 2s while processing packets at hostile.smon:"},
	{"waits", "//line hostile.smon:9:1\n\tselect {}", nil, "stopped: given up after 2s while processing packets at hostile.smon:9"},
	{"ends its goroutine", "runtime.Goexit()", nil, "stopped: given up after 2s while processing packets"},
	{"allocates in each batch", "m.allocate(32 << 20)", []string{"--memory", "64MB"}, "stopped: memory: it has allocated "},
	{"allocates in one call", "for range 40 {\n\tm.allocate(16 << 20)\n\ttime.Sleep(10 * time.Millisecond)\n\t}\n\tfor {\n\t}", []string{"--memory", "64MB"}, "stopped: memory: the process grew by "},
}

// Build builds a plugin that does something from its 50th packet on, and writes it to
// path. description is what smprobe sdk --json prints.
func Build(path, deed string, description []byte, cache string) error {
	d := new(sdk.Description)
	if err := json.Unmarshal(description, d); err != nil {
		return err
	}
	res, err := build.Plugin(context.Background(), build.Unit{
		Name: "hostile", Source: "hostile.smon", Text: []byte(deed),
		Emit: func(pkg, id string) ([]byte, error) { return fmt.Appendf(nil, text, pkg, id, deed), nil },
	}, d, build.Options{Cache: cache})
	if err != nil {
		return err
	}
	return build.Deliver(path, res.File)
}
