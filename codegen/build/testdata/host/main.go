// Command host is the smallest probe: it describes itself and loads plugins.
// The tests of package build compile it in every way that changes what a plugin
// must look like.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/streamon/streamon/internal/loader"
	"github.com/streamon/streamon/internal/sdk"
	"github.com/streamon/streamon/runtime/program"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "sdk" {
		d, err := sdk.Self()
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		json.NewEncoder(os.Stdout).Encode(d)
		return
	}
	l, err := loader.New()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for _, path := range os.Args[1:] {
		a, err := l.Open(path)
		var m *sdk.Mismatch
		switch {
		case errors.As(err, &m):
			fmt.Printf("refused: %v | %s\n", err, m.Hint)
		case err != nil:
			fmt.Printf("error: %v\n", err)
		default:
			inst, err := a.Info.New(&program.Env{Memory: program.NewMemory()})
			if err != nil {
				fmt.Println("new:", err)
				continue
			}
			var s program.Stats
			inst.Stats(&s)
			fmt.Printf("loaded: %s packets=%d reused=%v\n", a.Info.Manifest.Name, s.Packets, a.Reused)
		}
	}
	fmt.Println("alive")
}
