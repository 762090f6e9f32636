package zmq

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
)

// EndpointError says that the text of an endpoint is wrong.
type EndpointError struct {
	Endpoint string
	Reason   string
}

func (e *EndpointError) Error() string { return fmt.Sprintf("endpoint %q: %s", e.Endpoint, e.Reason) }

// EndpointHint shows how an endpoint is written.
const EndpointHint = "write tcp://ADDRESS:PORT, or * for all addresses, as in tcp://*:5560"

// Check returns the *EndpointError of a text that is no endpoint, or nil.
func Check(endpoint string) error {
	_, err := parse(endpoint)
	return err
}

// parse returns the address for net.Listen: "tcp://*:5560" listens on all addresses,
// "*" for a port takes a free one, as in libzmq.
func parse(endpoint string) (address string, err error) {
	bad := func(format string, args ...any) (string, error) {
		return "", &EndpointError{endpoint, fmt.Sprintf(format, args...)}
	}
	protocol, rest, ok := strings.Cut(endpoint, "://")
	switch {
	case !ok:
		return bad("a protocol is missing")
	case protocol != "tcp":
		return bad("protocol %q is not supported, expected tcp", protocol)
	}
	host, port, err := net.SplitHostPort(rest)
	if err != nil {
		return bad("expected an address and a port")
	}
	switch {
	case host == "":
		return bad("an address is missing")
	case host == "*":
		host = ""
	case net.ParseIP(host) == nil && host != "localhost":
		return bad("%q is no address", host)
	}
	if port == "*" {
		return net.JoinHostPort(host, "0"), nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return bad("%q is no port", port)
	}
	return net.JoinHostPort(host, port), nil
}

// listenError says in short why an endpoint cannot be listened on.
func listenError(endpoint string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("publishing on %s: the port is in use", endpoint)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("publishing on %s: this machine does not have the address", endpoint)
	}
	var sys syscall.Errno
	if errors.As(err, &sys) {
		err = sys
	}
	return fmt.Errorf("publishing on %s: %w", endpoint, err)
}
