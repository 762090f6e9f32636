package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/checkpoint"
	"github.com/streamon/streamon/internal/testkit"
)

// tally says of every packet to port 9 the how-manieth of its host it is. The others fill
// a structure of megabytes, so that a checkpoint is not written in no time.
const tally = `program tally "counts the packets of each host"
entity host: ip
metric sent { count dleft }
metric ballast { count tbf(window: 10m, capacity: 200000) }
event packet: packet where udp.dstport == 9 for host = ip.src
event fill: packet where udp.dstport == 7 for host = ip.src
on packet { set sent[host]  log "{sent}" }
on fill { set ballast[ip.src, ip.dst, udp.srcport] }
`

const (
	tallyHosts = 16
	tallyStep  = 100 * time.Microsecond // between two packets
)

// tallied is packet i of the stream that tally counts.
func tallied(i int) capture.Frame {
	f := frame(time.Duration(i)*tallyStep, byte(i%tallyHosts), 1)
	binary.BigEndian.PutUint16(f.Data[36:], 9)
	return f
}

// ballast are the packets before the first one of the stream.
func ballast() (frames []capture.Frame) {
	for i := range 150_000 {
		f := frame(-time.Second+time.Duration(i), byte(i>>16), byte(i>>8))
		binary.BigEndian.PutUint16(f.Data[34:], uint16(i))
		binary.BigEndian.PutUint16(f.Data[36:], 7)
		frames = append(frames, f)
	}
	return frames
}

// position returns how many packets of the stream are in a checkpoint.
func position(t *testing.T, path string) int {
	t.Helper()
	f, err := checkpoint.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	if err != nil {
		t.Fatalf("what a killed probe left: %v", err)
	}
	if len(f.Programs) != 1 {
		t.Fatalf("a checkpoint of %d programs", len(f.Programs))
	}
	core, ok := f.Programs[0].Core()
	if !ok {
		t.Fatal("a checkpoint without a clock")
	}
	if !core.Started {
		return 0
	}
	zero := tallied(0)
	return max(0, int((time.Duration(core.Now)-time.Duration(zero.Time))/tallyStep)+1)
}

// victim is a probe that is to be killed.
type victim struct {
	t        *testing.T
	cmd      *exec.Cmd
	w        *capture.Writer
	out, err testkit.Buffer
	fed      chan struct{} // closed when feeding has ended
}

// victimize starts a probe over the stream from packet first on, at a pace, as if from an
// interface.
func victimize(t *testing.T, dir, so string, first int, args ...string) *victim {
	t.Helper()
	v := &victim{t: t, fed: make(chan struct{})}
	v.cmd = cli(t).Command(dir, "smprobe", append([]string{"run", "-r", "-", "-p", so, "--checkpoint", "state", "--checkpoint-every", "10ms"}, args...)...)
	v.cmd.Stdout, v.cmd.Stderr = &v.out, &v.err
	stdin, err := v.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	v.w = capture.NewWriter(stdin, "")
	go func() {
		defer close(v.fed)
		for i := first; ; i++ {
			f := tallied(i)
			if v.w.Write(&f) != nil {
				return
			}
			if i%20 == 0 {
				if v.w.Flush() != nil { // nobody reads any more
					return
				}
				time.Sleep(time.Millisecond)
			}
		}
	}()
	return v
}

// kill ends the probe as a power cut would, and waits.
func (v *victim) kill() {
	v.cmd.Process.Kill()
	v.cmd.Wait()
	<-v.fed
}

// check holds every record of a probe against the stream, and returns how many there are.
// The first one is about packet first.
func (v *victim) check(first int) (n int) {
	v.t.Helper()
	zero := time.Unix(0, int64(tallied(0).Time)).UTC()
	for text := range strings.Lines(v.out.String()) {
		if !strings.HasSuffix(text, "\n") {
			break // cut by the kill
		}
		r := decode[struct {
			Time    time.Time
			Entity  struct{ Host string }
			Message string
		}](v.t, text)
		i := int(r.Time.Sub(zero) / tallyStep)
		if i != first+n || r.Entity.Host != fmt.Sprintf("10.0.0.%d", i%tallyHosts) || r.Message != fmt.Sprint(i/tallyHosts+1) {
			v.t.Fatalf("record %d after a start at packet %d is about packet %d, %s: it is number %s of the host, want %d\n%s",
				n, first, i, r.Entity.Host, r.Message, i/tallyHosts+1, v.err.String())
		}
		n++
	}
	return n
}

// TestKill kills a probe fifty times, at random moments and while it writes a checkpoint.
// Each time the next one begins with the last whole state: what it counts goes on from
// there, nothing is lost that was on disk, and nothing counts twice.
func TestKill(t *testing.T) {
	so := plugin(t, tally)
	for _, workers := range []string{"1", "2"} {
		t.Run("workers="+workers, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "state")
			part := path + ".part"
			rng := rand.New(rand.NewPCG(1, 2))
			begin := start(t, "-p", so, "--checkpoint", path, "--workers", workers)
			if err := begin.write(ballast()...); err != nil {
				t.Fatal(err)
			}
			if code, _ := begin.end(); code != 0 || position(t, path) != 0 {
				t.Fatalf("exit %d, %s", code, begin.err.String())
			}
			at, partial, torn, moved, records := 0, 0, 0, 0, 0
			for round := range 50 {
				os.Remove(part)
				v := victimize(t, dir, so, at, "--workers", workers, "--seed", fmt.Sprint(rng.Uint32()))
				if round%2 == 0 {
					time.Sleep(time.Duration(rng.IntN(400)) * time.Millisecond)
				} else {
					// Not the first one, so that the state moves on.
					for range 2 + rng.IntN(2) {
						v.await("a checkpoint is renamed", func() bool { return !exists(part) })
						v.await("a checkpoint is begun", func() bool { return exists(part) })
					}
					time.Sleep(time.Duration(rng.IntN(3000)) * time.Microsecond)
				}
				before := position(t, path)
				v.kill()
				records += v.check(at)
				if exists(part) {
					partial++
					if _, err := checkpoint.Read(part); err != nil {
						torn++
					}
				}
				now := position(t, path)
				if now < before || before < at {
					t.Fatalf("round %d: the state had %d packets at the start, %d before the kill, %d after it", round, at, before, now)
				}
				if now > at {
					moved++
				}
				at = now
			}
			t.Logf("%d kills while a checkpoint was written, %d of them left it incomplete; %d moved the state on, to packet %d; %d records", partial, torn, moved, at, records)
			if partial < 10 || torn == 0 || moved < 20 || records == 0 {
				t.Error("too little was tried")
			}
			v := victimize(t, dir, so, at, "--workers", workers)
			v.await("it goes on", func() bool { return strings.Contains(v.out.String(), "\n") })
			v.kill()
			if v.check(at) == 0 {
				t.Errorf("the last one counted nothing\n%s", v.err.String())
			}
			if want := "checkpoint state of "; !strings.Contains(v.err.String(), want) || !strings.Contains(v.err.String(), "tally goes on after ") {
				t.Errorf("standard error %q, want %q", v.err.String(), want)
			}
		})
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// await waits for what the probe does.
func (v *victim) await(what string, ok func() bool) {
	v.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(deadline) {
			v.kill()
			v.t.Fatalf("waited in vain until %s; standard error:\n%s", what, v.err.String())
		}
	}
}
