package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// buildKernel compiles the C kernel and returns its path, "" if there is none.
func buildKernel(ctx context.Context, dir string, opt Options) string {
	if opt.Kernel == "" {
		return ""
	}
	text, err := os.ReadFile(opt.Kernel)
	if err != nil {
		opt.Logf("no kernel to compare with: %v", err)
		return ""
	}
	// It shall be measured by the same clock as the programs.
	text = bytes.ReplaceAll(text, []byte("CLOCK_MONOTONIC"), []byte("CLOCK_THREAD_CPUTIME_ID"))
	source, exe := filepath.Join(dir, "limit.c"), filepath.Join(dir, "limit")
	if err := os.WriteFile(source, text, 0o600); err != nil {
		opt.Logf("no kernel to compare with: %v", err)
		return ""
	}
	out, err := exec.CommandContext(ctx, "gcc", "-O3", "-march=native", source, "-o", exe, "-lm").CombinedOutput()
	if err != nil {
		opt.Logf("no kernel to compare with: gcc: %v\n%s", err, out)
		return ""
	}
	return exe
}

// runKernel runs the kernel on as many metrics: it measures three times, and the
// figure is the median of the later two, ns per packet.
func runKernel(ctx context.Context, exe string, metrics int) (float64, error) {
	out, err := exec.CommandContext(ctx, exe, strconv.Itoa(metrics)).Output()
	if err != nil {
		return 0, err
	}
	var ns []float64
	for line := range strings.Lines(string(out)) {
		if _, rest, ok := strings.Cut(line, "flows="); ok {
			if _, rest, ok = strings.Cut(rest, ": "); ok {
				word, _, _ := strings.Cut(rest, " ")
				if x, err := strconv.ParseFloat(word, 64); err == nil {
					ns = append(ns, x)
				}
			}
		}
	}
	if len(ns) < 2 {
		return 0, fmt.Errorf("it printed %q", out)
	}
	return median(ns[1:]), nil
}

// machine is the processor as the system names it.
func machine() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	s := bufio.NewScanner(bytes.NewReader(data))
	for s.Scan() {
		if name, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
