package bench

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"

	"github.com/streamon/streamon/internal/capture"
)

// source yields a load as a capture file would, from memory.
type source struct {
	l    *Load
	next int // frame
	from int // where it begins
}

// Source returns a source of l's packets. Its frames are parts of l.
func (l *Load) Source() capture.Source { return &source{l: l} }

func (s *source) Next(f *capture.Frame) error {
	l, i := s.l, s.next
	if i == len(l.ends) {
		return io.EOF
	}
	end := l.ends[i]
	f.Time, f.Data, f.WireLen, f.Link, f.Iface = l.times[i], l.data[s.from:end:end], l.wire[i], l.Link, 0
	s.next, s.from = i+1, end
	return nil
}

func (s *source) Close() error { return nil }
func (s *source) Lasts() bool  { return true }
func (s *source) Name() string { return s.l.Name }

// WritePcap writes the first n packets as a classic pcap file: what was captured of
// them, or in full length with zeros for what was cut off.
func (l *Load) WritePcap(w io.Writer, n int, full bool) error {
	var head [24]byte
	le := binary.LittleEndian
	le.PutUint32(head[0:], 0xa1b23c4d) // nanoseconds
	le.PutUint16(head[4:], 2)
	le.PutUint16(head[6:], 4)
	le.PutUint32(head[16:], 262144)
	le.PutUint32(head[20:], uint32(l.Link))
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	var record []byte
	for i := range min(n, l.Packets()) {
		data := l.frame(i)
		length := len(data)
		if full {
			length = max(int(l.wire[i]), length)
		}
		record = append(record[:0], make([]byte, 16+length)...)
		le.PutUint32(record[0:], uint32(l.times[i]/1e9))
		le.PutUint32(record[4:], uint32(l.times[i]%1e9))
		le.PutUint32(record[8:], uint32(length))
		le.PutUint32(record[12:], max(l.wire[i], uint32(length)))
		copy(record[16:], data)
		if _, err := w.Write(record); err != nil {
			return err
		}
	}
	return nil
}

// writeFile makes a capture file of the first n packets.
func (l *Load) writeFile(path string, n int, full bool) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	if err := l.WritePcap(w, n, full); err != nil {
		f.Close()
		return err
	}
	if err := w.Flush(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
