package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync/atomic"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/runtime/packet"
)

// socket is a packet socket with a ring. It captures nothing before setFilter.
type socket struct {
	fd      int
	ring    ring
	link    *link
	promisc bool

	captured         atomic.Uint64 // handed out
	dropped, freezes uint64        // by the kernel, see count
}

// htons turns a number into network byte order, as the kernel takes protocols.
func htons(v uint16) uint16 {
	return binary.NativeEndian.Uint16([]byte{byte(v >> 8), byte(v)})
}

// openSocket opens a socket at an interface. It is to be closed even if it fails half-way,
// which openSocket does.
func openSocket(ifi *net.Interface, opt *LiveOptions) (_ *socket, err error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	s := &socket{fd: fd}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	steps := []struct {
		what string
		do   func() error
	}{
		{"setting the version of the ring", func() error {
			return unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3)
		}},
		{"reserving room for a VLAN tag", func() error { return unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_RESERVE, vlanBytes) }},
		{"making the ring", func() error { return s.ring.make(fd, opt) }},
		{"attaching a filter", func() error { return s.setFilter(everything(0)) }},
		{"leaving out copies", func() error {
			if ifi.Flags&net.FlagLoopback == 0 {
				return nil
			}
			return unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1) // else all packets come twice
		}},
		{"binding", func() error { return s.bind(ifi.Index) }},
		{"switching to promiscuous mode", func() error {
			if !opt.Promisc || ifi.Flags&net.FlagLoopback != 0 {
				return nil
			}
			s.promisc = true
			return s.promiscuous(ifi.Index)
		}},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			return nil, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return s, nil
}

func (s *socket) bind(index int) error {
	return unix.Bind(s.fd, &unix.SockaddrLinklayer{Protocol: htons(unix.ETH_P_ALL), Ifindex: index})
}

func (s *socket) promiscuous(index int) error {
	return unix.SetsockoptPacketMreq(s.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP,
		&unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC})
}

// setFilter puts a filter in force. The kernel exchanges the program in one step: each
// packet is judged by the one before or by this one.
func (s *socket) setFilter(prog []bpf.RawInstruction) error {
	if len(prog) == 0 {
		prog = everything(MaxSnap)
	}
	list := make([]unix.SockFilter, len(prog))
	for i, in := range prog {
		list[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return unix.SetsockoptSockFprog(s.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(list)), Filter: &list[0]})
}

// newGroup is no group's number: those have 16 bits, and 0 is one.
const newGroup = -1

// join makes the socket one of a group over which the kernel spreads flows, newGroup or one
// that another socket is in, and returns its number.
func (s *socket) join(group int) (int, error) {
	const uniqueID = 0x2000 // PACKET_FANOUT_FLAG_UNIQUEID: the kernel chooses a number that is free
	arg := unix.PACKET_FANOUT_HASH << 16
	if group == newGroup {
		arg |= uniqueID << 16
	} else {
		arg |= group
	}
	if err := unix.SetsockoptInt(s.fd, unix.SOL_PACKET, unix.PACKET_FANOUT, arg); err != nil {
		return 0, fmt.Errorf("spreading flows over sockets: %w", err)
	}
	got, err := unix.GetsockoptInt(s.fd, unix.SOL_PACKET, unix.PACKET_FANOUT)
	return got & 0xffff, err
}

// count reads the counters of the kernel, which begin anew each time.
func (s *socket) count() {
	if st, err := unix.GetsockoptTpacketStatsV3(s.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
		s.dropped += uint64(st.Drops)
		s.freezes += uint64(st.Freeze_q_cnt)
	}
}

// takeError returns what is wrong with the socket, once.
func (s *socket) takeError() error {
	n, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && n != 0 {
		err = unix.Errno(n)
	}
	return err
}

func (s *socket) close() error {
	return errors.Join(s.ring.unmap(), unix.Close(s.fd))
}

// linkType returns the link type of the frames of the interface that the socket is bound to.
func (s *socket) linkType() (packet.LinkType, error) {
	addr, err := unix.Getsockname(s.fd)
	if err != nil {
		return 0, err
	}
	at, ok := addr.(*unix.SockaddrLinklayer)
	if !ok {
		return 0, errors.New("the socket is bound to nothing")
	}
	typ, ok := linkOf(int(at.Hatype))
	if !ok {
		return 0, fmt.Errorf("frames of its kind (hardware type %d) cannot be captured; Ethernet, IP and radiotap can", at.Hatype)
	}
	return typ, nil
}

// linkOf returns the link type of frames of an interface of that ARP hardware type.
func linkOf(hardware int) (packet.LinkType, bool) {
	switch hardware {
	case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK:
		return packet.LinkEthernet, true
	case unix.ARPHRD_NONE, unix.ARPHRD_RAWIP: // tun, WireGuard; mobile modems
		return packet.LinkRaw, true
	case unix.ARPHRD_IEEE80211_RADIOTAP:
		return packet.LinkRadiotap, true
	}
	return 0, false
}
