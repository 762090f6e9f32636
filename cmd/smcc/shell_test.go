package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// TestManPages checks that the pages of both commands say something about each
// command and flag, and that mandoc finds nothing wrong with them.
func TestManPages(t *testing.T) {
	for _, name := range []string{"smcc", "smprobe"} {
		t.Run(name, func(t *testing.T) {
			var page, stderr bytes.Buffer
			if code := run(t.Context(), []string{"man", name}, &stdio{strings.NewReader(""), &page, &stderr}); code != 0 {
				t.Fatalf("smcc man %s = %d: %s", name, code, stderr.String())
			}
			lines := strings.Split(page.String(), "\n")
			for i, line := range lines {
				if strings.HasPrefix(line, ".TP") && (i+2 >= len(lines) || strings.HasPrefix(lines[i+2], ".")) {
					t.Errorf("%q is not explained", lines[i+1])
				}
			}
			mandoc, err := exec.LookPath("mandoc")
			if err != nil {
				t.Skip("mandoc is not installed: the form of the page is not checked")
			}
			lint := exec.Command(mandoc, "-T", "lint")
			lint.Stdin = &page
			out, _ := lint.Output() // it fails on every message
			for line := range strings.Lines(string(out)) {
				if !strings.Contains(line, "missing date") {
					t.Errorf("%s", line)
				}
			}
		})
	}
}
