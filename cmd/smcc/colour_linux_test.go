package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/testkit"
)

// TestColours checks a wrong program with standard error on a terminal and elsewhere: there
// are escapes only where they were not asked away, and the text is the same.
func TestColours(t *testing.T) {
	c := cli(t)
	dir := t.TempDir()
	const src = "program p\nevent e: packet where ip.dts == 192.0.2.1\non e { drop }\n"
	if err := os.WriteFile(filepath.Join(dir, "p.smon"), []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	plain := "" // what a pipe gets
	for _, test := range []struct {
		name     string
		terminal bool
		env      []string
		colours  bool
	}{
		{"pipe", false, nil, false},
		{"terminal", true, nil, true},
		{"NO_COLOR", true, []string{"NO_COLOR=1"}, false},
		{"empty NO_COLOR", true, []string{"NO_COLOR="}, true},
		{"dumb", true, []string{"TERM=dumb"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			cmd := c.Command(dir, "smcc", "check", "p.smon")
			cmd.Env = append(cmd.Env, "TERM=xterm", "NO_COLOR=")
			cmd.Env = append(cmd.Env, test.env...)
			text := stderrOf(t, cmd, test.terminal)
			if !test.terminal {
				plain = text
			}
			if got := strings.Contains(text, "\x1b["); got != test.colours {
				t.Errorf("escapes: %v, want %v: %q", got, test.colours, text)
			}
			if got := withoutEscapes(text); got != plain || !strings.Contains(got, `did you mean "ip.dst"?`) {
				t.Errorf("smcc check prints %q, to a pipe %q", got, plain)
			}
		})
	}
}

// withoutEscapes removes the escapes that set colours.
func withoutEscapes(text string) string {
	for {
		before, after, ok := strings.Cut(text, "\x1b[")
		if !ok {
			return text
		}
		_, after, _ = strings.Cut(after, "m")
		text = before + after
	}
}

// stderrOf runs a command that has to end with 1, and returns its standard error.
func stderrOf(t *testing.T, cmd *exec.Cmd, terminal bool) string {
	t.Helper()
	read, write, err := os.Pipe()
	if terminal {
		read, write, err = testkit.OpenTerminal()
	}
	if err != nil {
		t.Skip(err)
	}
	defer read.Close()
	cmd.Stderr = write
	err = cmd.Start()
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(read) // from a terminal it ends with EIO when the last writer is gone
	if err != nil && !terminal {
		t.Error(err)
	}
	if cmd.Wait(); cmd.ProcessState.ExitCode() != exitDiagnostics {
		t.Errorf("%s: exit code %d, want %d", cmd, cmd.ProcessState.ExitCode(), exitDiagnostics)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
