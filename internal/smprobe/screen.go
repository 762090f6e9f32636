package smprobe

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// key is one that smprobe top knows.
type key uint8

const (
	keyNone key = iota
	keyQuit
	keyLeft
	keyRight
	keyReverse
)

// Sequences of a terminal (ECMA-48, and xterm for the second screen).
const (
	screenEnter  = "\x1b[?1049h\x1b[?25l" // the second screen, without a cursor
	screenLeave  = "\x1b[?25h\x1b[?1049l"
	screenHome   = "\x1b[H"
	screenErase  = "\x1b[J" // from here on
	lineErase    = "\x1b[K" // to its end
	styleReverse = "\x1b[7m"
	styleBold    = "\x1b[1m"
	styleNone    = "\x1b[0m"
)

// screen is a terminal that shows one frame after another.
type screen struct {
	in  int // file descriptor
	fd  int // that of out
	out io.Writer
	was *term.State
}

// openScreen takes a terminal, of which keys come without waiting for the end of a line.
func openScreen(in *os.File, out io.Writer) (*screen, error) {
	s := &screen{in: int(in.Fd()), out: out, fd: int(in.Fd())}
	if f, ok := out.(*os.File); ok {
		s.fd = int(f.Fd())
	}
	var err error
	if s.was, err = term.MakeRaw(s.in); err != nil {
		return nil, fmt.Errorf("taking the terminal: %w", err)
	}
	_, err = io.WriteString(out, screenEnter)
	return s, err
}

// close gives the terminal back as it was.
func (s *screen) close() {
	io.WriteString(s.out, screenLeave)
	term.Restore(s.in, s.was)
}

// size returns columns and lines; 80 and 24 if the terminal does not know.
func (s *screen) size() (width, height int) {
	width, height, err := term.GetSize(s.fd)
	if err != nil || width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}

// show replaces the frame. It goes out with one write, so that it does not flicker.
func (s *screen) show(frame string) error {
	frame = strings.TrimSuffix(frame, "\n") // or the screen would scroll
	_, err := io.WriteString(s.out, screenHome+strings.ReplaceAll(frame, "\n", lineErase+"\r\n")+lineErase+screenErase)
	return err
}

// keyWait is how long keys waits before it looks whether it is to end, in ms.
const keyWait = 200

// keys sends the keys that are pressed until ctx is done.
func (s *screen) keys(ctx context.Context, to chan<- key) {
	var text [64]byte
	for ctx.Err() == nil {
		ready, err := unix.Poll([]unix.PollFd{{Fd: int32(s.in), Events: unix.POLLIN}}, keyWait)
		if err != nil && err != unix.EINTR {
			return
		}
		if ready <= 0 {
			continue
		}
		n, err := unix.Read(s.in, text[:])
		if n <= 0 || err != nil { // the terminal is gone
			n = copy(text[:], "q")
		}
		for _, k := range keysIn(string(text[:n])) {
			select {
			case to <- k:
			case <-ctx.Done():
				return
			}
		}
	}
}

// keysIn reads what a terminal sends.
func keysIn(text string) (list []key) {
	names := []struct {
		text string
		key  key
	}{
		{"\x1b[D", keyLeft}, {"\x1bOD", keyLeft}, {"\x1b[C", keyRight}, {"\x1bOC", keyRight},
		{"q", keyQuit}, {"Q", keyQuit}, {"\x03", keyQuit}, {"\x04", keyQuit}, {"r", keyReverse}, {"R", keyReverse},
	}
next:
	for text != "" {
		for _, n := range names {
			if rest, ok := strings.CutPrefix(text, n.text); ok {
				list, text = append(list, n.key), rest
				continue next
			}
		}
		if strings.HasPrefix(text, "\x1b[") || strings.HasPrefix(text, "\x1bO") { // a key that has no meaning here: up to its last byte
			text = text[2:]
			for text != "" && text[0] < '@' {
				text = text[1:]
			}
		}
		if text != "" {
			text = text[1:]
		}
	}
	return list
}
