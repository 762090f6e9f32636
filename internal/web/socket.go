package web

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"
)

// maxSocketPath is what the system takes (unix(7)), less the final zero.
const maxSocketPath = 107

// Listen opens the control socket at path, for the present user only. A socket
// that a dead probe left behind is replaced; anything else is left alone.
func Listen(path string) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("%s: has %d bytes, the path of a socket has %d at most", path, len(path), maxSocketPath)
	}
	st, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case st.Mode()&fs.ModeSocket == 0:
		return nil, fmt.Errorf("%s: exists and is not a socket", path)
	default:
		c, err := net.DialTimeout("unix", path, time.Second)
		if err == nil {
			c.Close()
			return nil, fmt.Errorf("%s: another probe listens there", path)
		}
		if !errors.Is(err, syscall.ECONNREFUSED) { // one that is stuck, or is not ours
			return nil, fmt.Errorf("%s: another process may listen there: %w", path, err)
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	return listenPrivate(path)
}
