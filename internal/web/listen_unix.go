//go:build unix

package web

import (
	"net"
	"syscall"
)

// listenPrivate creates the socket with mode 0600: nobody else can connect, not
// even before a chmod would have run. The mask is the process's, so it is changed
// for the moment of the call only, before the probe has other work.
func listenPrivate(path string) (net.Listener, error) {
	old := syscall.Umask(0o177)
	defer syscall.Umask(old)
	return net.Listen("unix", path)
}
