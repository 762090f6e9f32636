// Package image is the form in which a structure is written down, so that another
// process can make it again: an *image* is the bytes of one structure.
//
// It owns numbers and arrays of cells as bytes, little endian, and the bounds of
// reading them. What a structure writes is its own business, and so is whether what it
// reads can be: see program.Saver.
//
//	w.Int(c.end)
//	image.Put(w, c.lines)
//	…
//	c.end = r.Int()
//	image.Get(r, c.lines)
//	return r.End()
//
// Writing is done while no packet is worked on, so it is a copy of what is not zero and
// nothing else. Reading trusts nothing: it never panics and allocates nothing.
package image

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
)

// Errors of Reader.
var (
	ErrShort = errors.New("image: it ends too early")
	ErrLong  = errors.New("image: there is more than the structure takes")
	ErrWrong = errors.New("image: it has values that the structure cannot have")
)

// Form names the form in which a structure is written: its kind, the number of the form,
// raised with every change of what is written, and whatever sizes must agree.
func Form(kind string, number int, sizes ...int) string {
	b := append([]byte(kind), ' ')
	b = strconv.AppendInt(b, int64(number), 10)
	for _, n := range sizes {
		b = append(b, ' ')
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return string(b)
}

// Writer collects the bytes of an image. The zero Writer is empty. Its memory is used
// again after Reset.
type Writer struct{ b []byte }

// Reset empties w.
func (w *Writer) Reset() { w.b = w.b[:0] }

// Bytes returns what was written. It aliases w until Reset.
func (w *Writer) Bytes() []byte { return w.b }

// Uint writes n in eight bytes.
func (w *Writer) Uint(n uint64) { w.b = binary.LittleEndian.AppendUint64(w.b, n) }

// Int writes n in eight bytes.
func (w *Writer) Int(n int64) { w.Uint(uint64(n)) }

// Float writes x in eight bytes.
func (w *Writer) Float(x float64) { w.Uint(math.Float64bits(x)) }

// Bool writes b in eight bytes.
func (w *Writer) Bool(b bool) {
	n := uint64(0)
	if b {
		n = 1
	}
	w.Uint(n)
}

// Text writes a text after its length.
func (w *Writer) Text(s string) {
	w.Uint(uint64(len(s)))
	w.b = append(w.b, s...)
}

// Reader reads an image. After the first error every method returns zero; End says
// what it was.
type Reader struct {
	b   []byte
	err error
}

// NewReader returns a reader of b.
func NewReader(b []byte) *Reader { return &Reader{b: b} }

// End returns the first error, and ErrLong if something is left.
func (r *Reader) End() error {
	if r.err == nil && len(r.b) > 0 {
		r.fail(ErrLong)
	}
	return r.err
}

// Err returns the first error so far.
func (r *Reader) Err() error { return r.err }

// Refuse makes ErrWrong the error, unless ok holds or there is one already.
func (r *Reader) Refuse(ok bool) {
	if !ok {
		r.fail(ErrWrong)
	}
}

func (r *Reader) fail(err error) {
	if r.err == nil {
		r.err, r.b = err, nil
	}
}

// take returns the next n bytes, nil if there are not as many.
func (r *Reader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail(ErrShort)
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// Uint reads what Writer.Uint wrote.
func (r *Reader) Uint() uint64 {
	b := r.take(8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

// Int reads what Writer.Int wrote.
func (r *Reader) Int() int64 { return int64(r.Uint()) }

// Float reads what Writer.Float wrote.
func (r *Reader) Float() float64 { return math.Float64frombits(r.Uint()) }

// Bool reads what Writer.Bool wrote.
func (r *Reader) Bool() bool {
	n := r.Uint()
	r.Refuse(n <= 1)
	return n == 1
}

// Count reads a number from 0 to most.
func (r *Reader) Count(most int) int {
	n := r.Uint()
	if n > uint64(most) {
		r.fail(ErrWrong)
		return 0
	}
	return int(n)
}

// Text reads what Writer.Text wrote. It is a copy, as long as the image has bytes.
func (r *Reader) Text() string { return string(r.take(r.Uint())) }
