package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/packet"
)

// packets makes the packets of a capture.
type packets func(t *testing.T) []testkit.Frame

// paced is a capture as it was recorded.
func paced(name string) packets {
	return func(t *testing.T) []testkit.Frame { return testkit.Prototype(t, name) }
}

// fast is a capture within one second, in order: the prototype reads a file as fast as
// it can.
func fast(name string) packets {
	return func(t *testing.T) []testkit.Frame {
		list := testkit.Prototype(t, name)
		start := list[0].Time / 1e9 * 1e9
		for i := range list {
			list[i].Time = start + packet.Time(i)*1e5
		}
		return list
	}
}

// outlived is a capture, moved in time, that the clock outlives by a minute: a packet
// follows that no program looks at.
func outlived(name string, by time.Duration) packets {
	return func(t *testing.T) []testkit.Frame {
		list := testkit.Prototype(t, name)
		end, err := testkit.ParsePackets("at 0s arp 02:00:00:00:00:01 10.0.0.1 > 10.0.0.9")
		if err != nil {
			t.Fatal(err)
		}
		end[0].Time = list[len(list)-1].Time + 60e9
		list = append(list, end[0])
		for i := range list {
			list[i].Time += packet.Time(by)
		}
		return list
	}
}

// late is a capture as a clock sees it whose seconds are longer by that much.
func late(name string, by time.Duration) packets {
	return func(t *testing.T) []testkit.Frame {
		list := testkit.Prototype(t, name)
		start := list[0].Time
		for i := range list {
			list[i].Time = start + packet.Time(float64(list[i].Time-start)/(1+by.Seconds()))
		}
		return list
	}
}

// writeCapture writes packets to a file below dir and returns its path.
func writeCapture(t *testing.T, dir, name string, list []testkit.Frame) string {
	t.Helper()
	path := filepath.Join(dir, name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := capture.NewWriter(f, "made by a test")
	for _, one := range list {
		if err := w.Write(&capture.Frame{Time: one.Time, Data: one.Data, WireLen: uint32(one.Len), Link: packet.LinkEthernet}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return path
}
