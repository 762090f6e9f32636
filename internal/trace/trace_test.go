package trace_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/notation"
	"github.com/streamon/streamon/internal/syn"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/internal/trace"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// root is the top of the checkout.
const root = "../.."

// TestGolden traces entities of programs. The section run of an archive has
//
//	program examples/ddos/ddos.smon   or program.smon, a section of its own
//	packets syn-ddos                  a scenario of internal/syn, a file of testdata/pcap, or the section packets, in the notation
//	trace 10.0.0.80
//	limit 20
//	brief, misses, json               options
func TestGolden(t *testing.T) {
	testkit.Archives(t, "testdata/*.txtar", func(t *testing.T, a *testkit.Archive) {
		r := run{opt: trace.Options{}}
		for line := range strings.Lines(string(a.Need("run"))) {
			r.line(t, a, strings.TrimSpace(line))
		}
		out, end, err := r.trace(t)
		if err != nil {
			a.Golden("error", err.Error())
			return
		}
		a.Golden("trace", out)
		a.Golden("end", end)
	})
}

// run is what an archive asks for.
type run struct {
	name    string
	source  []byte
	packets []packet.Packet
	opt     trace.Options
}

func (r *run) line(t *testing.T, a *testkit.Archive, line string) {
	var err error
	switch word, rest, _ := strings.Cut(line, " "); word {
	case "program":
		r.name = filepath.Base(rest)
		if r.source, _ = a.File(rest); r.source == nil {
			r.source, err = os.ReadFile(filepath.Join(root, rest))
		}
	case "packets":
		r.packets = packets(t, a, rest)
	case "trace":
		r.opt.Keys = append(r.opt.Keys, rest)
	case "limit":
		r.opt.Limit, err = strconv.Atoi(rest)
	case "brief":
		r.opt.Brief = true
	case "misses":
		r.opt.Misses = true
	case "json":
		r.opt.JSON = true
	default:
		t.Fatalf("run: %q", line)
	}
	if err != nil {
		t.Fatalf("run: %q: %v", line, err)
	}
}

// trace runs the program and returns what was printed. The error is that of New.
func (r *run) trace(t *testing.T) (out, end string, err error) {
	var w, last bytes.Buffer
	r.opt.Out = &w
	p, diags, err := codegen.Front(context.Background(), r.name, r.source, codegen.Options{})
	if err != nil || p == nil {
		t.Fatalf("%v %v", err, diags)
	}
	tr, err := trace.New(p, r.opt)
	if err != nil {
		return "", "", err
	}
	inst, err := tr.Info().New(&program.Env{Memory: program.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	inst.Activate()
	testkit.Batches(r.packets, packet.BatchSize, func(b *packet.Batch) {
		var v program.Verdicts
		inst.Process(b, &v)
	})
	if _, err := tr.Finish(&last); err != nil {
		t.Fatal(err)
	}
	return w.String(), last.String(), nil
}

// packets reads the packets that a name stands for.
func packets(t *testing.T, a *testkit.Archive, name string) []packet.Packet {
	if text, ok := a.File(name); ok {
		var out []packet.Packet
		for line := range strings.Lines(string(text)) {
			frames, err := notation.Parse(strings.TrimSpace(line))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range frames {
				out = append(out, packet.Packet{})
				f.Decode(&out[len(out)-1])
			}
		}
		return out
	}
	var src capture.Source
	var err error
	if i := slices.IndexFunc(syn.Scenarios(), func(s syn.Scenario) bool { return s.Name == name }); i >= 0 {
		src, err = capture.NewSource(name, bytes.NewReader(scenario(i)))
	} else {
		src, err = capture.Open(filepath.Join(root, "testdata/pcap", name))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	return decode(t, src)
}

// decode reads a whole capture; its packets own their bytes.
func decode(t *testing.T, src capture.Source) (out []packet.Packet) {
	d := packet.Decoder{App: packet.AppLayers}
	for {
		var f capture.Frame
		err := src.Next(&f)
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, packet.Packet{})
		d.Decode(&out[len(out)-1], f.Link, bytes.Clone(f.Data), f.WireLen, f.Time)
	}
}

var scenarios sync.Map // by index: what scenario has made

// scenario makes a synthetic capture once.
func scenario(i int) []byte {
	make, _ := scenarios.LoadOrStore(i, sync.OnceValue(func() []byte {
		tr, _ := syn.Scenarios()[i].Trace(1)
		return tr.Bytes()
	}))
	return make.(func() []byte)()
}
