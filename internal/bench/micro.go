package bench

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
)

var microLine = regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op(?:\s+([\d.]+) MB/s)?`)

// micro takes the figures of micro-benchmarks from the output of go test -bench, which
// may hold several runs of each.
func (b *bench) micro(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b.report.Micro, b.report.Rates = parseMicro(text)
	if len(b.report.Micro) == 0 {
		return fmt.Errorf("%s holds no output of go test -bench", path)
	}
	return nil
}

// parseMicro returns the time of each benchmark, ns, and the rate of those that tell
// one, MB/s, median.
func parseMicro(text []byte) (times map[string]Timing, rates map[string]float64) {
	ns, mbs := map[string][]float64{}, map[string][]float64{}
	for _, m := range microLine.FindAllSubmatch(text, -1) {
		name := string(m[1])
		t, _ := strconv.ParseFloat(string(m[2]), 64)
		ns[name] = append(ns[name], t)
		if len(m[3]) > 0 {
			r, _ := strconv.ParseFloat(string(m[3]), 64)
			mbs[name] = append(mbs[name], r)
		}
	}
	times, rates = map[string]Timing{}, map[string]float64{}
	for name, x := range ns {
		times[name] = timing(x)
	}
	for name, x := range mbs {
		rates[name] = timing(x).Median
	}
	return times, rates
}
