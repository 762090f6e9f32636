package packet

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"
)

// bothWays decodes a frame by Decode and by general into packets that hold the same
// stale values, and wants them equal in every field, written or not. It reports
// whether the frame is of the kind that the short way is for.
func bothWays(t *testing.T, d *Decoder, link LinkType, data []byte, wire uint32) (common bool) {
	t.Helper()
	a, b := *staleOnce, *staleOnce
	d.Decode(&a, link, data, wire, 5)
	d.general(&b, link, data, wire, 5)
	if !reflect.DeepEqual(&a, &b) {
		t.Fatalf("link %v, %d bytes of %d, applications %v: % x\nDecode  %+v\ngeneral %+v", link, len(data), wire, d.App, data, a, b)
	}
	// Both slices are parts of data: equal capacity is equal place.
	if cap(a.Data) != cap(b.Data) || cap(a.Payload) != cap(b.Payload) || (a.Payload == nil) != (b.Payload == nil) {
		t.Fatalf("% x: payloads lie %d and %d bytes before the end", data, cap(a.Payload), cap(b.Payload))
	}
	return a.Problem == None && a.Has&Eth != 0 && a.Has&(TCP|UDP) != 0 && a.Has&(VLAN|Fragment|IP6) == 0
}

var staleOnce = stale()

// everyFile is the captures that are bundled, and those beside the project if they are there.
func everyFile(t *testing.T) []string {
	files := bundledFiles(t)
	if _, err := os.Stat(tracesDir); err == nil {
		files = append(files, traceFiles(t)...)
	}
	return files
}

// TestShortWay compares both ways of decoding over all captures there are, each frame
// also cut off behind its headers in two manners, and over sample frames of which
// every header byte has taken every value.
func TestShortWay(t *testing.T) {
	decoders := []*Decoder{{}, {App: AppLayers}}
	files := everyFile(t)
	frames, common := 0, 0
	for _, file := range files {
		n := 0
		_ = readTrace(file, func(f traceFrame) { // what is wrong with a file is TestTruth's
			if n++; n > 2000 {
				return
			}
			for _, d := range decoders {
				frames++
				if bothWays(t, d, f.link, f.data, f.wire) {
					common++
				}
			}
			if n > 20 {
				return
			}
			for cut := 14; cut < min(len(f.data), 120); cut++ {
				bothWays(t, decoders[1], f.link, f.data[:cut], f.wire)
				bothWays(t, decoders[1], f.link, f.data[:cut], uint32(cut))
			}
		})
	}
	t.Logf("%d files, %d frames, %d of them TCP or UDP over IPv4 in Ethernet", len(files), frames, common)
	if common < frames/10 {
		t.Errorf("%d of %d frames are TCP or UDP over IPv4 in Ethernet: too few for a comparison", common, frames)
	}
	for _, name := range slices.Sorted(maps.Keys(sampleFrames(t))) {
		frame := sampleFrames(t)[name]
		for at := 12; at < 58; at++ {
			old := frame[at]
			for v := range 256 {
				frame[at] = byte(v)
				bothWays(t, decoders[v&1], LinkEthernet, frame, uint32(len(frame)))
			}
			frame[at] = old
		}
	}
}

// FuzzShortWay makes TCP and UDP headers of its bytes: by chance alone few frames
// have what the short way wants.
func FuzzShortWay(f *testing.F) {
	for _, data := range sampleFrames(f) {
		f.Add(data, uint16(len(data)), uint16(0), true)
		f.Add(data, uint16(0), uint16(40), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, wire, total uint16, tcp bool) {
		if len(data) >= fastBytes {
			data = slices.Clone(data)
			copy(data[12:], []byte{8, 0, 0x45})
			data[16], data[17] = byte(total>>8), byte(total)
			data[20], data[21] = data[20]&0x40, 0
			if data[23] = protoUDP; tcp {
				data[23] = protoTCP
			}
		}
		bothWays(t, &Decoder{}, LinkEthernet, data, uint32(wire))
		bothWays(t, &Decoder{App: AppLayers}, LinkEthernet, data, uint32(wire))
	})
}
