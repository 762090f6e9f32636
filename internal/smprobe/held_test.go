//go:build unix

package smprobe

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// impatient makes readerWait short.
func impatient(t *testing.T) {
	before := readerWait
	readerWait = 50 * time.Millisecond
	t.Cleanup(func() { readerWait = before })
}

// A pipe that nobody reads is given up after the signal, and not before. Each line is in
// the pipe whole, or is counted as lost.
func TestHeldGivesUp(t *testing.T) {
	impatient(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	out := hold(ctx, "standard output", w, true).(*held)
	line := strings.Repeat("x", 299) + "\n"
	const lines = 1000 // more than a pipe has room for
	done := make(chan error, 1)
	go func() {
		_, err := out.Write([]byte(strings.Repeat(line, lines)))
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("given up before the signal: %v", err)
	case <-time.After(4 * readerWait):
	}
	end()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("not given up")
	}
	out.Write([]byte(line))
	if err := out.lost(); err == nil || !strings.Contains(err.Error(), "standard output: nobody read it for 50ms") {
		t.Fatalf("lost = %v", err)
	}
	buf := make([]byte, 1<<20)
	n, _ := r.Read(buf) // what the pipe had room for
	r.Close()
	got := bytes.Count(buf[:n], []byte{'\n'})
	if n%len(line) != 0 || got+out.lines != lines+1 || out.bytes != out.lines*len(line) {
		t.Errorf("%d bytes, %d lines in the pipe, %d lines and %d bytes lost of %d lines", n, got, out.lines, out.bytes, lines+1)
	}
}

// A reader that is slow and reads loses nothing, however long it takes after the signal.
func TestHeldSlowReader(t *testing.T) {
	impatient(t)
	readerWait *= 10
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ctx, end := context.WithCancel(t.Context())
	end()
	out := hold(ctx, "standard output", w, false).(*held)
	const size = 300_000
	got := make(chan int)
	go func() {
		n, buf := 0, make([]byte, 20_000)
		for {
			k, err := r.Read(buf)
			if n += k; err != nil {
				got <- n
				return
			}
			time.Sleep(readerWait / 10)
		}
	}()
	n, err := out.Write(make([]byte, size))
	w.Close()
	if here := <-got; n != size || err != nil || here != size || out.lost() != nil {
		t.Errorf("Write = %d, %v; %d bytes arrived, %v", n, err, here, out.lost())
	}
}

// A FIFO that nobody opens holds nobody up after the signal.
func TestHeldOpen(t *testing.T) {
	impatient(t)
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	ctx, end := context.WithCancel(t.Context())
	time.AfterFunc(readerWait, end)
	if _, err := openHeld(ctx, path, openWriter); !errors.Is(err, errNoReader) {
		t.Errorf("openHeld: %v", err)
	}
	if r, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0); err == nil { // the goroutine ends
		r.Close()
	}
	f, err := openHeld(ctx, filepath.Join(t.TempDir(), "file"), os.Create)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if w := hold(ctx, "file", f, true); w != f {
		t.Errorf("a file is held: %T", w)
	}
}
