package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
)

// Baseline is a report in numbers that other runs can be compared with: ratios, which do
// not depend on the machine as times do. A key is "what/program/load".
type Baseline struct {
	Date    string             `json:"date"`
	Machine string             `json:"machine"`
	Ratios  map[string]float64 `json:"ratios"`
}

// moved is from what change on a ratio is worth a line: figures of one machine move by
// that much when other work is on it.
const moved = 0.15

// Baseline returns the ratios of the report: shares of the kernel, times the paper, speed-up of workers,
// times other tools.
func (r *Report) Baseline() *Baseline {
	b := &Baseline{Date: r.Date, Machine: r.Machine, Ratios: map[string]float64{}}
	set := func(what string, row *Row, t *Table, x float64) {
		if x > 0 {
			b.Ratios[what+"/"+row.Program+"/"+t.Load] = round(x)
		}
	}
	for _, t := range r.Tables {
		for i := range t.Rows {
			row := &t.Rows[i]
			set("share of the kernel", row, t, row.Share())
			set("x paper", row, t, row.Paper())
			for _, m := range row.Many {
				if m.Workers > 1 {
					set(fmt.Sprintf("speed-up of %d workers", m.Workers), row, t, row.Speedup(m.Workers))
				}
			}
		}
	}
	for _, x := range r.Races {
		probe := x.runner("smprobe")
		for i := range x.Runners {
			if n := &x.Runners[i]; probe != nil && n != probe && n.Time.taken() {
				b.Ratios["time over the probe's/"+n.Name+"/"+x.Load] = round(n.Time.Median / probe.Time.Median)
			}
		}
	}
	for _, t := range r.Targets {
		if t.Taken && t.Unit == unitTimes {
			b.Ratios["target/"+t.Figure] = round(t.Measured)
		}
	}
	return b
}

// round keeps three digits, so that a recorded file shows what changed and no noise.
func round(x float64) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	if err != nil {
		return x // infinite
	}
	return y
}

// ReadBaseline reads a recorded one.
func ReadBaseline(path string) (*Baseline, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	b := new(Baseline)
	if err := json.Unmarshal(text, b); err != nil {
		return nil, fmt.Errorf("reading baseline %q: %w", path, err)
	}
	return b, nil
}

// Compare writes what moved by more than 15 % from old to b, and what only one of
// them has.
func (b *Baseline) Compare(w io.Writer, old *Baseline) error {
	fmt.Fprintf(w, "\nbeside the baseline of %s (%s): ", old.Date, old.Machine)
	t := newTable(w)
	lines, gone := 0, 0
	for _, key := range slices.Sorted(maps.Keys(old.Ratios)) {
		before := old.Ratios[key]
		now, ok := b.Ratios[key]
		if !ok {
			gone++
			continue
		}
		if change := now/before - 1; change > moved || change < -moved {
			if lines++; lines == 1 {
				fmt.Fprint(w, "\n\n")
			}
			fmt.Fprintf(t, "%s\t%.3g\t%.3g\t%+.0f %%\t\n", key, before, now, 100*change)
		}
	}
	if lines == 0 {
		fmt.Fprintf(w, "nothing moved by more than %.0f %%\n", 100*moved)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if gone > 0 {
		fmt.Fprintf(w, "%d ratios of the baseline were not measured\n", gone)
	}
	return nil
}
