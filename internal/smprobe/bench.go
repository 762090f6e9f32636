package smprobe

import (
	"fmt"
	"io"
	"os"

	"github.com/streamon/streamon/internal/bench"
	"github.com/streamon/streamon/internal/probe"
)

type benchCmd struct {
	Program  []string `arg:"" optional:"" name:"program" help:"Programs to measure (plugins made by smcc build); those built in are measured too." predictor:"plugin"`
	Read     []string `short:"r" sep:"none" placeholder:"FILE" help:"Use the packets of captures, repeated in memory, instead of synthetic ones; in a suite, beside them." predictor:"capture"`
	Packets  int      `default:"1000000" help:"Packets of a round (${default})."`
	Rounds   int      `default:"5" help:"Rounds; figures are medians (${default})."`
	File     int      `default:"200000" help:"Packets of the capture file of the figure from a file, 0 = none (${default})."`
	Workers  int      `default:"1" help:"Measure 1 … N workers of the probe (${default} = one core only)."`
	Kernel   string   `placeholder:"FILE" help:"C source of the kernel to compare with; needs gcc."`
	Suite    bool     `help:"Measure all that is asked of the probe, on several loads; what is done with a program follows from its name (make bench)."`
	Race     int      `placeholder:"N" help:"In a suite, run smprobe, tcpdump and tshark over a file of N packets."`
	Micro    string   `placeholder:"FILE" help:"In a suite, take figures of the decoder and the readers from FILE, the output of go test -bench."`
	Baseline string   `placeholder:"FILE" help:"Say which ratios moved by more than 15 % from those recorded in FILE."`
	Record   string   `placeholder:"FILE" help:"Record the ratios in FILE, for --baseline."`
	Figure   string   `placeholder:"FILE" help:"Draw figure 8 as SVG."`
	JSON     string   `name:"json" placeholder:"FILE" help:"Write the figures to FILE as JSON; - is standard output."`
	Profile  string   `placeholder:"FILE" help:"Write a CPU profile to FILE."`
	Verbose  bool     `short:"v" help:"Say what is being measured."`
}

// Run implements the command.
func (c *benchCmd) Run(std *stdio) error {
	if err := c.check(); err != nil {
		return err
	}
	opt := bench.Options{
		Captures: c.Read, Packets: c.Packets, Rounds: c.Rounds, File: c.File, Kernel: c.Kernel, Profile: c.Profile,
		Suite: c.Suite, Micro: c.Micro, Logf: std.errorf,
	}
	if c.Workers > 1 {
		opt.Workers = c.Workers
	}
	if c.Verbose {
		opt.Step = func(format string, args ...any) { fmt.Fprintf(std.err, "smprobe: "+format+"\n", args...) }
	}
	touchPages()
	h := &host{std: std, Probe: probe.New(probe.Options{})}
	defer h.close()
	if err := c.programs(h, &opt); err != nil {
		return err
	}
	var old *bench.Baseline
	if c.Baseline != "" { // before it takes minutes
		var err error
		if old, err = bench.ReadBaseline(c.Baseline); err != nil {
			return err
		}
	}
	report, err := bench.Run(std.ctx, opt)
	if err != nil {
		return err
	}
	return c.write(std, report, old)
}

func (c *benchCmd) check() error {
	switch {
	case c.Packets < 1 || c.Rounds < 1 || c.File < 0 || c.Workers < 1 || c.Race < 0:
		return usagef("for instance --packets 100000 --rounds 3", "--packets, --rounds, --file, --workers or --race is out of range")
	case len(c.Read) > 0 && c.Kernel != "" && !c.Suite:
		return usagef("leave out -r", "the kernel has traffic of its own: it compares with the synthetic packets only")
	case !c.Suite && (c.Race > 0 || c.Micro != ""):
		return usagef("add --suite", "--race and --micro are parts of a suite")
	}
	return nil
}

// programs opens the programs and says which of them runs in the race.
func (c *benchCmd) programs(h *host, opt *bench.Options) error {
	opt.Programs = append(opt.Programs, h.std.builtin...)
	for _, path := range c.Program {
		info, err := h.open(path)
		if err != nil {
			return err
		}
		opt.Programs = append(opt.Programs, info)
		if c.Race > 0 && info.Manifest.Name == "conficker" {
			exe, err := os.Executable()
			if err != nil {
				return err
			}
			opt.Race = bench.RaceOptions{Probe: exe, Plugin: path, Packets: c.Race}
			if len(c.Read) > 0 {
				opt.Race.Capture = c.Read[0]
			}
		}
	}
	switch {
	case len(opt.Programs) == 0:
		return usagef("smprobe bench p2p.so", "no program to measure")
	case c.Race > 0 && opt.Race.Probe == "":
		return usagef("give the plugin conficker.so", "--race: its program is not among those to measure")
	}
	return nil
}

// write puts the report where it was asked for, and compares it with old, if not nil.
func (c *benchCmd) write(std *stdio, report *bench.Report, old *bench.Baseline) error {
	ratios := report.Baseline()
	if c.JSON != "" {
		if err := writeJSON(std, c.JSON, report); err != nil {
			return err
		}
	}
	if c.Record != "" {
		if err := writeJSON(std, c.Record, ratios); err != nil {
			return err
		}
	}
	if c.Figure != "" {
		if err := writeTo(c.Figure, report.Figure); err != nil {
			return err
		}
	}
	if c.JSON == "-" {
		return nil
	}
	if err := report.Print(std.out); err != nil || old == nil {
		return err
	}
	return ratios.Compare(std.out, old)
}

// writeTo makes a file of what f writes.
func writeTo(path string, f func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := f(file); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
