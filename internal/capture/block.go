package capture

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
)

// How files are read. A piece of the file is read into a block, frames and runs point into that,
// and when nobody does any more it takes another piece: so it stays in the cache, and is memory
// that the processor knows its way to. To map the file instead saves that copy, but each page that
// is looked at for the first time is asked of the kernel and, in a virtual machine inside another,
// of the host: 1.5 µs for 4 KiB were measured. See doc/note/performance.md. And a file that is
// cut off while it is read is nothing but shorter; to look at a page that is no longer there ends
// a process.

// pieceBytes is how much is read at a time: few enough to be in the second-level cache when
// its turn comes. A variable for tests.
var pieceBytes = 128 << 10

// headBytes is room before that, for what is left of the block before. What is longer takes a
// block of its own.
const headBytes = 64 << 10

var errShrunk = errors.New("the file became shorter while it was read")

// A block is memory that part of a stream was read into. It belongs to whoever has the source,
// but for what ahead guards.
type block struct {
	buf   []byte
	users int // the window that shows it, or whose frames are kept, and runs

	ahead sync.Mutex
	from  io.Reader // from which it is to be read ahead of its turn; nil = it is not, or was
	n     int       // bytes that were
	err   error     // which ended them
}

// fetch reads what is to be read ahead, unless it was; it waits for who is at it.
func (b *block) fetch() {
	b.ahead.Lock()
	defer b.ahead.Unlock()
	if b.from == nil {
		return
	}
	b.n, b.err = readFull(b.from, b.buf[headBytes:])
	b.from = nil
}

// readFull reads until b is full. Unlike io.ReadFull it returns the error as it came.
func readFull(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var k int
		k, err = r.Read(b[n:])
		n += k
	}
	return n, err
}

// A shelf is the blocks of a Batcher. Whoever has the source uses it, but for next and isAhead.
type shelf struct {
	size    int // of a block, without its head
	free    []*block
	next    atomic.Pointer[block] // to be read ahead, unless somebody is at it
	isAhead atomic.Bool           // somebody reads ahead
}

func newShelf() *shelf { return &shelf{size: pieceBytes} }

// take returns a block with one user.
func (s *shelf) take() (b *block) {
	if last := len(s.free) - 1; last >= 0 {
		b, s.free = s.free[last], s.free[:last]
	} else {
		b = &block{buf: make([]byte, headBytes+s.size)}
	}
	b.users = 1
	return b
}

// drop takes one user from a block.
func (s *shelf) drop(b *block) {
	if b.users--; b.users == 0 && s.fits(b) {
		s.free = append(s.free, b)
	}
}

// fits reports whether a block is worth keeping: not one that was made for an odd record.
func (s *shelf) fits(b *block) bool { return len(b.buf) == headBytes+s.size }

// order has the next block of r read ahead, if anybody does that.
func (s *shelf) order(r io.Reader) *block {
	if !s.isAhead.Load() {
		return nil
	}
	b := s.take()
	b.ahead.Lock()
	b.from, b.n, b.err = r, 0, nil
	b.ahead.Unlock()
	s.next.Store(b)
	return b
}

// readAhead reads what is to be read ahead, if nobody is at it.
func (s *shelf) readAhead() {
	if !s.isAhead.Load() {
		s.isAhead.Store(true)
	}
	if s.next.Load() == nil {
		return
	}
	if b := s.next.Swap(nil); b != nil {
		b.fetch()
	}
}
