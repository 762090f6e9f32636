package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/runtime/packet"
)

// side is one interface of a source that is inline. Packets are taken and sent many at a call,
// each with the header that says what is left to do for it (virtio_net_hdr, 10 bytes): a checksum
// to make, or to cut it into segments. So what the kernel or a card has put together goes out as
// it came in, and nothing has to be switched off for that.
type side struct {
	fd     int
	name   string
	number uint16
	index  int
	peer   int // number of the interface that it is joined to; 0 = none

	in  [inlineChunk]parcel
	ask messages
	n   int // parcels that were taken
	at  int // of them, returned

	out     messages
	sending int

	captured atomic.Uint64
	failed   uint64        // to be sent, since the last send
	lost     atomic.Uint64 // could not be taken whole
	seen     InterfaceCounts
	counts   InlineCounts
	last     netDev
}

// parcel is a packet with what belongs to it.
type parcel struct {
	side   *side
	time   packet.Time
	todo   [10]byte // virtio_net_hdr
	space  []byte   // room for a tag, then what came
	from   int      // where the frame begins in space
	to     int      // and ends
	extras [extraBytes]byte
}

func (p *parcel) frame() []byte { return p.space[p.from:p.to:p.to] }

// extraBytes holds the time of a packet and its VLAN tag, as control messages.
const extraBytes = 96

// messages are the arguments of recvmmsg and sendmmsg.
type messages struct {
	list [inlineChunk]unix.Mmsghdr
	vecs [inlineChunk][2]unix.Iovec
}

// openSide opens the socket of an interface.
func openSide(name string, number uint16, buffer int) (_ *side, err error) {
	ifi, err := findInterface(name)
	if err != nil {
		return nil, err
	}
	k := &side{name: name, number: number, index: ifi.Index, seen: InterfaceCounts{Name: name, Sockets: 1}, counts: InlineCounts{From: name}}
	switch {
	case ifi.Flags&net.FlagLoopback != 0 || len(ifi.HardwareAddr) != 6:
		return nil, errors.New("is no Ethernet")
	case ifi.Flags&net.FlagUp == 0:
		return nil, errors.New("is down")
	}
	if k.peer, err = checkSide(ifi); err != nil {
		return nil, err
	}
	if k.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0); err != nil {
		return nil, err
	}
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"asking for what is left to do for packets", func() error { return unix.SetsockoptInt(k.fd, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1) }},
		{"asking for VLAN tags", func() error { return unix.SetsockoptInt(k.fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1) }},
		{"asking for times", func() error { return unix.SetsockoptInt(k.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) }},
		{"leaving out what is sent", func() error { return unix.SetsockoptInt(k.fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1) }},
		{"making buffers", func() error { return bufferOf(k.fd, buffer) }},
		{"binding", func() error {
			return unix.Bind(k.fd, &unix.SockaddrLinklayer{Protocol: htons(unix.ETH_P_ALL), Ifindex: ifi.Index})
		}},
		{"switching to promiscuous mode", func() error {
			return unix.SetsockoptPacketMreq(k.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &unix.PacketMreq{Ifindex: int32(ifi.Index), Type: unix.PACKET_MR_PROMISC})
		}},
	} {
		if err := step.do(); err != nil {
			unix.Close(k.fd)
			return nil, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	all := make([]byte, inlineChunk*inlineSpace)
	for i := range k.in {
		p := &k.in[i]
		p.side, p.space = k, all[i*inlineSpace:(i+1)*inlineSpace:(i+1)*inlineSpace]
	}
	k.last, _ = readNetDev(name)
	return k, nil
}

// first returns the oldest parcel that was taken and not returned, or nil.
func (k *side) first() *parcel {
	if k == nil || k.at == k.n {
		return nil
	}
	return &k.in[k.at]
}

// take takes what is there, up to a chunk. None may be in use.
func (k *side) take() {
	k.n, k.at = 0, 0
	for i := range k.in {
		p, m := &k.in[i], &k.ask
		m.vecs[i] = [2]unix.Iovec{{Base: &p.todo[0]}, {Base: &p.space[vlanBytes]}}
		m.vecs[i][0].SetLen(len(p.todo))
		m.vecs[i][1].SetLen(len(p.space) - vlanBytes)
		m.list[i] = unix.Mmsghdr{}
		h := &m.list[i].Hdr
		h.Iov, h.Control = &m.vecs[i][0], &p.extras[0]
		h.SetIovlen(2)
		h.SetControllen(len(p.extras))
	}
	n, _, err := syscall.Syscall6(unix.SYS_RECVMMSG, uintptr(k.fd), uintptr(unsafe.Pointer(&k.ask.list[0])), inlineChunk, unix.MSG_DONTWAIT, 0, 0)
	if err != 0 {
		return // nothing, or one whose header cannot be said: the kernel has let it go
	}
	for i := range int(n) {
		p, h := &k.in[k.n], &k.in[i]
		if k.ask.list[i].Hdr.Flags&unix.MSG_TRUNC != 0 || int(k.ask.list[i].Len) < len(p.todo)+14 {
			k.captured.Add(1)
			k.lost.Add(1)
			continue
		}
		if p != h { // one was left out
			*p, *h = *h, *p
		}
		p.from, p.to = vlanBytes, vlanBytes+int(k.ask.list[i].Len)-len(p.todo)
		p.read(int(k.ask.list[i].Hdr.Controllen))
		k.n++
	}
}

// read reads the control messages of a parcel: its time, and the tag that the kernel has taken
// out of the frame, which it puts back.
func (p *parcel) read(n int) {
	p.time = 0
	ne := binary.NativeEndian
	for b := p.extras[:min(n, len(p.extras))]; len(b) >= unix.SizeofCmsghdr; {
		size, level, typ := int(*(*uintptr)(unsafe.Pointer(&b[0]))), ne.Uint32(b[unix.SizeofCmsghdr-8:]), ne.Uint32(b[unix.SizeofCmsghdr-4:])
		if size < unix.SizeofCmsghdr || size > len(b) {
			break
		}
		switch data := b[unix.SizeofCmsghdr:size]; {
		case level == unix.SOL_SOCKET && typ == unix.SCM_TIMESTAMPNS && len(data) >= int(unsafe.Sizeof(unix.Timespec{})):
			t := (*unix.Timespec)(unsafe.Pointer(&data[0]))
			p.time = packet.Time(t.Nano())
		case level == unix.SOL_PACKET && typ == unix.PACKET_AUXDATA && len(data) >= int(unsafe.Sizeof(unix.TpacketAuxdata{})):
			p.tag((*unix.TpacketAuxdata)(unsafe.Pointer(&data[0])))
		}
		b = b[min(len(b), unix.CmsgSpace(size-unix.SizeofCmsghdr)):]
	}
	if p.time == 0 {
		p.time = packet.Time(time.Now().UnixNano())
	}
}

// Flags and places of a virtio_net_hdr, in the byte order of the machine.
const (
	needsChecksum  = 1
	todoSegments   = 1 // 0 = it is not to be cut
	todoHeaders    = 2
	todoChecksumAt = 6
)

// tag puts a VLAN tag back into the frame.
func (p *parcel) tag(x *unix.TpacketAuxdata) {
	if x.Status&unix.TP_STATUS_VLAN_VALID == 0 {
		return
	}
	tpid := uint16(unix.ETH_P_8021Q)
	if x.Status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		tpid = x.Vlan_tpid
	}
	f := p.space[:p.to]
	copy(f, f[vlanBytes:vlanBytes+12])
	binary.BigEndian.PutUint16(f[12:], tpid)
	binary.BigEndian.PutUint16(f[14:], x.Vlan_tci)
	p.from = 0
	shift := func(at int) {
		binary.NativeEndian.PutUint16(p.todo[at:], binary.NativeEndian.Uint16(p.todo[at:])+vlanBytes)
	}
	if p.todo[0]&needsChecksum != 0 {
		shift(todoChecksumAt)
	}
	if p.todo[todoSegments] != 0 {
		shift(todoHeaders)
	}
}

// put lays a parcel of the other side by to be sent, or sends what lies there first.
func (k *side) put(p *parcel) {
	if k.sending == inlineChunk {
		k.failed += k.sendAll()
	}
	m, i := &k.out, k.sending
	m.vecs[i] = [2]unix.Iovec{{Base: &p.todo[0]}, {Base: &p.space[p.from]}}
	m.vecs[i][0].SetLen(len(p.todo))
	m.vecs[i][1].SetLen(p.to - p.from)
	m.list[i] = unix.Mmsghdr{}
	m.list[i].Hdr.Iov = &m.vecs[i][0]
	m.list[i].Hdr.SetIovlen(2)
	k.sending++
}

// send sends what lies by and returns how many of all since the last send were not taken.
func (k *side) send() (failed uint64) {
	failed = k.failed + k.sendAll()
	k.failed = 0
	return failed
}

func (k *side) sendAll() (failed uint64) {
	waited := false
	for at := 0; at < k.sending; {
		n, _, err := syscall.Syscall6(unix.SYS_SENDMMSG, uintptr(k.fd), uintptr(unsafe.Pointer(&k.out.list[at])), uintptr(k.sending-at), unix.MSG_DONTWAIT, 0, 0)
		switch {
		case err == 0:
			at += int(n)
		case err == unix.EINTR:
		case err == unix.EAGAIN && !waited:
			waited = true
			unix.Poll([]unix.PollFd{{Fd: int32(k.fd), Events: unix.POLLOUT}}, int(sendWait/time.Millisecond))
		default: // the queue is full, the interface down, or the packet too long for it
			failed++
			at++
		}
	}
	k.sending = 0
	return failed
}

// count reads the counters of the kernel.
func (k *side) count() {
	if st, err := unix.GetsockoptTpacketStats(k.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
		k.seen.Dropped += uint64(st.Drops)
	}
	k.seen.Captured = k.captured.Load()
	k.last.count(k.name, &k.seen)
}
