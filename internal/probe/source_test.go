package probe

import (
	"io"
	"sync/atomic"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
)

// frames is a source of made-up packets: n of them, or without end until stop.
// Packet i comes from 10.0.0.(i mod 7), one millisecond after the one before.
type frames struct {
	n    int
	i    int
	stop atomic.Bool
	seen atomic.Int64 // packets handed out
	end  error        // instead of io.EOF
	buf  [64]byte
}

func (s *frames) Name() string { return "frames" }
func (s *frames) Close() error { return nil }

func (s *frames) Next(f *capture.Frame) error {
	if s.stop.Load() || s.n > 0 && s.i == s.n {
		if s.end != nil {
			return s.end
		}
		return io.EOF
	}
	*f = capture.Frame{
		Time: packet.Time(int64(s.i) * 1e6), Data: frame(s.buf[:0], s.i), WireLen: 60, Link: packet.LinkEthernet,
	}
	s.i++
	s.seen.Add(1)
	return nil
}

// frame builds packet i: UDP to port 53 if i is even, TCP SYN to port 445 if odd.
func frame(b []byte, i int) []byte {
	b = append(b, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0)
	proto, rest := byte(17), []byte{0x10, 0, 0, 53, 0, 8, 0, 0}
	if i%2 == 1 {
		proto, rest = 6, []byte{0x10, 0, 0x01, 0xbd, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0}
	}
	b = append(b, 0x45, 0, 0, byte(20+len(rest)), 0, 0, 0, 0, 64, proto, 0, 0, 10, 0, 0, byte(i%7), 192, 0, 2, 1)
	return append(b, rest...)
}
