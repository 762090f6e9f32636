package examples_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
)

// TestCheckpoint: two runs over the halves of a capture, each in a process of its own,
// the second from the checkpoint of the first, report what one run over the whole
// reports, and end with its states and tables: every example, timers included, in one
// worker and in two. The second one has another seed of hashes: that of the first holds.
func TestCheckpoint(t *testing.T) {
	probe, plugins := bin(t, "smprobe"), everyExample(t)
	files, _ := filepath.Glob("../testdata/pcap/*.pcap*")
	for _, name := range scenarios {
		capture, _ := scenario(t, name)
		files = append(files, capture)
	}
	var records, compared atomic.Int64
	t.Run("files", func(t *testing.T) {
		for n, file := range files {
			workers := []int{1, 2}
			if !strings.HasSuffix(file, ".pcapng") || strings.Contains(file, "testdata") { // a small one
				workers = workers[n%2 : n%2+1]
			}
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				first, second := filepath.Join(dir, "first.pcapng"), filepath.Join(dir, "second.pcapng")
				if !halve(t, file, first, second) {
					t.Skip("it has no place where it can be halved")
				}
				for _, workers := range workers {
					whole := readOnce(t, file, workers).well(t)
					checkpoint := filepath.Join(dir, fmt.Sprint(workers))
					a := readNow(probe, asked{first, workers}, plugins, "--checkpoint", checkpoint).well(t)
					b := readNow(probe, asked{second, workers}, plugins, "--checkpoint", checkpoint, "--seed", "7").well(t)
					for _, name := range names {
						got, want := append(a.of(name), b.of(name)...), whole.of(name)
						if !bytes.Equal(got, want) {
							t.Errorf("workers %d: in two halves %s writes other records: %s", workers, name, firstDifference(got, want))
						}
					}
					if !bytes.Equal(b.state, whole.state) {
						t.Errorf("workers %d: two halves end with another state:\n%s\nwant\n%s", workers, b.state, whole.state)
					}
					records.Add(int64(bytes.Count(b.out, []byte("\n"))))
				}
				compared.Add(1)
			})
		}
	})
	if records.Load() < 100 || compared.Load() < 10 {
		t.Errorf("%d captures, %d records after a checkpoint: too little was compared", compared.Load(), records.Load())
	}
	t.Logf("%d captures, %d records after a checkpoint", compared.Load(), records.Load())
}

// of returns the records of one program. Those of several lie batch by batch, and the
// second half has others.
func (r reading) of(program string) (out []byte) {
	for text := range bytes.Lines(r.out) {
		if bytes.Contains(text, []byte(`"program":"`+program+`"`)) {
			out = append(out, text...)
		}
	}
	return out
}

// halve writes the packets of a capture to two, and reports whether there is a place for
// it: near the middle, and no later packet is older than the one before the place. Link
// types above 255 cannot be written.
func halve(t *testing.T, file, first, second string) bool {
	src, err := capture.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var frames []capture.Frame
	for {
		var f capture.Frame
		if err := src.Next(&f); err != nil {
			if len(capture.Damages(err)) > 0 {
				return false
			}
			break
		}
		if f.Link > 255 {
			return false
		}
		f.Data = bytes.Clone(f.Data)
		frames = append(frames, f)
	}
	at := len(frames) / 2
	for newest, i := packet.Time(0), 0; i < len(frames); i++ {
		if i >= at && frames[i].Time >= newest && isOldest(frames[i:]) {
			return i > 1 && writeFrames(t, first, frames[:i]) && writeFrames(t, second, frames[i:])
		}
		newest = max(newest, frames[i].Time)
	}
	return false
}

// isOldest reports whether the first packet is as old as any.
func isOldest(frames []capture.Frame) bool {
	for i := range frames {
		if frames[i].Time < frames[0].Time {
			return false
		}
	}
	return true
}

func writeFrames(t *testing.T, path string, frames []capture.Frame) bool {
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := capture.NewWriter(f, "")
	for i := range frames {
		if err := w.Write(&frames[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return true
}

// What a checkpoint says about is seen: this program counts what it has met.
const met = `program met
entity host: ip
metric sent { count dleft }
event x: packet where ip for host = ip.src
on x { set sent[host]  when sent == 3 { log "{host}" } }
`

// TestCheckpointIsUsed: without the checkpoint of the first half the second one reports
// otherwise, so that the test above means something.
func TestCheckpointIsUsed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "met.smon")
	if err := os.WriteFile(file, []byte(met), 0o600); err != nil {
		t.Fatal(err)
	}
	probe, plugins := bin(t, "smprobe"), []string{plugin(t, file)}
	first, second := filepath.Join(dir, "first.pcapng"), filepath.Join(dir, "second.pcapng")
	if !halve(t, "../testdata/pcap/p2p-gnutella.pcap", first, second) {
		t.Fatal("the capture cannot be halved")
	}
	readNow(probe, asked{first, 1}, plugins, "--checkpoint", filepath.Join(dir, "c")).well(t)
	with := readNow(probe, asked{second, 1}, plugins, "--checkpoint", filepath.Join(dir, "c")).well(t)
	without := readNow(probe, asked{second, 1}, plugins).well(t)
	if n, m := bytes.Count(with.out, []byte("\n")), bytes.Count(without.out, []byte("\n")); n >= m {
		t.Errorf("with the checkpoint %d records, without %d: %s", n, m, with.out)
	}
}
