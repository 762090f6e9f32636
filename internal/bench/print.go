package bench

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Print writes the report as tables.
//
// Engine: decoded packets in memory. +decode: frames in memory. probe: the whole probe on
// frames in memory. +file: the probe on a capture file in the page cache, packets in full
// length. N workers: the probe on what was captured of each, likewise; line: how long a
// cache line takes to another processor and back, from run to run. Ratios are those of +decode: times
// the paper's rate at 16 metrics, scaled to as many; share of the kernel. Times are medians.
func (r *Report) Print(w io.Writer) error {
	fmt.Fprintf(w, "%s, %d cores, %s, %s; medians of %d rounds\n", r.Machine, r.Cores, r.Go, r.Date, r.Rounds)
	fmt.Fprintf(w, "one core: processor time, less %.0f ns for each reading of the clock; workers and processes: time on the wall\n", r.Clock)
	for _, t := range r.Tables {
		if err := t.print(w); err != nil {
			return err
		}
	}
	for _, x := range r.Races {
		if err := x.print(w); err != nil {
			return err
		}
	}
	if len(r.Targets) > 0 {
		return printTargets(w, r.Targets)
	}
	return nil
}

func newTable(w io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
}

// column is one of a table; a column in which every row is absent is left out.
type column struct {
	head string
	cell func(*Row) string
}

// absent is what stands for a figure that was not taken.
const absent = "-"

// columns are those of a table that was measured on so many workers.
func (t *Table) columns() []column {
	list := []column{
		{"program", func(r *Row) string { return r.Program }},
		{"MB", func(r *Row) string { return fmt.Sprintf("%.1f", float64(r.Bytes)/1e6) }},
		{"events", func(r *Row) string { return fmt.Sprintf("%.2f", r.Events) }},
		{"engine Mpps", func(r *Row) string { return number(r.Engine.mpps(), 3) }},
		{"+decode Mpps", func(r *Row) string { return number(r.Decode.mpps(), 3) }},
		{"spread %", func(r *Row) string { return r.Decode.spread() }},
		{"Gbit/s", func(r *Row) string { return number(r.Decode.mpps()*8*t.Mean/1e3, 2) }},
		{"ns/metric", func(r *Row) string { return number(r.perMetric(), 1) }},
		{"x paper", func(r *Row) string { return number(r.Paper(), 1) }},
		{"kernel Mpps", func(r *Row) string { return number(r.Kernel.mpps(), 3) }},
		{"spread %", func(r *Row) string { return r.Kernel.spread() }},
		{"% of kernel", func(r *Row) string { return number(100*r.Share(), 0) }},
		{"probe Mpps", func(r *Row) string { return number(r.Probe.mpps(), 3) }},
		{"+file Mpps", func(r *Row) string { return number(r.File.mpps(), 3) }},
		{"evicted", func(r *Row) string { return number(float64(r.Evicted), 0) }},
		{"kernel's", func(r *Row) string { return number(r.KernelEvicted, 0) }},
		{"heap/bytes", func(r *Row) string { return number(float64(r.Heap)/float64(max(r.Bytes, 1)), 2) }},
	}
	for _, n := range t.counts() {
		list = append(list,
			column{fmt.Sprintf("%d workers Mpps", n), func(r *Row) string { return number(r.onWorkers(n).Time.mpps(), 3) }},
			column{"spread %", func(r *Row) string { return r.onWorkers(n).Time.spread() }})
		if n > 1 {
			list = append(list,
				column{"efficiency", func(r *Row) string { return number(r.Speedup(n)/float64(n), 2) }},
				column{"line ns", func(r *Row) string { return r.onWorkers(n).Line.around() }})
		}
	}
	return list
}

func (t *Table) print(w io.Writer) error {
	fmt.Fprintf(w, "\n%s: %s, %d packets of %.2f bytes\n\n", t.Name, t.Load, t.Packets, t.Mean)
	var used []column
	for _, c := range t.columns() {
		if slices.ContainsFunc(t.Rows, func(r Row) bool { return c.cell(&r) != absent }) {
			used = append(used, c)
		}
	}
	tw := newTable(w)
	for _, c := range used {
		fmt.Fprintf(tw, "%s\t", c.head)
	}
	fmt.Fprintln(tw)
	for i := range t.Rows {
		for _, c := range used {
			fmt.Fprintf(tw, "%s\t", c.cell(&t.Rows[i]))
		}
		fmt.Fprintln(tw)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	return t.printUnsharded(w)
}

// printUnsharded says which programs run on one worker only, a line for each reason.
func (t *Table) printUnsharded(w io.Writer) (err error) {
	names := map[string][]string{}
	for i := range t.Rows {
		if r := &t.Rows[i]; r.Unsharded != "" {
			names[r.Unsharded] = append(names[r.Unsharded], r.Program)
		}
	}
	for _, why := range slices.Sorted(maps.Keys(names)) {
		_, err = fmt.Fprintf(w, "not on several workers: %s: %s\n", strings.Join(names[why], ", "), why)
	}
	return err
}

// counts are the numbers of workers in the table.
func (t *Table) counts() (counts []int) {
	for i := range t.Rows {
		for _, m := range t.Rows[i].Many {
			if len(counts) == 0 || m.Workers > counts[len(counts)-1] {
				counts = append(counts, m.Workers)
			}
		}
	}
	return counts
}

func (r *Row) onWorkers(n int) Many {
	for _, m := range r.Many {
		if m.Workers == n {
			return m
		}
	}
	return Many{}
}

// perMetric is ns for each metric, decoding included.
func (r *Row) perMetric() float64 {
	if r.Metrics == 0 {
		return 0
	}
	return r.Decode.Median / float64(r.Metrics)
}

func (x *Race) print(w io.Writer) error {
	fmt.Fprintf(w, "\nwhole processes: %s, %d packets, %.0f MB in the page cache\n\n", x.Load, x.Packets, float64(x.Bytes)/1e6)
	t := newTable(w)
	fmt.Fprintln(t, "process\tseconds\tspread %\tMpps\ttime over tcpdump's\t")
	base := x.runner("tcpdump")
	for i := range x.Runners {
		r := &x.Runners[i]
		over := 0.0
		if base != nil {
			over = r.Time.Median / base.Time.Median
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t\n", r.Name, number(r.Time.Median*float64(x.Packets)/1e9, 3), r.Time.spread(), number(r.Time.mpps(), 3), number(over, 2))
	}
	return t.Flush()
}

func printTargets(w io.Writer, list []Target) error {
	fmt.Fprint(w, "\ntargets\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "figure\tasked\tmeasured\tratio\tmet\tnote")
	met, taken := 0, 0
	for _, x := range list {
		asked := "≥ "
		if x.Most {
			asked = "≤ "
		}
		asked += fmt.Sprintf("%.4g %s", x.Asked, x.Unit)
		measured, verdict := "not measured", absent
		if x.Taken {
			taken++
			measured = fmt.Sprintf("%.4g %s", x.Measured, x.Unit)
			verdict = "NO"
			if x.Met {
				verdict = "yes"
				met++
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", x.Figure, asked, measured, number(x.Ratio, 2), verdict, x.Note)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d of %d targets met, %d not measured\n", met, len(list), len(list)-taken)
	return err
}

// number prints x, "-" if it was not taken.
func number(x float64, decimals int) string {
	if x == 0 {
		return absent
	}
	return fmt.Sprintf("%.*f", decimals, x)
}
