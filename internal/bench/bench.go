// Package bench measures programs against the paper's figure 8.
//
// It owns the programs of the figure (WorstCase), the traffic (Synthetic, Repeated),
// the measurement (Run) and the table. What is measured are compiled programs, as
// plugins or built in: this package compiles none.
//
//	load := bench.Synthetic(2_000_000, 1)
//	report, err := bench.Run(ctx, infos, bench.Options{Load: load, Rounds: 5})
//	report.Print(os.Stdout)
//
// Figures of one report come from one process and are interleaved: a round measures
// every program and the kernel once, so that a slow minute of the machine hits all.
// Times are processor time of the measuring thread, user and system, so that other
// work on the machine counts as far as it takes cache and memory away, and no further.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/list"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// The paper's figures for 16 metrics on one core (§V-B).
const (
	PaperNsPerMetric = 559.0
	PaperPackets     = 112e3 // packets a second
)

// Options say what is measured.
type Options struct {
	Load    *Load
	Rounds  int
	File    int                  // packets of the capture file; 0 = no figure with a file
	Kernel  string               // source of the kernel, C; "" or a file that is not there = no kernel
	Profile string               // where a CPU profile of the engine goes; "" = none
	Logf    func(string, ...any) // takes a line about what could not be measured
}

// Report is the result of Run.
type Report struct {
	Date    string  `json:"date"`
	Machine string  `json:"machine"`
	Go      string  `json:"go"`
	Load    string  `json:"load"`
	Packets int     `json:"packets"`
	Mean    float64 `json:"mean_bytes"`
	Rounds  int     `json:"rounds"`
	Rows    []Row   `json:"rows"`
}

// Row is one program. Times are medians of the rounds, ns per packet.
type Row struct {
	Program string  `json:"program"`
	Metrics int     `json:"metrics"`   // d-left counters in the program
	Bytes   int64   `json:"bytes"`     // all structures
	Events  float64 `json:"events"`    // events per packet
	Engine  float64 `json:"engine_ns"` // decoded packets in memory
	Decode  float64 `json:"decode_ns"` // frames in memory: decoding and the engine
	File    float64 `json:"file_ns"`   // a capture file in the page cache; 0 = not measured
	Kernel  float64 `json:"kernel_ns"` // the kernel on as many metrics; 0 = not measured
	Evicted uint64  `json:"evicted"`   // keys that made room in d-left counters
}

// Run measures the programs.
func Run(ctx context.Context, programs []*program.Info, opt Options) (*Report, error) {
	if opt.Logf == nil {
		opt.Logf = func(string, ...any) {}
	}
	dir, err := os.MkdirTemp("", "smprobe-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	kernel := buildKernel(ctx, dir, opt)
	file := ""
	if opt.File > 0 {
		file = filepath.Join(dir, "load.pcap")
		if err := writeFile(file, opt); err != nil {
			return nil, err
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
	rep := &Report{
		Date: time.Now().UTC().Format("2006-01-02"), Machine: machine(), Go: runtime.Version(),
		Load: opt.Load.Name, Packets: opt.Load.Packets(), Mean: opt.Load.Mean, Rounds: opt.Rounds,
	}
	samples := make([][4][]float64, len(programs))
	rep.Rows = make([]Row, len(programs))
	for range opt.Rounds {
		for i, info := range programs {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			row := &rep.Rows[i]
			engine, decode, err := row.fromMemory(info, opt.Load)
			if err != nil {
				return nil, err
			}
			samples[i][0], samples[i][1] = append(samples[i][0], engine), append(samples[i][1], decode)
			if file != "" {
				ns, err := fromFile(info, file)
				if err != nil {
					return nil, err
				}
				samples[i][2] = append(samples[i][2], ns)
			}
			if kernel != "" && row.Metrics > 0 {
				ns, err := runKernel(ctx, kernel, row.Metrics)
				if err != nil {
					opt.Logf("the kernel: %v", err)
					kernel = ""
					continue
				}
				samples[i][3] = append(samples[i][3], ns)
			}
		}
	}
	for i := range rep.Rows {
		r, s := &rep.Rows[i], samples[i]
		r.Engine, r.Decode, r.File, r.Kernel = median(s[0]), median(s[1]), median(s[2]), median(s[3])
	}
	return rep, nil
}

// silent takes the records of the programs.
type silent struct{}

func (silent) Emit(*program.Record) {}

// newInstance makes an instance with empty memory.
func newInstance(info *program.Info) (program.Instance, error) {
	if info.Manifest.ABI != program.ABI {
		return nil, fmt.Errorf("program %q uses program interface %d, this probe offers %d", info.Manifest.Name, info.Manifest.ABI, program.ABI)
	}
	runtime.GC() // the structures of the instance before
	inst, err := info.New(&program.Env{
		Seed: 1, Memory: program.NewMemory(), Sink: silent{},
		Param: func(string) (program.Value, bool) { return program.Value{}, false },
		List:  func(string) *list.List { return nil },
	})
	if err != nil {
		return nil, fmt.Errorf("program %q: %w", info.Manifest.Name, err)
	}
	inst.Activate()
	return inst, nil
}

// fromMemory shows all packets of the load to a new instance. It decodes batch by
// batch, so one run gives both figures: the time in Process, and the time in all.
func (r *Row) fromMemory(info *program.Info, l *Load) (engine, decode float64, err error) {
	inst, err := newInstance(info)
	if err != nil {
		return 0, 0, err
	}
	dec := packet.Decoder{App: packet.Layers(info.Manifest.Layers) & packet.AppLayers}
	batch, verdicts := new(packet.Batch), new(program.Verdicts)
	defer ownThread()()
	var busy time.Duration
	begun := cpuTime()
	for i := 0; i < l.Packets(); i += batch.N {
		batch.N = min(packet.BatchSize, l.Packets()-i)
		for j := range batch.N {
			dec.Decode(&batch.Packets[j], l.Link, l.frame(i+j), l.wire[i+j], l.times[i+j])
		}
		from := cpuTime()
		inst.Process(batch, verdicts)
		busy += cpuTime() - from
	}
	n := float64(l.Packets())
	engine, decode = float64(busy)/n, float64(cpuTime()-begun)/n
	r.describe(info, inst, n)
	return engine, decode, nil
}

// describe takes from an instance that has run what the table says beside times.
func (r *Row) describe(info *program.Info, inst program.Instance, packets float64) {
	s := program.Stats{Events: make([]uint64, len(info.Manifest.Events)), Occupied: make([][]int, len(info.Manifest.Entities))}
	for i := range s.Occupied {
		s.Occupied[i] = make([]int, len(info.Manifest.States))
	}
	inst.Stats(&s)
	*r = Row{Program: info.Manifest.Name}
	for _, m := range info.Manifest.Memory {
		if m.Kind == "dleft" {
			r.Metrics++
		}
	}
	for _, m := range s.Memory {
		r.Bytes += m.Bytes
	}
	for i, m := range s.Memory {
		if i < len(info.Manifest.Memory) && info.Manifest.Memory[i].Kind == "dleft" {
			r.Evicted += m.Evicted
		}
	}
	for _, n := range s.Events {
		r.Events += float64(n) / packets
	}
}

// fromFile reads a capture file and shows its packets to a new instance: ns per
// packet from opening it.
func fromFile(info *program.Info, path string) (float64, error) {
	inst, err := newInstance(info)
	if err != nil {
		return 0, err
	}
	dec := packet.Decoder{App: packet.Layers(info.Manifest.Layers) & packet.AppLayers}
	batch, verdicts := new(packet.Batch), new(program.Verdicts)
	defer ownThread()()
	begun := cpuTime()
	src, err := capture.Open(path)
	if err != nil {
		return 0, err
	}
	defer src.Close()
	b := capture.NewBatcher(src, &dec)
	for {
		if err := b.Next(batch); err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			return 0, err
		}
		inst.Process(batch, verdicts)
	}
	return float64(cpuTime()-begun) / float64(max(b.Packets(), 1)), nil
}

func writeFile(path string, opt Options) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := opt.Load.WritePcap(f, opt.File); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	slices.Sort(x)
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}
