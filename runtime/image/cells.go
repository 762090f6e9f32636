package image

import "encoding/binary"

// Structures are mostly sized for a worst case that does not come, so most of their cells
// are zero. An array of cells is written as runs of *blocks*, of 64 bytes each and a rest:
//
//	blocks that are zero   uvarint
//	blocks that are not    uvarint, then their bytes
//
// and so on until every block was in a run. The bytes are those in memory: which is why
// the form of a structure names the size of its cells, and an image is for one
// architecture.

const (
	blockBytes = 64
	// runBytes ends a run that is not zero, so that it is copied while it is in the cache.
	runBytes = 16 << 10
)

// Put writes cells, which must have neither pointers nor an address in them.
func Put[T any](w *Writer, cells []T) { w.blocks(bytesOf(cells)) }

// Get reads what Put wrote of as many cells. They must be zero before; if it fails
// they hold some of it.
func Get[T any](r *Reader, cells []T) { r.blocks(bytesOf(cells)) }

func (w *Writer) blocks(b []byte) {
	for len(b) > 0 {
		zero := 0
		for zero < len(b) && isZero(b[zero:]) {
			zero += blockBytes
		}
		zero = min(zero, len(b))
		w.b = binary.AppendUvarint(w.b, blocks(zero))
		b = b[zero:]
		n := 0
		for n < min(len(b), runBytes) && !isZero(b[n:]) {
			n += blockBytes
		}
		n = min(n, len(b))
		w.b = binary.AppendUvarint(w.b, blocks(n))
		w.b = append(w.b, b[:n]...)
		b = b[n:]
	}
}

func (r *Reader) blocks(b []byte) {
	for len(b) > 0 {
		zero, n := r.uvarint(), r.uvarint()
		if all := blocks(len(b)); r.err == nil && (zero > all || n > all-zero || zero+n == 0) {
			r.fail(ErrWrong)
		}
		if r.err != nil {
			return
		}
		b = b[min(int(zero)*blockBytes, len(b)):]
		size := min(int(n)*blockBytes, len(b))
		copy(b, r.take(uint64(size)))
		b = b[size:]
	}
}

// blocks is the number of blocks of n bytes, one of them perhaps not whole.
func blocks(n int) uint64 { return uint64(n+blockBytes-1) / blockBytes }

// isZero reports whether the first block of b is zero.
func isZero(b []byte) bool {
	if len(b) >= blockBytes {
		return isZeroBlock((*[blockBytes]byte)(b))
	}
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

func isZeroBlock(b *[blockBytes]byte) bool {
	return binary.LittleEndian.Uint64(b[0:])|binary.LittleEndian.Uint64(b[8:])|
		binary.LittleEndian.Uint64(b[16:])|binary.LittleEndian.Uint64(b[24:])|
		binary.LittleEndian.Uint64(b[32:])|binary.LittleEndian.Uint64(b[40:])|
		binary.LittleEndian.Uint64(b[48:])|binary.LittleEndian.Uint64(b[56:]) == 0
}

func (r *Reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.fail(ErrShort)
		return 0
	}
	r.b = r.b[size:]
	return n
}
