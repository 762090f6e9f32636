// Package bench measures programs: against the paper's figure 8, against a C kernel that
// does only the figure's work, and against what other tools do with the same packets.
//
// It owns the traffic (Synthetic, Uniform, Repeated, DNSPairs, SYNs), the measurement
// (Run), the list of what is asked of the figures (targets.go), the tables and the
// drawing. What is measured are compiled programs, as plugins or built in: this package
// compiles none. The texts of those that are not examples are package programs'.
//
//	report, err := bench.Run(ctx, bench.Options{Programs: infos, Packets: 1_000_000, Rounds: 5})
//	report.Print(os.Stdout)
//
// Figures of one table come from one process and are interleaved: a round measures
// every program and the kernel once, so that a slow minute of the machine hits all.
// Times on one core are processor time, user and system, so that other work on the
// machine counts as far as it takes cache and memory away, and no further. Times of
// several workers and of whole processes are time on the wall.
package bench

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/streamon/streamon/runtime/program"
)

// Options say what is measured.
type Options struct {
	Programs []*program.Info
	Captures []string // captures to repeat in memory
	Packets  int      // of a load in memory
	Rounds   int
	File     int    // packets of capture files; 0 = no figures with files
	Workers  int    // measure 1 … Workers workers; 0 = one core only
	Kernel   string // source of the kernel, C; "" or a file that is not there = no kernel
	Profile  string // where a CPU profile goes; "" = none

	// Suite measures all that is asked (see suite.go). Otherwise every program is measured
	// on the captures, or on synthetic packets if there are none.
	Suite bool
	Race  RaceOptions // whole processes, of a suite
	Micro string      // output of go test -bench to take figures from; "" = none

	Logf func(string, ...any) // takes a line about what could not be measured; nil = nobody
	Step func(string, ...any) // takes a line about what is being measured; nil = nobody
}

// Report is the result of Run.
type Report struct {
	Date    string             `json:"date"`
	Machine string             `json:"machine"`
	Cores   int                `json:"cores"`
	Go      string             `json:"go"`
	Rounds  int                `json:"rounds"`
	Clock   float64            `json:"clock_ns"` // what reading the clock costs; it is taken off
	Tables  []*Table           `json:"tables"`
	Races   []*Race            `json:"races,omitempty"`
	Micro   map[string]Timing  `json:"micro,omitempty"` // micro-benchmarks, ns per operation
	Rates   map[string]float64 `json:"rates,omitempty"` // MB/s of micro-benchmarks that tell, median
	Targets []Target           `json:"targets,omitempty"`
}

// bench is one Run.
type bench struct {
	opt       Options
	dir       string // for files, removed at the end
	exe       string // the compiled kernel; "" = none
	clockCost float64
	logf      func(string, ...any)
	step      func(string, ...any)
	report    *Report
}

// Run measures the programs.
func Run(ctx context.Context, opt Options) (*Report, error) {
	b := &bench{opt: opt, logf: opt.Logf, step: opt.Step}
	if b.logf == nil {
		b.logf = func(string, ...any) {}
	}
	if b.step == nil {
		b.step = func(string, ...any) {}
	}
	var err error
	if b.dir, err = os.MkdirTemp("", "smprobe-bench-"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(b.dir)
	if opt.Kernel != "" {
		if b.exe, err = buildKernel(ctx, b.dir, opt.Kernel, opt.Packets); err != nil {
			b.logf("no kernel to compare with: %v", err)
		}
	}
	if opt.Profile != "" {
		f, err := os.Create(opt.Profile)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return nil, err
		}
		defer pprof.StopCPUProfile()
	}
	done := ownThread()
	b.clockCost = clockCost()
	done()
	b.report = &Report{
		Date: time.Now().UTC().Format("2006-01-02"), Machine: machine(), Cores: runtime.NumCPU(), Go: runtime.Version(),
		Rounds: opt.Rounds, Clock: b.clockCost,
	}
	if opt.Suite {
		err = b.suite(ctx)
	} else {
		err = b.plain(ctx)
	}
	if err != nil {
		return nil, err
	}
	return b.report, nil
}

// plain measures every program on every load.
func (b *bench) plain(ctx context.Context) error {
	j := job{programs: b.opt.Programs, file: b.opt.File, probe: true, workers: b.counts()}
	if len(b.opt.Captures) == 0 {
		j.name, j.load, j.kernel = "synthetic packets", Synthetic(b.opt.Packets, 1), b.kernel(nil)
		return b.measure(ctx, j)
	}
	for _, path := range b.opt.Captures {
		load, err := Repeated(path, b.opt.Packets)
		if err != nil {
			return err
		}
		j.name, j.load = "recorded packets", load
		if err := b.measure(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

// measure measures a job, if it has programs, and adds its table to the report.
func (b *bench) measure(ctx context.Context, j job) error {
	if len(j.programs) == 0 {
		return nil
	}
	t, err := b.table(ctx, j)
	if err != nil {
		return fmt.Errorf("%s: %w", j.name, err)
	}
	b.report.Tables = append(b.report.Tables, t)
	return nil
}

// kernel is the kernel with arguments, nil if there is none.
func (b *bench) kernel(args []string) *kernel {
	if b.exe == "" {
		return nil
	}
	return &kernel{b.exe, args}
}

// counts are the numbers of workers to measure.
func (b *bench) counts() []int {
	var counts []int
	for n := 1; n <= b.opt.Workers; n++ {
		counts = append(counts, n)
	}
	return counts
}
