// Command smprobe runs StreaMon programs over packets.
package main

import (
	"os"

	"github.com/streamon/streamon/internal/smprobe"
)

func main() {
	os.Exit(smprobe.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, nil))
}
