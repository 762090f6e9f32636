//go:build !unix

package web

import "net"

// listenPrivate leaves permissions to the directory.
func listenPrivate(path string) (net.Listener, error) { return net.Listen("unix", path) }
