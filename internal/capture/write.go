package capture

import (
	"io"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/streamon/streamon/runtime/packet"
)

// Writer writes packets to a pcapng file, with nanosecond times and one interface
// per link type. It is how the packets of a capture action are kept. One
// goroutine uses it.
type Writer struct {
	w      io.Writer
	opt    pcapgo.NgWriterOptions
	ng     *pcapgo.NgWriter // nil before the first packet
	ifaces map[packet.LinkType]int
}

// NewWriter returns a Writer to w, with comment in the section header. It writes
// nothing yet: the first packet decides the first interface.
func NewWriter(w io.Writer, comment string) *Writer {
	return &Writer{
		w: w,
		opt: pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{
			Application: "streamon", Comment: comment,
		}},
		ifaces: make(map[packet.LinkType]int),
	}
}

// Write appends one packet. f.Data is not kept.
func (w *Writer) Write(f *Frame) error {
	id, err := w.iface(f.Link)
	if err != nil {
		return err
	}
	return w.ng.WritePacket(gopacket.CaptureInfo{
		Timestamp:      time.Unix(0, int64(f.Time)),
		CaptureLength:  len(f.Data),
		Length:         max(int(f.WireLen), len(f.Data)),
		InterfaceIndex: id,
	}, f.Data)
}

// iface returns the interface for a link type; it describes a new one first.
func (w *Writer) iface(l packet.LinkType) (int, error) {
	if id, ok := w.ifaces[l]; ok {
		return id, nil
	}
	in := pcapgo.NgInterface{LinkType: layers.LinkType(l)}
	id, err := 0, error(nil)
	if w.ng == nil {
		w.ng, err = pcapgo.NewNgWriterInterface(w.w, in, w.opt)
	} else {
		id, err = w.ng.AddInterface(in)
	}
	if err != nil {
		return 0, err
	}
	w.ifaces[l] = id
	return id, nil
}

// Flush hands everything written so far to the underlying writer. A file
// without packets becomes a valid, empty capture.
func (w *Writer) Flush() error {
	if w.ng == nil {
		if _, err := w.iface(1); err != nil {
			return err
		}
	}
	return w.ng.Flush()
}
