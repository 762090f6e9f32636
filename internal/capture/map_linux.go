package capture

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapBytes maps the first size bytes of f, to be read from the front.
func mapBytes(f *os.File, size int) ([]byte, error) {
	b, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	if err == nil {
		_ = unix.Madvise(b, unix.MADV_SEQUENTIAL) // a hint: reading is right without
	}
	return b, err
}

func unmapBytes(b []byte) { _ = unix.Munmap(b) }

// forget lets the pages of part of a mapping go. They come back when looked at.
func forget(b []byte) { _ = unix.Madvise(b, unix.MADV_DONTNEED) }

// fileSize is asked for once a piece: unlike f.Stat it allocates nothing.
func fileSize(f *os.File) (int64, error) {
	var st unix.Stat_t
	err := unix.Fstat(int(f.Fd()), &st)
	return st.Size, err
}
