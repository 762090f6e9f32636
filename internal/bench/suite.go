package bench

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/streamon/streamon/runtime/program"
)

// Names of the tables of a suite.
const (
	tableFigure8 = "figure 8"
	tableOwned   = "figure 8, keys with the owner"
	tableCapture = "a capture"
	tableWide    = "out of cache"
	tableReject  = "reject"
	tableMatched = "examples, packets that they follow"
	tableZeek    = "from a file, as Zeek was measured"
)

// cast is the programs of a suite by the part that they play, which their names tell:
// see package programs.
type cast struct {
	worst, owned, wide, reject, synCount []*program.Info
	examples                             []*program.Info
}

// parts tells them apart. Worst cases come in the order of their numbers of metrics.
func parts(programs []*program.Info) (c cast) {
	for _, info := range programs {
		name := info.Manifest.Name
		base := strings.TrimRight(name, "0123456789")
		switch {
		case base == "worst" && base != name:
			c.worst = append(c.worst, info)
		case base == "owned" && base != name:
			c.owned = append(c.owned, info)
		case base == "wide" && base != name:
			c.wide = append(c.wide, info)
		case name == "reject":
			c.reject = append(c.reject, info)
		case name == "syncount":
			c.synCount = append(c.synCount, info)
		default:
			c.examples = append(c.examples, info)
		}
	}
	for _, list := range [][]*program.Info{c.worst, c.owned, c.wide} {
		slices.SortStableFunc(list, func(a, b *program.Info) int { return len(a.Manifest.Memory) - len(b.Manifest.Memory) })
	}
	return c
}

// named returns the programs of those names.
func named(programs []*program.Info, names ...string) (found []*program.Info) {
	for _, name := range names {
		for _, info := range programs {
			if info.Manifest.Name == name {
				found = append(found, info)
			}
		}
	}
	return found
}

// suite measures all that is asked, one load after the other.
func (b *bench) suite(ctx context.Context) error {
	c := parts(b.opt.Programs)
	n := b.opt.Packets
	synthetic := func() *Load { return Synthetic(n, 1) }
	pairs, many, few := func() *Load { return DNSPairs(n) }, func() *Load { return SYNs(n, manySYNs) }, func() *Load { return SYNs(n, fewSYNs) }
	synCount := append(c.synCount, named(c.examples, "ddos")...)
	steps := []struct {
		load func() *Load // made when it is needed: loads are large
		job  job
	}{
		{synthetic, job{name: tableFigure8, programs: c.worst, file: b.opt.File, kernel: b.kernel(nil)}},
		{synthetic, job{name: tableOwned, programs: c.owned, workers: b.counts()}},
		{func() *Load { return Uniform(n, 1) }, job{name: tableWide, programs: c.wide, kernel: b.kernel(wideArgs)}},
		{synthetic, job{name: tableReject, programs: c.reject, probe: true}},
		{synthetic, job{name: tableMatched, programs: c.examples, workers: b.counts()}},
		{pairs, job{name: tableMatched, programs: c.examples, workers: b.counts()}},
		{many, job{name: tableMatched, programs: c.examples, workers: b.counts()}},
		{pairs, job{name: tableZeek, programs: named(c.examples, "conficker"), file: n, workers: b.counts()}},
		{many, job{name: tableZeek, programs: synCount, file: n, workers: b.counts()}},
		{few, job{name: tableZeek, programs: synCount, file: n, workers: b.counts()}},
	}
	for _, s := range steps {
		if len(s.job.programs) == 0 {
			continue
		}
		s.job.load = s.load()
		if err := b.measure(ctx, s.job); err != nil {
			return err
		}
	}
	if err := b.captures(ctx, c); err != nil {
		return err
	}
	if err := b.races(ctx); err != nil {
		return err
	}
	if b.opt.Micro != "" {
		if err := b.micro(b.opt.Micro); err != nil {
			return err
		}
	}
	b.report.Targets = targets(b.report)
	return nil
}

// some is the number of packets of captures: they are repeated, and all programs run on each.
func (b *bench) some() int { return max(b.opt.Packets/4, 1) }

// captures measures on each capture what figure 8 measures, the examples, and the
// program that rejects.
func (b *bench) captures(ctx context.Context, c cast) error {
	for _, path := range b.opt.Captures {
		load, err := Repeated(path, b.some())
		if err != nil {
			return err
		}
		name := tableCapture + ", " + strconv.Quote(filepath.Base(path))
		one := append(append(append([]*program.Info{}, c.worst...), c.reject...), c.examples...)
		if err := b.measure(ctx, job{name: name, load: load, programs: one, file: b.opt.File, probe: true}); err != nil {
			return err
		}
		if err := b.measure(ctx, job{name: name + ", keys with the owner", load: load, programs: c.owned, workers: b.counts()}); err != nil {
			return err
		}
	}
	return nil
}
