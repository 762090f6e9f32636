// Command gen writes the programs that package bench measures, but for the examples.
//
// Usage: go run ./internal/bench/gen DIR METRICS…
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/streamon/streamon/internal/bench/programs"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: gen DIR METRICS…")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func write(dir string, args []string) error {
	var metrics []int
	for _, arg := range args {
		n, err := strconv.Atoi(arg)
		if err != nil {
			return err
		}
		metrics = append(metrics, n)
	}
	for name, text := range programs.All(metrics) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
