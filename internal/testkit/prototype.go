package testkit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/streamon/streamon/internal/capture"
)

// Prototype returns the packets of a capture that the prototype of the paper's authors
// was run on: device_scan, dos and port_scan, which it ships with, or nxd, synscan and
// ddos_new, which were made for it and are made again here from what is known of them.
func Prototype(t testing.TB, name string) []Frame {
	t.Helper()
	switch name {
	case "nxd":
		return nxd(t)
	case "synscan":
		return synscan(t)
	case "ddos_new":
		return ddosNew(t)
	}
	return shipped(t, name)
}

// shipped reads a capture from testdata/pcap of the checkout.
func shipped(t testing.TB, name string) (out []Frame) {
	t.Helper()
	root, err := checkout()
	if err != nil {
		t.Fatal(err)
	}
	src, err := capture.Open(filepath.Join(root, "testdata", "pcap", name+"-dstreamon.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for {
		var f capture.Frame
		err := src.Next(&f)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Frame{Time: f.Time, Data: bytes.Clone(f.Data), Len: int(f.WireLen)})
	}
}

// nxd is 53 answers to one client: 40 names that do not exist, and 13 others in
// between. The seed says where, and the names.
func nxd(t testing.TB) []Frame {
	r := rand.New(rand.NewPCG(53, 40))
	isFound := map[int]bool{}
	for _, i := range r.Perm(53)[:13] {
		isFound[i] = true
	}
	var out []Frame
	for i := range 53 {
		answer := fmt.Sprintf("h%x.example nxdomain", r.Uint32())
		if isFound[i] {
			answer = fmt.Sprintf("h%x.example 192.0.2.%d", r.Uint32(), 1+r.IntN(254))
		}
		out = append(out, frames(t, "at %dms dns 10.0.0.53:53 > 10.0.0.1:%d answer %s", 100*i, 1024+r.IntN(60000), answer)...)
	}
	return out
}

// synscan is a SYN to another port every 0.2 s, 32 in all.
func synscan(t testing.TB) []Frame {
	return frames(t, "at 0s tcp 10.0.0.9:40000 > 10.0.0.1:{1..32} syn every 200ms")
}

// ddosNew is 638 SYNs to one server, each from a source that was not there before, at
// 2, 4, 8, 16 and 32 a second. The seed draws the sources. When the rate
// changed is not reported; here it does so that as many packets lie between the times
// that are reported as there were messages, at nearly the rates that are.
func ddosNew(t testing.TB) []Frame {
	r := rand.New(rand.NewPCG(638, 32))
	taken := map[uint32]bool{}
	var out []Frame
	at := 0.0
	for _, phase := range []struct{ rate, n int }{{2, 6}, {4, 38}, {8, 71}, {16, 164}, {32, 359}} {
		for range phase.n {
			src := r.Uint32N(1 << 17) // 198.18.0.0/15
			for taken[src] {
				src = r.Uint32N(1 << 17)
			}
			taken[src] = true
			out = append(out, frames(t, "at %.6fs tcp 198.%d.%d.%d:%d > 10.0.0.1:80 syn", at, 18+src>>16, src>>8&255, src&255, 1024+r.IntN(60000))...)
			at += 1 / float64(phase.rate)
		}
	}
	return out
}

func frames(t testing.TB, format string, args ...any) []Frame {
	t.Helper()
	out, err := ParsePackets(fmt.Sprintf(format, args...))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
