package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// kernel is the compiled C kernel: the work of the worst case and no other.
type kernel struct {
	exe  string
	args []string // after the number of metrics: flows, lg detector lines, lg buckets, zipf
}

// wideArgs are the kernel's arguments for Uniform and structures out of cache.
var wideArgs = []string{strconv.Itoa(WideFlows), "17", "18", "0"}

// changes are made to the kernel's source, so that it is measured as the programs are: by
// the same clock, on as many packets (a multiple of 16), and on structures that have been
// touched before time begins. Without the last, 16 metrics take some 75 large pages out of
// the system's hands while it is measured, which is up to a third of a short run.
var changes = []struct{ old, new string }{
	{"CLOCK_MONOTONIC", "CLOCK_THREAD_CPUTIME_ID"},
	{"int n=2000000,", "int n=%d,"},
	{"float sink=0;", "for(int m=0;m<M;m++){ memset(bf[m],0,64ul<<lgb); memset(dl[m],0,128ul<<lgd); } float sink=0;"},
}

// buildKernel compiles the kernel for so many packets.
func buildKernel(ctx context.Context, dir, source string, packets int) (string, error) {
	text, err := os.ReadFile(source)
	if err != nil {
		return "", err
	}
	for _, c := range changes {
		if !bytes.Contains(text, []byte(c.old)) {
			return "", fmt.Errorf("%s is not the kernel that this was written for: it has no %q", source, c.old)
		}
		if strings.Contains(c.new, "%d") {
			c.new = fmt.Sprintf(c.new, packets/16*16)
		}
		text = bytes.ReplaceAll(text, []byte(c.old), []byte(c.new))
	}
	changed, exe := filepath.Join(dir, "limit.c"), filepath.Join(dir, "limit")
	if err := os.WriteFile(changed, text, 0o600); err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, "gcc", "-O3", "-march=native", changed, "-o", exe, "-lm").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("gcc: %w\n%s", err, out)
	}
	return exe, nil
}

// run runs the kernel on as many metrics. It measures three times with new structures;
// the figure is the median of the later two, ns per packet. evicted is how many keys
// found no room in the last.
func (k *kernel) run(ctx context.Context, metrics int) (ns, evicted float64, err error) {
	out, err := exec.CommandContext(ctx, k.exe, append([]string{strconv.Itoa(metrics)}, k.args...)...).Output()
	if err != nil {
		return 0, 0, err
	}
	return parseKernel(out)
}

var kernelLine = regexp.MustCompile(`flows=\d+: ([\d.]+) ns/pkt ([\d.]+) ns/metric .* ovf=(\d+)`)

// parseKernel reads what the kernel prints. It rounds ns per packet to whole ones, so
// those of a metric are taken where they tell more.
func parseKernel(out []byte) (ns, evicted float64, err error) {
	var times []float64
	for _, m := range kernelLine.FindAllSubmatch(out, -1) {
		packet, _ := strconv.ParseFloat(string(m[1]), 64)
		metric, _ := strconv.ParseFloat(string(m[2]), 64)
		evicted, _ = strconv.ParseFloat(string(m[3]), 64)
		if packet < 100 && metric > packet/2 { // one metric
			packet = metric
		}
		times = append(times, packet)
	}
	if len(times) < 2 {
		return 0, 0, fmt.Errorf("it printed %q", out)
	}
	return timing(times[1:]).Median, evicted, nil
}

// machine is the processor as the system names it.
func machine() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	s := bufio.NewScanner(bytes.NewReader(data))
	for s.Scan() {
		if name, value, ok := bytes.Cut(s.Bytes(), []byte(":")); ok && string(bytes.TrimSpace(name)) == "model name" {
			return string(bytes.TrimSpace(value))
		}
	}
	return "unknown"
}
