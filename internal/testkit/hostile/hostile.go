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

// text is a program that behaves for 49 packets, and then not, or does something when it is
// made or asked. Verbs: package, build identity, deeds in New, Tick, Stats and Process.
const text = `package %s

import (
	"runtime"
	"time"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

var (
	spun int
	_ = runtime.Goexit
	_ = time.Sleep
)

var Streamon = program.Info{
	Manifest: program.Manifest{ABI: program.ABI, Name: "hostile", ID: %q, File: "hostile.smon", Version: "1"},
	New: func(*program.Env) (program.Instance, error) {
%s
		return &machine{}, nil
	},
}

type machine struct {
	packets int
	kept    [][]byte
	none    *machine
}

func (m *machine) Activate()           {}
func (m *machine) Tick(packet.Time) {
%s
}

func (m *machine) Stats(s *program.Stats) {
	s.Packets += uint64(m.packets)
%s
}

func (m *machine) Process(b *packet.Batch, v *program.Verdicts) {
	if m.packets += b.N; m.packets < 50 {
		return
	}
%s
}

func (m *machine) allocate(n int) {
//line hostile.smon:11:1
	m.kept = append(m.kept, make([]byte, n)) // untouched: how fast pages come is the machine's
}
func (m *machine) States(func(string, []program.Field, string, packet.Time) bool) {}
func (m *machine) Tables(func(string, []program.Field, program.Value) bool)       {}

func main() {}
`

// Deed is something that generated code cannot do.
type Deed struct {
	Name   string
	In     Call
	Code   string   // m is the instance, whose allocate keeps bytes; in New there is none
	Limits []string // flags of load
	Want   string   // how the probe says what became of it
}

// Call is what a program is called for.
type Call int

// What programs are called for.
const (
	Process Call = iota // from the 50th packet on
	New
	Tick
	Stats
)

const (
	spin    = "//line hostile.smon:9:1\n\tfor spun >= 0 { spun |= 1 }"
	givenUp = "given up after 2s while "
)

// Deeds are what hostile programs do. Lines are those of hostile.smon. What allocates stops
// by itself below 700 MB.
var Deeds = []Deed{
	{"panics", Process, "//line hostile.smon:7:1\n\tm.none.packets++", nil, "panic while processing packets at hostile.smon:7: "},
	{"spins", Process, spin, nil, givenUp + "processing packets at hostile.smon:9;"},
	{"spins when it is made", New, spin, nil, givenUp + "starting at hostile.smon:9;"},
	{"spins when time passes", Tick, spin, nil, givenUp + "letting time pass at hostile.smon:9;"},
	{"spins when it is asked", Stats, spin, nil, givenUp + "reporting at hostile.smon:9;"},
	{"waits", Process, "//line hostile.smon:9:1\n\tselect {}", nil, givenUp + "processing packets at hostile.smon:9"},
	{"ends its goroutine", Process, "runtime.Goexit()", nil, givenUp + "processing packets"},
	{"allocates in each batch", Process, "m.allocate(32 << 20)", []string{"--memory", "64MB"}, "memory: it has allocated "},
	{"allocates in one call", Process, "for range 40 {\n\tm.allocate(16 << 20)\n\ttime.Sleep(10 * time.Millisecond)\n\t}\n\tfor {\n\t}", []string{"--memory", "64MB"}, "memory: the process grew by "},
}

// Build builds a plugin of a program that does d, and writes it to path. description is what
// smprobe sdk --json prints.
func Build(path string, d *Deed, description []byte, cache string) error {
	host := new(sdk.Description)
	if err := json.Unmarshal(description, host); err != nil {
		return err
	}
	in := [4]string{}
	in[d.In] = d.Code
	source := func(pkg, id string) ([]byte, error) {
		return fmt.Appendf(nil, text, pkg, id, in[New], in[Tick], in[Stats], in[Process]), nil
	}
	key, _ := source("", "")
	res, err := build.Plugin(context.Background(), build.Unit{Name: "hostile", Source: "hostile.smon", Text: key, Emit: source}, host, build.Options{Cache: cache})
	if err != nil {
		return err
	}
	return build.Deliver(path, res.File)
}
