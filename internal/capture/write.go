package capture

import (
	"bufio"
	"encoding/binary"
	"io"

	"github.com/streamon/streamon/runtime/packet"
)

// Writer writes packets to a pcapng file, little endian, with nanosecond times and one
// interface per link type. It is how the packets of a capture action are kept. One
// goroutine uses it.
//
// pcapgo.NgWriter is no use for that: it has link types of 8 bits, and Linux cooked
// packets of version 2 have number 276.
type Writer struct {
	w       *bufio.Writer
	comment string
	ifaces  map[packet.LinkType]uint32
	begun   bool // the section header is written
	block   []byte
}

// Options of section headers.
const (
	optComment     = 1
	optApplication = 4
)

// maxCommentBytes bounds a comment: the length of an option has 16 bits.
const maxCommentBytes = 1<<16 - 1

// NewWriter returns a Writer to w, with comment in the section header, of which
// the first 65535 bytes are kept. It writes nothing yet: the first packet decides the
// first interface.
func NewWriter(w io.Writer, comment string) *Writer {
	return &Writer{w: bufio.NewWriter(w), comment: comment, ifaces: make(map[packet.LinkType]uint32)}
}

// Write appends one packet, of which it keeps as many bytes as readers believe. f.Data
// is not kept.
func (w *Writer) Write(f *Frame) error {
	data := f.Data[:min(len(f.Data), maxPacketBytes)]
	id, err := w.iface(f.Link)
	if err != nil {
		return err
	}
	w.begin(blockEnhanced)
	w.u32(id)
	w.u32(uint32(uint64(f.Time) >> 32))
	w.u32(uint32(f.Time))
	w.u32(uint32(len(data)))
	w.u32(max(f.WireLen, uint32(len(f.Data))))
	w.block = append(w.block, data...)
	return w.end()
}

// iface returns the interface for a link type; it describes a new one first, and
// before the first one the section.
func (w *Writer) iface(l packet.LinkType) (id uint32, err error) {
	if id, ok := w.ifaces[l]; ok {
		return id, nil
	}
	if !w.begun {
		if err := w.section(); err != nil {
			return 0, err
		}
		w.begun = true
	}
	w.begin(blockInterface)
	w.u16(uint16(l))
	w.u16(0)
	w.u32(0) // packets of any length
	w.option(optTSResol, "\x09")
	w.option(optEnd, "")
	if err := w.end(); err != nil {
		return 0, err
	}
	id = uint32(len(w.ifaces))
	w.ifaces[l] = id
	return id, nil
}

// section writes the section header.
func (w *Writer) section() error {
	w.begin(blockSection)
	w.u32(byteOrderMagic)
	w.u16(1)
	w.u16(0)
	w.block = append(w.block, "\xff\xff\xff\xff\xff\xff\xff\xff"...) // until the end of the file
	w.option(optApplication, "streamon")
	if w.comment != "" {
		w.option(optComment, w.comment[:min(len(w.comment), maxCommentBytes)])
	}
	w.option(optEnd, "")
	return w.end()
}

// begin begins a block, whose length end knows.
func (w *Writer) begin(kind uint32) {
	w.block = w.block[:0]
	w.u32(kind)
	w.u32(0)
}

// end writes the block, filled up to whole words.
func (w *Writer) end() error {
	w.pad()
	n := uint32(len(w.block) + 4)
	binary.LittleEndian.PutUint32(w.block[4:], n)
	w.u32(n)
	_, err := w.w.Write(w.block)
	return err
}

func (w *Writer) u16(n uint16) { w.block = binary.LittleEndian.AppendUint16(w.block, n) }

func (w *Writer) u32(n uint32) { w.block = binary.LittleEndian.AppendUint32(w.block, n) }

func (w *Writer) option(code uint16, value string) {
	w.u16(code)
	w.u16(uint16(len(value)))
	w.block = append(w.block, value...)
	w.pad()
}

func (w *Writer) pad() {
	for len(w.block)%4 != 0 {
		w.block = append(w.block, 0)
	}
}

// Flush hands everything written so far to the underlying writer. A file
// without packets becomes a valid, empty capture.
func (w *Writer) Flush() error {
	if !w.begun {
		if _, err := w.iface(packet.LinkEthernet); err != nil {
			return err
		}
	}
	return w.w.Flush()
}
