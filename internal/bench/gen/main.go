// Command gen writes the programs of the paper's figure 8.
//
// Usage: go run ./internal/bench/gen DIR METRICS…
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/streamon/streamon/internal/bench"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: gen DIR METRICS…")
		os.Exit(2)
	}
	for _, arg := range os.Args[2:] {
		n, err := strconv.Atoi(arg)
		if err == nil {
			path := filepath.Join(os.Args[1], fmt.Sprintf("worst%d.smon", n))
			err = os.WriteFile(path, []byte(bench.WorstCase(n)), 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "gen:", err)
			os.Exit(1)
		}
	}
}
