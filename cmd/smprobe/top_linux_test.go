package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/streamon/streamon/internal/testkit"
)

// TestTop watches a probe on a terminal: frames follow what happens, keys sort and quit, and the
// terminal is as it was then. Elsewhere there is one frame, without escapes.
func TestTop(t *testing.T) {
	r := start(t, "-q", "-p", plugin(t, counting))
	r.send(frame(0, 1, 2), frame(1, 1, 2))
	out := r.must("top", "--once", "--every", "20ms")
	for _, want := range []string{`(?m)^0 packets/s   0 bit/s   packets 2   newest \d\d:\d\d:\d\d UTC$`, `(?m)^PROGRAM .* SHARE↓ `, `(?m)^counter  running  +0 .* 0  .*B$`} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("top --once prints\n%s\nwant %s", out, want)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Errorf("top --once prints escapes: %q", out)
	}
	r.refused(2, []string{"smprobe: error: top needs a terminal\n", "--once"}, "top")
	r.refused(2, []string{"expected 10ms or more"}, "top", "--once", "--every", "1us")

	master, slave, err := testkit.OpenTerminal()
	if err != nil {
		t.Skip(err)
	}
	defer master.Close()
	defer slave.Close()
	if err := unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: 100, Row: 12}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(int(slave.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	var shown testkit.Buffer
	go io.Copy(&shown, master)
	cmd := cli(t).Command(filepath.Dir(r.socket), "smprobe", "top", "--every", "50ms", "--socket", r.socket)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if cmd.ProcessState == nil {
			cmd.Process.Kill()
			cmd.Wait()
		}
	}()
	screen := func() string { // the newest whole frame
		frames := strings.Split(shown.String(), "\x1b[H")
		return frames[max(0, len(frames)-2)]
	}
	until := func(what string, parts ...string) {
		t.Helper()
		r.until(what, func() bool {
			text := screen()
			for _, p := range parts {
				if !strings.Contains(text, p) {
					return false
				}
			}
			return true
		})
	}
	until("the program is shown", "packets 2 ", "counter  running", "\x1b[7mPROGRAM", "q quit")
	if n := strings.Count(screen(), "\r\n"); n != 11 {
		t.Errorf("a frame of 12 lines has %d ends of lines: %q", n, screen())
	}
	r.send(frame(2, 1, 2), frame(3, 1, 2))
	until("the alert and the state are shown", "busy 1", "LOW       counter  default -> busy  10.0.0.1: 4")
	io.WriteString(master, "\x1b[C")
	until("the next column is sorted by", "IN STATES↓")
	io.WriteString(master, "q")
	if err := cmd.Wait(); err != nil {
		t.Errorf("after q: %v", err)
	}
	r.until("the screen is left", func() bool { return strings.HasSuffix(shown.String(), "\x1b[?25h\x1b[?1049l") })
	after, err := term.GetState(int(slave.Fd()))
	if err != nil || *after != *before {
		t.Errorf("the terminal is left with %v (%v), it had %v", after, err, before)
	}
}
