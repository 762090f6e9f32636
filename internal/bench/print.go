package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Print writes the report as tables.
//
// Engine: decoded packets in memory. +decode: frames in memory. probe: the whole probe on
// frames in memory. +file: the probe on a capture file in the page cache, packets in full
// length. Ratios are those of +decode: times the paper's rate at 16 metrics, scaled to as
// many; share of the kernel. Times are medians; the spread is that of +decode.
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

func (t *Table) print(w io.Writer) error {
	fmt.Fprintf(w, "\n%s: %s, %d packets of %.2f bytes\n\n", t.Name, t.Load, t.Packets, t.Mean)
	tw := newTable(w)
	fmt.Fprint(tw, "program\tmetrics\tMB\tevents\tengine Mpps\t+decode Mpps\tspread %\tGbit/s\tns/metric\tx paper\t% of kernel\tprobe Mpps\t+file Mpps\tevicted\tallocs\theap/bytes\t")
	counts := t.counts()
	for _, n := range counts {
		fmt.Fprintf(tw, "%d workers Mpps\tefficiency\t", n)
	}
	fmt.Fprintln(tw)
	for i := range t.Rows {
		r := &t.Rows[i]
		fmt.Fprintf(tw, "%s\t%d\t%.1f\t%.2f\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%.4f\t%s\t",
			r.Program, r.Metrics, float64(r.Bytes)/1e6, r.Events, number(r.Engine.mpps(), 3), number(r.Decode.mpps(), 3), r.Decode.spread(),
			number(r.Decode.mpps()*8*t.Mean/1e3, 2), number(r.perMetric(), 1), number(r.Paper(), 1), number(100*r.Share(), 0),
			number(r.Probe.mpps(), 3), number(r.File.mpps(), 3), r.Evicted, max(r.Allocs, r.ProbeAllocs), number(float64(r.Heap)/float64(max(r.Bytes, 1)), 2))
		for _, n := range counts {
			fmt.Fprintf(tw, "%s\t%s\t", number(r.onWorkers(n).mpps(), 3), number(r.Speedup(n)/float64(n), 2))
		}
		fmt.Fprintln(tw)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for i := range t.Rows {
		if r := &t.Rows[i]; r.Unsharded != "" {
			fmt.Fprintf(w, "%s: not measured on several workers: %s\n", r.Program, r.Unsharded)
		}
	}
	return nil
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

func (r *Row) onWorkers(n int) Timing {
	for _, m := range r.Many {
		if m.Workers == n {
			return m.Time
		}
	}
	return Timing{}
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
		measured, verdict := "not measured", "-"
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
		return "-"
	}
	return fmt.Sprintf("%.*f", decimals, x)
}
