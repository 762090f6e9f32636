// Command smprobe runs StreaMon programs over packets.
package main

import (
	"fmt"
	"os"

	"github.com/streamon/streamon/internal/shell"
	"github.com/streamon/streamon/internal/smprobe"
)

func main() {
	if complete() {
		return
	}
	os.Exit(smprobe.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, nil))
}

// complete answers a shell that completes a line.
func complete() bool {
	k, err := smprobe.CommandLine()
	if err != nil {
		return false // Main says so
	}
	none := func([]string, string) []string { return nil }
	asked, err := shell.Complete(k, shell.ProbeWords(smprobe.Running, none), os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "smprobe: internal error: completing:", err)
	}
	return asked
}
