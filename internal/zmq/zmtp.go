package zmq

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// The flags of a frame (ZMTP 3.0, "Framing"; the same in 2.0, which has no commands).
const (
	flagMore    = 1 << iota // another frame of the message follows
	flagLong                // the length has 8 bytes
	flagCommand             // a command, not a part of a message
)

// maxFrame bounds what a subscriber may send in one frame: a topic, or what it says of
// itself.
const maxFrame = 4 << 10

// appendFrame appends one frame: flags, length, body. A body over 255 bytes is long.
func appendFrame[S string | []byte](b []byte, flags byte, body S) []byte {
	if len(body) > 255 {
		b = append(b, flags|flagLong)
		b = binary.BigEndian.AppendUint64(b, uint64(len(body)))
	} else {
		b = append(b, flags, byte(len(body)))
	}
	return append(b, body...)
}

// appendCommand appends a command frame.
func appendCommand(b []byte, name string, rest []byte) []byte {
	body := append([]byte{byte(len(name))}, name...)
	return appendFrame(b, flagCommand, append(body, rest...))
}

var errFrame = errors.New("zmq: a frame that is too long, or has unknown flags")

// readFrame reads one frame; its body is of at most maxFrame bytes, errFrame otherwise.
func readFrame(r *bufio.Reader) (flags byte, body []byte, err error) {
	var head [9]byte
	if _, err = io.ReadFull(r, head[:2]); err != nil {
		return 0, nil, err
	}
	flags = head[0]
	size := uint64(head[1])
	if flags&flagLong != 0 {
		if _, err = io.ReadFull(r, head[2:]); err != nil {
			return 0, nil, err
		}
		size = binary.BigEndian.Uint64(head[1:])
	}
	if size > maxFrame || flags > 7 {
		return 0, nil, errFrame
	}
	body = make([]byte, size)
	_, err = io.ReadFull(r, body)
	return flags, body, err
}

// The greeting: a signature, whose 1 is what ZMTP 1.0 takes for a length, then the
// version and, from 3.0 on, the mechanism, filled up to 64 bytes.
const (
	signature = "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f"
	version2  = 1  // the revision that stands for ZMTP 2.0
	greeting  = 64 // bytes
)

// Socket types as ZMTP 2.0 numbers them.
const (
	typePub  = 1
	typeSub  = 2
	typeXSub = 10
)

// handshake greets a peer and returns what its frames are read from. It is an error
// if the peer is no subscriber, or does not speak the protocol.
func handshake(c net.Conn) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(c, 1<<10)
	if _, err := c.Write([]byte(signature + "\x03")); err != nil {
		return nil, err
	}
	var got [greeting]byte
	head := got[:len(signature)+1]
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, err
	}
	if head[0] != 0xff || head[9] != 0x7f {
		return nil, errors.New("zmq: not a peer of ZMTP 2.0 or later")
	}
	switch revision := head[10]; {
	case revision == 0:
		return nil, errors.New("zmq: a peer of ZMTP 1.0")
	case revision < 3:
		return in, handshake2(c, in)
	}
	rest := make([]byte, greeting-len(head)) // minor version, mechanism, role, filler
	copy(rest[1:], "NULL")
	if _, err := c.Write(rest); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(in, got[len(head):]); err != nil {
		return nil, err
	}
	if mechanism := string(got[12:17]); mechanism != "NULL\x00" {
		return nil, fmt.Errorf("zmq: a peer with the mechanism %q", got[12:32])
	}
	return in, ready(c, in)
}

// ready says and hears what the sockets are (ZMTP 3.0, "The NULL Security Mechanism").
func ready(c net.Conn, in *bufio.Reader) error {
	if _, err := c.Write(appendCommand(nil, "READY", appendProperty(nil, "Socket-Type", "PUB"))); err != nil {
		return err
	}
	flags, body, err := readFrame(in)
	if err != nil {
		return err
	}
	name, rest := command(flags, body)
	if name != "READY" {
		return fmt.Errorf("zmq: %q where a peer says what it is", name)
	}
	if t := property(rest, "Socket-Type"); t != "SUB" && t != "XSUB" {
		return fmt.Errorf("zmq: a peer of type %q", t)
	}
	return nil
}

// handshake2 is the rest of a greeting in ZMTP 2.0: the socket's type, and an identity
// that is empty.
func handshake2(c net.Conn, in *bufio.Reader) error {
	if _, err := c.Write(appendFrame([]byte{typePub}, 0, "")); err != nil {
		return err
	}
	t, err := in.ReadByte()
	if err != nil {
		return err
	}
	if t != typeSub && t != typeXSub {
		return fmt.Errorf("zmq: a peer of type %d", t)
	}
	_, _, err = readFrame(in)
	return err
}

// appendProperty appends a property of READY: each part after its length.
func appendProperty(b []byte, name, value string) []byte {
	b = append(append(b, byte(len(name))), name...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(value)))
	return append(b, value...)
}

// property returns the value of a property, "" if it is not there.
func property(b []byte, name string) string {
	for len(b) > 0 {
		n := 1 + int(b[0])
		if len(b) < n+4 {
			return ""
		}
		key, size := string(b[1:n]), uint64(binary.BigEndian.Uint32(b[n:]))
		b = b[n+4:]
		if uint64(len(b)) < size {
			return ""
		}
		if key == name {
			return string(b[:size])
		}
		b = b[size:]
	}
	return ""
}
