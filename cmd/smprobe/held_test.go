//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/testkit"
)

// teller alerts for each packet, and keeps it.
const teller = `program teller "tells of everything"
event packet: packet where ip
on packet { always { alert info "{ip.src} sends to {ip.dst}"  capture } }
`

var lostText = regexp.MustCompile(`nobody read it for 5s after the signal to end: (lines|bytes) lost: (\d+)`)

// TestHeldOutput: nobody reads what a run over a file writes. It waits, requests are
// refused soon, and one signal ends it, with every line written whole or counted as lost.
func TestHeldOutput(t *testing.T) {
	so := plugin(t, teller)
	pcap := filepath.Join(t.TempDir(), "a.pcapng")
	f, err := os.Create(pcap)
	if err != nil {
		t.Fatal(err)
	}
	w := capture.NewWriter(f, "")
	for i := range 20_000 {
		p := frame(time.Duration(i)*time.Millisecond, byte(i), byte(i/256))
		if err := w.Write(&p); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		output, workers string
		isText          bool
	}{{"standard output", "1", true}, {"standard output", "2", true}, {"--alerts", "1", true}, {"--evidence", "2", false}} {
		t.Run(strings.TrimPrefix(c.output, "--")+"/"+c.workers, func(t *testing.T) {
			t.Parallel()
			dir, err := os.MkdirTemp("", "smprobe-") // short: the path of a socket has 107 bytes
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.RemoveAll(dir) })
			r := &running{t: t, socket: filepath.Join(dir, "s"), summary: filepath.Join(dir, "summary.json")}
			fifo := filepath.Join(dir, "fifo")
			if err := syscall.Mkfifo(fifo, 0o600); err != nil {
				t.Skip(err)
			}
			pipe, err := os.OpenFile(fifo, os.O_RDWR, 0) // reads and writes: no end waits for the other
			if err != nil {
				t.Fatal(err)
			}
			defer pipe.Close()
			args := []string{"run", "-r", pcap, "-p", so, "--workers", c.workers, "--socket", r.socket, "--summary", r.summary}
			r.cmd = cli(t).Command(dir, "smprobe")
			r.cmd.Stderr = &r.err
			if c.output == "standard output" {
				r.cmd.Stdout = pipe
			} else {
				args = append(args, c.output, fifo)
			}
			r.cmd.Args = append(r.cmd.Args, args...)
			if err := r.cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- r.cmd.Wait() }()
			defer r.cmd.Process.Kill()
			r.until("requests are refused", func() bool {
				begun := time.Now()
				out, code := r.ask("list")
				if d := time.Since(begun); d > 8*time.Second {
					t.Fatalf("an answer took %s: %s", d, out)
				}
				return code == 1 && strings.Contains(out, "held up by an output")
			})
			begun := time.Now()
			r.cmd.Process.Signal(syscall.SIGTERM)
			select {
			case err = <-ended:
			case <-time.After(40 * time.Second):
				t.Fatalf("one signal does not end it; it says %s", r.err.String())
			}
			took := time.Since(begun)
			if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 1 || took < 4*time.Second || took > 30*time.Second {
				t.Errorf("it ended after %s: %v", took, err)
			}
			said := lostText.FindStringSubmatch(r.err.String())
			if said == nil || !strings.Contains(r.err.String(), "error: "+c.output+": nobody") || !strings.Contains(r.err.String(), "teller") {
				t.Fatalf("it says %s", r.err.String())
			}
			text, err := os.ReadFile(r.summary)
			if err != nil {
				t.Fatal(err)
			}
			if !c.isText {
				return
			}
			lost, _ := strconv.Atoi(said[2])
			sum := decode[summaryFile](t, string(text))
			all := sum.program("teller").Records.Alert
			got := drain(t, fifo, pipe)
			if !bytes.HasSuffix(got, []byte("}\n")) || uint64(bytes.Count(got, []byte{'\n'})+lost) != all {
				t.Errorf("%d lines arrived, %d are lost, of %d", bytes.Count(got, []byte{'\n'}), lost, all)
			}
		})
	}
}

// drain reads what is in a FIFO, whose other end is closed.
func drain(t *testing.T, fifo string, pipe *os.File) []byte {
	t.Helper()
	r, err := os.OpenFile(fifo, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	pipe.Close() // the last that could write
	var all testkit.Buffer
	if _, err := r.WriteTo(&all); err != nil {
		t.Fatal(err)
	}
	return []byte(all.String())
}
