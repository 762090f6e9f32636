package probe

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// What a program is asked for between two batches, and the making of it, is run in a
// goroutine of its own, so that one that does not answer holds up nobody for longer than
// Options.GiveUp. The calls of every batch are run by workers: see patrol.

// lookEvery is how often somebody looks whether a call goes on. What is measured is looks
// and not time: a machine that stood still has not looked.
const lookEvery = 50 * time.Millisecond

// defaultGiveUp is Options.GiveUp if it is 0.
const defaultGiveUp = 2 * time.Second

// errEnded says that a program ended the goroutine that called it.
var errEnded = errors.New("it ended the goroutine that called it")

// call runs f, which calls shard s of the program, in a goroutine of its own and waits for
// it. The error says why it failed: a panic, or that it was given up, and then s is never to
// be called again.
func (in *instance) call(s *shard, doing string, f func()) error {
	if s.gate.isClosed() {
		return ErrGivenUp
	}
	var id atomic.Uint64
	done := make(chan error, 1)
	go func() {
		callsPrograms(&id)
		err := error(fmt.Errorf("while %s: %w", doing, errEnded))
		defer func() {
			if r := recover(); r != nil {
				err = in.panicked(doing, r)
			}
			s.gate.leave()
			done <- err
		}()
		s.gate.enter(aside)
		f()
		err = nil
	}()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for at, looks := uint64(0), 0; ; looks++ {
		select {
		case err := <-done:
			return err
		case <-look.C:
		}
		if v := s.gate.at.Load(); v != at {
			at, looks = v, 0
		}
		if looks >= in.looks() && s.gate.close(at) {
			return in.givenUp(doing, id.Load(), stacks())
		}
	}
}

// looks is how often a call is looked at before it is given up.
func (in *instance) looks() int { return max(2, int(in.patience()/lookEvery)) }

// patience is how long a call of the program may last.
func (in *instance) patience() time.Duration { return time.Duration(in.giveUp.Load()) }

// ErrGivenUp is wrapped in the error of a call that did not come back: its goroutine is left
// behind.
var ErrGivenUp = errors.New("given up")

// givenUp describes a call of a goroutine that was given up.
func (in *instance) givenUp(doing string, goroutine uint64, stacks []byte) error {
	return fmt.Errorf("%w after %v while %s%s; it goes on in the background, until the probe ends",
		ErrGivenUp, in.patience(), doing, in.placeIn(stackOf(stacks, goroutine)))
}

// callsPrograms makes this goroutine one that calls programs: its number goes to id, for patrol to
// find its stack, and a program that reads memory which is not there panics in it, and does not
// end the process.
func callsPrograms(id *atomic.Uint64) {
	debug.SetPanicOnFault(true)
	id.Store(goroutineID())
}

// goroutineID returns the number of this goroutine, as stacks names it. It is for finding
// its stack and for nothing else.
func goroutineID() uint64 {
	var buf [64]byte
	text := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	id, _, _ := bytes.Cut(text, []byte(" "))
	n, _ := strconv.ParseUint(string(id), 10, 64)
	return n
}

// maxStacks bounds the text of all stacks.
const maxStacks = 16 << 20

// stacks returns the stacks of all goroutines as text. The world stands still meanwhile,
// for some 10 µs a goroutine.
func stacks() []byte {
	for size := 1 << 18; ; size *= 4 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size || size >= maxStacks {
			return buf[:n]
		}
	}
}

// stackOf cuts the stack of one goroutine out of those of all.
func stackOf(stacks []byte, id uint64) []byte {
	head := fmt.Appendf(nil, "goroutine %d ", id)
	for part := range bytes.SplitSeq(stacks, []byte("\n\n")) {
		if bytes.HasPrefix(part, head) {
			return part
		}
	}
	return nil
}

// placeIn returns " at file:line", the innermost line of the program in a stack as text, or
// the innermost of other code that is not Go's own.
func (in *instance) placeIn(stack []byte) string {
	var frames []runtime.Frame
	function := ""
	for text := range bytes.Lines(stack) {
		line := string(bytes.TrimRight(text, "\n"))
		place, ok := strings.CutPrefix(line, "\t")
		if !ok {
			function = line
			continue
		}
		place, _, _ = strings.Cut(place, " +0x")
		if i := strings.LastIndexByte(place, ':'); i > 0 {
			n, _ := strconv.Atoi(place[i+1:])
			frames = append(frames, runtime.Frame{Function: function, File: place[:i], Line: n})
		}
	}
	return innermost(in.info.Manifest.File, frames)
}

// place is placeIn of the panic being recovered.
func (in *instance) place() string {
	pcs := make([]uintptr, 64)
	var frames []runtime.Frame
	for list := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)]); ; {
		f, more := list.Next()
		frames = append(frames, f)
		if !more {
			return innermost(in.info.Manifest.File, frames)
		}
	}
}

// innermost returns " at file:line" of the first frame in the source file of a program, to
// which generated code is mapped, else of the first that is neither Go's nor the probe's.
func innermost(file string, frames []runtime.Frame) string {
	other := ""
	for _, f := range frames {
		base := filepath.Base(f.File)
		if base == file && file != "" {
			if f.Line < 1 { // an instruction that the compiler has added
				return " in " + base
			}
			return fmt.Sprintf(" at %s:%d", base, f.Line)
		}
		if other == "" && f.File != "" && !isOurs(f.Function) {
			other = fmt.Sprintf(" at %s:%d", base, f.Line)
		}
	}
	return other
}

// isOurs reports whether a function is of Go's runtime, of the probe, or of what generated
// code is made of.
func isOurs(function string) bool {
	const module = "github.com/streamon/streamon/"
	for _, p := range []string{"runtime.", "runtime/", "internal/runtime/", "panic(", module + "internal/", module + "runtime/", "created by "} {
		if strings.HasPrefix(function, p) {
			return true
		}
	}
	return function == "panic"
}
