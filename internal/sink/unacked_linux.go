package sink

import (
	"crypto/tls"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// unacknowledged returns how many bytes were written to a TCP connection and not yet
// acknowledged by the peer (tcp(7), SIOCOUTQ).
func unacknowledged(conn net.Conn) (n int, ok bool) {
	if t, is := conn.(*tls.Conn); is {
		conn = t.NetConn()
	}
	sc, is := conn.(syscall.Conn)
	if !is {
		return 0, false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0, false
	}
	raw.Control(func(fd uintptr) { n, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) })
	return n, err == nil
}
