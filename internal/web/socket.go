package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
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
		if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
			c.Close()
			return nil, fmt.Errorf("%s: another probe listens there", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	return listenPrivate(path)
}

// Serve answers requests on l until ctx is done, and returns when no handler runs
// any more. It closes l, which removes the socket.
func Serve(ctx context.Context, l net.Listener, p Probe) error {
	// Requests outlive ctx by what Shutdown grants, so that a client gets its answer.
	return serve(ctx, l, &http.Server{Handler: Handler(p), ReadHeaderTimeout: 10 * time.Second})
}

func serve(ctx context.Context, l net.Listener, s *http.Server) error {
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := s.Shutdown(grace)
	<-done
	return err
}
