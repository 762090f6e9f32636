package bench

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
)

var (
	microLine = regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?\s+\d+((?:\s+[\d.]+ \S+)+)`)
	microPair = regexp.MustCompile(`([\d.]+) (ns|MB/s|GB/s)(?:[/-](\S+))?(?:\s|$)`)
)

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
// one, MB/s, median. A benchmark that measures several things in one run has a name
// for each: "ns/gopacket" of Beside/tcp4 is Beside/tcp4/gopacket.
func parseMicro(text []byte) (times map[string]Timing, rates map[string]float64) {
	ns, mbs := map[string][]float64{}, map[string][]float64{}
	for _, line := range microLine.FindAllSubmatch(text, -1) {
		for _, m := range microPair.FindAllSubmatch(line[2], -1) {
			name, unit, what := string(line[1]), string(m[2]), string(m[3])
			if what != "" && what != "op" {
				name += "/" + what
			}
			x, _ := strconv.ParseFloat(string(m[1]), 64)
			switch unit {
			case "ns":
				ns[name] = append(ns[name], x)
			case "MB/s":
				mbs[name] = append(mbs[name], x)
			case "GB/s":
				mbs[name] = append(mbs[name], 1e3*x)
			}
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
