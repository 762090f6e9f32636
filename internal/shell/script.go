package shell

import (
	"embed"
	"fmt"
	"slices"
)

// Shells are those that [Script] knows.
var Shells = []string{"bash", "fish", "zsh"}

//go:embed scripts
var scripts embed.FS

// Script returns what a shell has to read so that it completes smcc and smprobe.
func Script(shell string) ([]byte, error) {
	if !slices.Contains(Shells, shell) {
		return nil, fmt.Errorf("completion for %q is not known", shell)
	}
	return scripts.ReadFile("scripts/streamon." + shell)
}
