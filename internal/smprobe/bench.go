package smprobe

import (
	"slices"

	"github.com/streamon/streamon/internal/bench"
	"github.com/streamon/streamon/internal/probe"
)

type benchCmd struct {
	Program []string `arg:"" optional:"" name:"program" help:"Programs to measure (plugins made by smcc build); those built in are measured too."`
	Read    string   `short:"r" placeholder:"FILE" help:"Use the packets of a capture, repeated in memory, instead of synthetic ones."`
	Packets int      `default:"2000000" help:"Packets of a round (${default})."`
	Rounds  int      `default:"5" help:"Rounds; figures are medians (${default})."`
	File    int      `default:"200000" help:"Packets of the capture file that the last figure reads, 0 = none (${default})."`
	Kernel  string   `placeholder:"FILE" help:"C source of the kernel to compare with; needs gcc."`
	JSON    string   `name:"json" placeholder:"FILE" help:"Write the figures to FILE as JSON; - is standard output."`
	Profile string   `placeholder:"FILE" help:"Write a CPU profile to FILE."`
}

// Run implements the command.
func (c *benchCmd) Run(std *stdio) error {
	if c.Packets < 1 || c.Rounds < 1 || c.File < 0 {
		return usagef("for instance --packets 100000 --rounds 3", "--packets, --rounds or --file is out of range")
	}
	if c.Read != "" && c.Kernel != "" {
		return usagef("leave out -r", "the kernel has traffic of its own: it compares with the synthetic packets only")
	}
	programs := slices.Clone(std.builtin)
	h := &host{std: std, probe: probe.New(probe.Options{})}
	defer h.close()
	for _, path := range c.Program {
		info, err := h.open(path)
		if err != nil {
			return err
		}
		programs = append(programs, info)
	}
	if len(programs) == 0 {
		return usagef("smprobe bench p2p.so", "no program to measure")
	}
	opt := bench.Options{Rounds: c.Rounds, File: c.File, Kernel: c.Kernel, Profile: c.Profile, Logf: std.errorf}
	if c.Read == "" {
		opt.Load = bench.Synthetic(c.Packets, 1)
	} else {
		var err error
		if opt.Load, err = bench.Repeated(c.Read, c.Packets); err != nil {
			return err
		}
	}
	report, err := bench.Run(std.ctx, programs, opt)
	if err != nil {
		return err
	}
	if c.JSON != "" {
		if err := writeJSON(std, c.JSON, report); err != nil {
			return err
		}
	}
	if c.JSON == "-" {
		return nil
	}
	return report.Print(std.out)
}
