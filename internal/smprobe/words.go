package smprobe

import (
	"context"
	"io"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/streamon/streamon/internal/web"
)

// CommandLine returns the parser of the command line, for what is made from its model.
func CommandLine() (*kong.Kong, error) {
	return (&stdio{out: io.Discard, err: io.Discard}).parser(new(commands), func(int) {})
}

// wordsTimeout bounds what a user waits for after a tab.
const wordsTimeout = time.Second

// Running returns the names of the programs of the probe whose control socket is in
// the words of a command line, or in $SMPROBE_SOCKET; none if no probe answers.
func Running(line []string, _ string) (names []string) {
	socket := os.Getenv("SMPROBE_SOCKET")
	for i, w := range line {
		if path, ok := strings.CutPrefix(w, "--socket="); ok {
			socket = path
		} else if w == "--socket" && i+1 < len(line) {
			socket = line[i+1]
		}
	}
	if socket == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), wordsTimeout)
	defer cancel()
	s, err := web.Dial(socket).Summary(ctx)
	if err != nil {
		return nil
	}
	for _, p := range s.Programs {
		names = append(names, p.Name)
	}
	return names
}
