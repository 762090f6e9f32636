package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Print writes the report as a table.
//
// Engine: decoded packets in memory. +decode: frames in memory. +file: a capture
// file of full frames in the page cache. The ratios are those of the engine: packets
// a second over the paper's at 16 metrics scaled to as many, and over the kernel's.
func (r *Report) Print(w io.Writer) error {
	fmt.Fprintf(w, "%s: %d packets of %.2f bytes, median of %d rounds, one core\n%s, %s, %s\n\n",
		r.Load, r.Packets, r.Mean, r.Rounds, r.Machine, r.Go, r.Date)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "metrics\tMB\tevents\tengine Mpps\tGbit/s\tns/metric\tx paper\t% of kernel\t+decode Mpps\tns/metric\t% of kernel\t+file Mpps\tevicted\t")
	for _, row := range r.Rows {
		m := float64(max(row.Metrics, 1))
		fmt.Fprintf(t, "%d\t%.1f\t%.2f\t%s\t%.2f\t%.1f\t%.1f\t%s\t%s\t%.1f\t%s\t%s\t%d\t\n",
			row.Metrics, float64(row.Bytes)/1e6, row.Events, mpps(row.Engine), 8*r.Mean/row.Engine, row.Engine/m,
			PaperNsPerMetric*m/row.Engine, share(row.Kernel, row.Engine),
			mpps(row.Decode), row.Decode/m, share(row.Kernel, row.Decode), mpps(row.File), row.Evicted)
	}
	return t.Flush()
}

func mpps(ns float64) string {
	if ns == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f", 1e3/ns)
}

func share(kernel, ns float64) string {
	if kernel == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f", 100*kernel/ns)
}
