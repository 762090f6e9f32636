package bench

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// fakeKernel prints what the kernel prints, from the places in its source that are
// changed: the number of packets as the time, the changed clock as evicted keys.
const fakeKernel = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
int main(int c, char **v) {
	int n=2000000, M=atoi(v[1]), lgb=0, lgd=0;
	char *bf[64], *dl[64];
	for (int m=0; m<M; m++) { bf[m]=malloc(64); dl[m]=malloc(128); bf[m][0]=7; }
	for (int r=0; r<3; r++) {
		float sink=0;
		for (int m=0; m<M; m++) sink+=bf[m][0];
		int clock = CLOCK_MONOTONIC == CLOCK_THREAD_CPUTIME_ID;
		printf("C limit M=%d flows=%d: %d ns/pkt %.1f ns/metric 1 Mpps 1 Gbps@633 ovf=%d %g\n", M, c, n+r, 1.0*n/M, clock, sink);
	}
	return 0;
}
`

func TestKernel(t *testing.T) {
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("gcc is not installed")
	}
	dir := t.TempDir()
	source := filepath.Join(dir, "fake.c")
	write := func(text string) {
		if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	// All is changed that shall be: the clock is the thread's, packets are as many as
	// the load's in whole batches of 16, and structures are cleared before.
	write(strings.Replace(fakeKernel, "bf[m][0]=7;", "bf[m][0]=0;", 1))
	exe, err := buildKernel(ctx, dir, source, 1007)
	if err != nil {
		t.Fatal(err)
	}
	ns, evicted, err := (&kernel{exe, wideArgs}).run(ctx, 16)
	if err != nil || ns != 992+1.5 || evicted != 1 {
		t.Errorf("%v ns, %v evicted, %v; want 993.5, 1", ns, evicted, err)
	}
	for _, c := range changes {
		write(strings.Replace(fakeKernel, c.old, "", 1))
		if _, err := buildKernel(ctx, dir, source, 1007); err == nil || !strings.Contains(err.Error(), c.old) {
			t.Errorf("without %q: %v", c.old, err)
		}
	}
	write(fakeKernel + "}")
	if _, err := buildKernel(ctx, dir, source, 16); err == nil || !strings.Contains(err.Error(), "gcc") {
		t.Errorf("a kernel that is no C: %v", err)
	}
}

func TestParseKernel(t *testing.T) {
	line := func(ns, metric, ovf string) string {
		return "C limit M=1 flows=300000: " + ns + " ns/pkt " + metric + " ns/metric 2.00 Mpps 10.13 Gbps@633 ovf=" + ovf + " 5\n"
	}
	for _, tt := range []struct {
		name, out   string
		ns, evicted float64
		ok          bool
	}{
		{"first round left out", line("900", "56.3", "1") + line("500", "31.3", "2") + line("300", "18.8", "3"), 400, 3, true},
		{"one metric tells more", line("24", "24.1", "0") + line("24", "23.6", "0") + line("23", "23.4", "0"), 23.5, 0, true},
		{"one round", line("24", "24.1", "0"), 0, 0, false},
		{"nothing", "", 0, 0, false},
		{"something else", "Segmentation fault\n", 0, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ns, evicted, err := parseKernel([]byte(tt.out))
			if (err == nil) != tt.ok || tt.ok && (ns != tt.ns || evicted != tt.evicted) {
				t.Errorf("%v ns, %v evicted, %v; want %v, %v, %v", ns, evicted, err, tt.ns, tt.evicted, tt.ok)
			}
		})
	}
}
