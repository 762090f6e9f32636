package bench

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/streamon/streamon/runtime/program"
)

// The paper's figures in the worst case (§V-B, figure 8): 16 metrics on one core, and
// on six.
const (
	PaperNsPerMetric = 559.0
	PaperPackets     = 112e3 // packets a second
	PaperGbits       = 0.566
	PaperGbitsSix    = 2.315
	paperMetrics     = 16
)

// Table is what was measured of some programs on one load, interleaved.
type Table struct {
	Name    string  `json:"name"`
	Load    string  `json:"load"`
	Packets int     `json:"packets"`
	Mean    float64 `json:"mean_bytes"`
	Rows    []Row   `json:"rows"`
}

// Row is one program. Times are ns per packet.
type Row struct {
	Program string  `json:"program"`
	Metrics int     `json:"metrics"`    // d-left counters in the program
	Bytes   int64   `json:"bytes"`      // all structures, as they say
	Heap    int64   `json:"heap_bytes"` // what the heap grew by for the instance
	Events  float64 `json:"events"`     // events per packet
	Evicted uint64  `json:"evicted"`    // keys that made room in d-left counters

	Engine Timing `json:"engine"`            // decoded packets in memory: the program alone
	Decode Timing `json:"decode"`            // frames in memory: decoding and the program
	Probe  Timing `json:"probe"`             // frames in memory, by the probe with one worker; processor time
	File   Timing `json:"file"`              // a capture file in the page cache, by the probe with one worker; processor time
	Many   []Many `json:"workers,omitempty"` // the probe on a capture in the page cache; time on the wall

	Kernel        Timing  `json:"kernel"` // the kernel on as many metrics
	KernelEvicted float64 `json:"kernel_evicted"`

	Allocs      float64 `json:"allocs"`              // heap objects of decoding and the program, per packet, all those made in the second half
	ProbeAllocs float64 `json:"probe_allocs"`        // the same of the whole probe from the first packet on
	Unsharded   string  `json:"unsharded,omitempty"` // why it runs on one worker only
}

// Many is a program on several workers.
type Many struct {
	Workers int    `json:"workers"`
	Time    Timing `json:"time"`
	Line    Timing `json:"line"` // ns that a cache line takes to another processor and back, before and after each run; none for one worker
}

// Speedup is how many times as fast as on one worker so many are; 0 = not measured.
func (r *Row) Speedup(workers int) float64 {
	var one, many float64
	for _, m := range r.Many {
		switch m.Workers {
		case 1:
			one = m.Time.Median
		case workers:
			many = m.Time.Median
		}
	}
	if many == 0 {
		return 0
	}
	return one / many
}

// Share is the kernel's time as a share of the program's, decoding included.
func (r *Row) Share() float64 {
	if !r.Decode.taken() {
		return 0
	}
	return r.Kernel.Median / r.Decode.Median
}

// Paper is how many times as fast as the paper's prototype the program is, decoding
// included; its time is taken to grow with the number of metrics.
func (r *Row) Paper() float64 {
	if r.Metrics == 0 || !r.Decode.taken() {
		return 0
	}
	return PaperNsPerMetric * float64(r.Metrics) / r.Decode.Median
}

// job is a table to be measured.
type job struct {
	name     string
	load     *Load
	programs []*program.Info
	file     int     // packets of the capture file; 0 = no figure with a file
	probe    bool    // measure the probe from memory
	workers  []int   // numbers of workers to measure, from 1; nil = none
	kernel   *kernel // to run beside; nil = none
}

// samples are the figures of one program, a number for each round.
type samples struct {
	engine, decode, probe, file, kernel []float64
	many, line                          [][]float64 // by number of workers
}

// table measures a job: in each round every program and, after it, the kernel once.
func (b *bench) table(ctx context.Context, j job) (*Table, error) {
	t := &Table{Name: j.name, Load: j.load.Name, Packets: j.load.Packets(), Mean: j.load.Mean, Rows: make([]Row, len(j.programs))}
	f, remove, err := b.write(&j)
	if err != nil {
		return nil, err
	}
	defer remove()
	all := make([]samples, len(j.programs))
	for round := range b.opt.Rounds {
		b.step("%s, %s: round %d of %d", j.name, j.load.Name, round+1, b.opt.Rounds)
		for i, info := range j.programs {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := b.row(ctx, &j, info, &t.Rows[i], &all[i], f); err != nil {
				return nil, fmt.Errorf("measuring %s on %s: %w", info.Manifest.Name, j.load.Name, err)
			}
		}
	}
	for i := range t.Rows {
		r, s := &t.Rows[i], &all[i]
		r.Engine, r.Decode, r.Probe, r.File, r.Kernel = timing(s.engine), timing(s.decode), timing(s.probe), timing(s.file), timing(s.kernel)
		for k, times := range s.many {
			r.Many = append(r.Many, Many{j.workers[k], timing(times), timing(s.line[k])})
		}
	}
	return t, nil
}

// files are the captures that a load was written to; "" = none.
type files struct {
	full  string // whole frames
	brief string // what was captured of each
}

// write writes the captures that a job needs. Call what it returns when they are done with.
func (b *bench) write(j *job) (f files, remove func(), err error) {
	remove = func() { os.Remove(f.full); os.Remove(f.brief) }
	if j.file > 0 {
		f.full = filepath.Join(b.dir, "full.pcap")
		if err := j.load.writeFile(f.full, j.file, true); err != nil {
			remove()
			return f, nil, err
		}
	}
	if len(j.workers) > 0 {
		f.brief = filepath.Join(b.dir, "brief.pcap")
		if err := j.load.writeFile(f.brief, j.load.Packets(), false); err != nil {
			remove()
			return f, nil, err
		}
	}
	return f, remove, nil
}

// row takes the figures of one program in one round.
func (b *bench) row(ctx context.Context, j *job, info *program.Info, r *Row, s *samples, f files) error {
	d, err := direct{b.clockCost}.run(ctx, info, j.load)
	if err != nil {
		return err
	}
	r.describe(info, &d, j.load)
	s.engine, s.decode = append(s.engine, d.program), append(s.decode, d.time)
	if j.probe {
		p, err := probed{workers: 1}.run(ctx, info, j.load)
		if err != nil {
			return err
		}
		s.probe = append(s.probe, p.time)
		r.ProbeAllocs = float64(p.allocs) / float64(j.load.Packets())
	}
	if f.full != "" {
		p, err := probed{workers: 1, file: f.full}.run(ctx, info, j.load)
		if err != nil {
			return err
		}
		s.file = append(s.file, p.time)
		if !j.probe {
			r.ProbeAllocs = float64(p.allocs) / float64(min(j.file, j.load.Packets()))
		}
	}
	if j.kernel != nil && r.Metrics > 0 {
		ns, evicted, err := j.kernel.run(ctx, r.Metrics)
		if err != nil {
			return fmt.Errorf("the kernel: %w", err)
		}
		s.kernel, r.KernelEvicted = append(s.kernel, ns), evicted
	}
	return b.workers(ctx, j, info, r, s, f.brief)
}

// workers measures a program on each number of workers, if it can run on several.
func (b *bench) workers(ctx context.Context, j *job, info *program.Info, r *Row, s *samples, file string) error {
	if len(j.workers) == 0 {
		return nil
	}
	if r.Unsharded = unsharded(info); r.Unsharded != "" {
		return nil
	}
	if s.many == nil {
		s.many, s.line = make([][]float64, len(j.workers)), make([][]float64, len(j.workers))
	}
	for k, n := range j.workers {
		before := 0.0
		if n > 1 {
			before = lineTime()
		}
		p, err := probed{workers: n, file: file, wall: true}.run(ctx, info, j.load)
		if err != nil {
			return err
		}
		s.many[k] = append(s.many[k], p.time)
		if n > 1 {
			s.line[k] = append(s.line[k], before, lineTime())
		}
	}
	return nil
}

// unsharded says why a program cannot run on several workers; "" = it can.
func unsharded(info *program.Info) string {
	if _, ok := probeOptions(2); !ok {
		return "this probe has one worker"
	}
	if p := info.Manifest.Partition; !p.OK {
		return cmp.Or(p.Why, "it was compiled without a partition plan")
	}
	return ""
}

// describe takes from an instance that has run what the table says beside times.
func (r *Row) describe(info *program.Info, d *sample, l *Load) {
	packets := float64(l.Packets())
	r.Program, r.Metrics, r.Bytes, r.Evicted, r.Events = info.Manifest.Name, 0, 0, 0, 0
	for _, m := range info.Manifest.Memory {
		if m.Kind == "dleft" {
			r.Metrics++
		}
	}
	for i, m := range d.stats.Memory {
		r.Bytes += m.Bytes
		if i < len(info.Manifest.Memory) && info.Manifest.Memory[i].Kind == "dleft" {
			r.Evicted += m.Evicted
		}
	}
	for _, n := range d.stats.Events {
		r.Events += float64(n) / packets
	}
	r.Heap, r.Allocs = d.heap, float64(d.allocs)/packets
}
