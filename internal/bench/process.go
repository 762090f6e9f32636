package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// RaceOptions say which processes are run side by side over one capture file.
type RaceOptions struct {
	Probe   string // smprobe; "" = no race
	Plugin  string // the program it runs
	Capture string // a capture, repeated to Packets; "" = synthetic DNS pairs
	Packets int
}

// Race is whole processes on the same file: from start to exit, on the wall, with the
// file in the page cache.
type Race struct {
	Load    string   `json:"load"`
	Packets int      `json:"packets"`
	Bytes   int64    `json:"bytes"`
	Runners []Runner `json:"runners"`
}

// Runner is one of the processes. Time is ns per packet.
type Runner struct {
	Name    string `json:"name"`
	Time    Timing `json:"time"`
	Missing string `json:"missing,omitempty"` // why it did not run
	args    []string
}

// runner returns what ran under a name, nil if it did not.
func (r *Race) runner(name string) *Runner {
	for i := range r.Runners {
		if r.Runners[i].Name == name && r.Runners[i].Time.taken() {
			return &r.Runners[i]
		}
	}
	return nil
}

// races runs the probe, tcpdump and tshark over a file, interleaved.
func (b *bench) races(ctx context.Context) error {
	o := b.opt.Race
	if o.Probe == "" {
		return nil
	}
	load := DNSPairs
	if o.Capture != "" {
		load = nil
	}
	var l *Load
	var err error
	if load != nil {
		l = load(o.Packets)
	} else if l, err = Repeated(o.Capture, o.Packets); err != nil {
		return err
	}
	file := filepath.Join(b.dir, "race.pcap")
	if err := l.writeFile(file, o.Packets, false); err != nil {
		return err
	}
	defer os.Remove(file)
	r := &Race{Load: l.Name, Packets: l.Packets(), Runners: []Runner{
		{Name: "smprobe", args: []string{o.Probe, "run", "-q", "-r", file, "-p", o.Plugin}},
		{Name: "tcpdump", args: []string{"tcpdump", "-r", file, "-w", "/dev/null"}},
		{Name: "tshark", args: []string{"tshark", "-r", file, "-q", "-z", "io,stat,0,COUNT(dns.flags.rcode)dns.flags.rcode"}},
	}}
	if st, err := os.Stat(file); err == nil {
		r.Bytes = st.Size()
	}
	if err := r.run(ctx, b.opt.Rounds, b.step); err != nil {
		return err
	}
	for _, n := range r.Runners {
		if n.Missing != "" {
			b.logf("%s: %s", n.Name, n.Missing)
		}
	}
	b.report.Races = append(b.report.Races, r)
	return nil
}

// run starts each process once before the rounds, so that files are in the page cache,
// and once in each. A command that is not installed is left out; one that fails ends the
// race.
func (r *Race) run(ctx context.Context, rounds int, step func(string, ...any)) error {
	times := make([][]float64, len(r.Runners))
	for round := range rounds + 1 {
		step("whole processes, %s: round %d of %d", r.Load, round, rounds)
		for i := range r.Runners {
			n := &r.Runners[i]
			if n.Missing != "" {
				continue
			}
			begun := time.Now()
			out, err := exec.CommandContext(ctx, n.args[0], n.args[1:]...).CombinedOutput()
			took := time.Since(begun)
			switch {
			case errors.Is(err, exec.ErrNotFound):
				n.Missing = "it is not installed"
			case err != nil:
				return fmt.Errorf("%s: %w\n%s", n.Name, err, out)
			case round > 0:
				times[i] = append(times[i], float64(took)/float64(r.Packets))
			}
		}
	}
	for i := range r.Runners {
		r.Runners[i].Time = timing(times[i])
	}
	return nil
}
