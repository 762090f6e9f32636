package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/runtime/packet"
)

// Inline is a live source of the packets that come in at two interfaces. Whoever reads it
// hands them on, with Hand. Batcher, Hand and Close belong to one goroutine; all else may be
// called from any.
type Inline struct {
	sides [2]*side
	logf  func(format string, args ...any)

	handed []*parcel // that Next has returned since release, in order
	taken  bool      // the kernel was asked since release
	err    error     // what ended the source

	stopped atomic.Bool
	asking  asking     // the sides for what they count
	mu      sync.Mutex // guards counters and closed
	closed  bool
}

// OpenInline opens two interfaces of Ethernet. It needs CAP_NET_RAW. Packets wait from then
// on; nothing is handed on before they are read.
func OpenInline(names [2]string, opt InlineOptions) (_ *Inline, err error) {
	s := &Inline{logf: opt.Logf}
	if s.logf == nil {
		s.logf = func(string, ...any) {}
	}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	for i, name := range names {
		if s.sides[i], err = openSide(name, uint16(i), opt.Buffer); err != nil {
			return nil, &InterfaceError{name, err}
		}
	}
	a, b := s.sides[0], s.sides[1]
	if a.index == b.index {
		return nil, &InterfaceError{a.name, errors.New("is both sides")}
	}
	if a.peer == b.index || b.peer == a.index {
		return nil, &InterfaceError{a.name, fmt.Errorf("is joined to %s: packets would run in a circle", b.name)}
	}
	a.counts.To, b.counts.To = b.name, a.name
	return s, nil
}

// checkSide refuses an interface whose packets somebody else takes, and returns the number of
// the interface of this namespace that it is joined to, if it is one of a pair; else 0.
func checkSide(ifi *net.Interface) (peer int, err error) {
	const linkNamespace = 37 // IFLA_LINK_NETNSID: the peer is in another namespace
	rib, err := syscall.NetlinkRIB(syscall.RTM_GETLINK, syscall.AF_UNSPEC)
	if err != nil {
		return 0, err
	}
	list, err := syscall.ParseNetlinkMessage(rib)
	if err != nil {
		return 0, err
	}
	for i := range list {
		if list[i].Header.Type != syscall.RTM_NEWLINK || len(list[i].Data) < syscall.SizeofIfInfomsg || int(int32(binary.NativeEndian.Uint32(list[i].Data[4:]))) != ifi.Index {
			continue
		}
		attrs, err := syscall.ParseNetlinkRouteAttr(&list[i])
		if err != nil {
			return 0, err
		}
		for _, a := range attrs {
			switch number := func() int { return int(binary.NativeEndian.Uint32(a.Value)) }; {
			case a.Attr.Type == syscall.IFLA_MASTER && len(a.Value) == 4:
				name := "another interface"
				if master, err := net.InterfaceByIndex(number()); err == nil {
					name = master.Name
				}
				return 0, fmt.Errorf("is part of %s, which takes its packets", name)
			case a.Attr.Type == syscall.IFLA_LINK && len(a.Value) == 4:
				peer = number()
			case a.Attr.Type == linkNamespace:
				return 0, nil
			}
		}
	}
	return peer, nil
}

// Name implements Source.
func (s *Inline) Name() string { return s.sides[0].name + ":" + s.sides[1].name }

// Stop ends the source: what comes from now on is not handed on any more.
func (s *Inline) Stop() { s.stopped.Store(true) }

// due implements pacer.
func (s *Inline) due(d time.Duration) bool {
	if s.first() != nil || s.err != nil {
		return true
	}
	if s.taken { // what Next has returned is still in use
		return false
	}
	if s.stopped.Load() {
		s.err = io.EOF
		return true
	}
	s.askInterfaces()
	polls := [2]unix.PollFd{{Fd: int32(s.sides[0].fd), Events: unix.POLLIN}, {Fd: int32(s.sides[1].fd), Events: unix.POLLIN}}
	if n, _ := unix.Poll(polls[:], int(d/time.Millisecond)); n <= 0 {
		return false
	}
	for i, k := range s.sides {
		if polls[i].Revents&unix.POLLERR != 0 {
			s.failed(k)
		}
		if polls[i].Revents&unix.POLLIN != 0 {
			s.taken = true
			k.take()
		}
	}
	return s.first() != nil || s.err != nil
}

// askInterfaces keeps what the sides count, for when they are deleted.
func (s *Inline) askInterfaces() {
	if !s.asking.isDue() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sides {
		k.last.count(k.name, &k.seen)
	}
}

// first returns the oldest parcel that was taken, or nil.
func (s *Inline) first() *parcel {
	a, b := s.sides[0].first(), s.sides[1].first()
	if a == nil || b != nil && b.time < a.time {
		return b
	}
	return a
}

// Next implements Source.
func (s *Inline) Next(f *Frame) error {
	for !s.due(100 * time.Millisecond) {
		if s.taken && s.first() == nil {
			s.release()
		}
	}
	p := s.first()
	if p == nil {
		return s.err
	}
	p.side.at++
	p.side.captured.Add(1)
	s.handed = append(s.handed, p)
	*f = Frame{Time: p.time, Data: p.frame(), WireLen: uint32(len(p.frame())), Link: packet.LinkEthernet, Iface: p.side.number}
	return nil
}

// failed takes the error of a side.
func (s *Inline) failed(k *side) {
	n, err := unix.GetsockoptInt(k.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil || n == 0 {
		return
	}
	if _, err := net.InterfaceByIndex(k.index); err != nil {
		s.err = &InterfaceError{k.name, errors.New("is there no more")}
		return
	}
	s.mu.Lock()
	k.seen.Down++
	s.mu.Unlock()
	s.logf("interface %s: %v; waiting for it", k.name, unix.Errno(n))
}

// Idle returns a time before which no packet will come any more, if there is none to be had
// now.
func (s *Inline) Idle() (packet.Time, bool) {
	const lag = 5 * time.Millisecond
	return packet.Time(time.Now().Add(-lag).UnixNano()), s.first() == nil && s.err == nil
}

var _ keeper = (*Inline)(nil)

// hold and release implement keeper: frames stay where the kernel put them.
func (s *Inline) hold(*shelf) {}

func (s *Inline) release() {
	s.handed = s.handed[:0]
	if s.first() == nil {
		s.taken = false
		for _, k := range s.sides {
			k.n, k.at = 0, 0
		}
	}
}

// Hand hands on the packets that Next has returned since the last batch was begun, each by the
// fate that it has by its place.
func (s *Inline) Hand(fate func(i int) Fate) {
	var sum [2][3]uint64
	for i, p := range s.handed {
		x := fate(i)
		sum[p.side.number][x]++
		if x == Forward {
			s.sides[1-p.side.number].put(p)
		}
	}
	for i, k := range s.sides {
		failed := s.sides[1-i].send()
		s.mu.Lock()
		k.counts.Forwarded += sum[i][Forward] - failed
		k.counts.Failed += failed
		k.counts.Dropped += sum[i][Drop]
		k.counts.Blocked += sum[i][Block]
		s.mu.Unlock()
	}
}

// Handed returns what became of packets, by side.
func (s *Inline) Handed() []InlineCounts {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []InlineCounts{s.sides[0].counts, s.sides[1].counts}
	for i := range list {
		list[i].Failed += s.sides[i].lost.Load()
	}
	return list
}

// Counts returns how many packets were captured, by side.
func (s *Inline) Counts() (list []InterfaceCounts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sides {
		if !s.closed {
			k.count()
		}
		list = append(list, k.seen)
	}
	return list
}

// Close implements Source.
func (s *Inline) Close() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	for _, k := range s.sides {
		if k != nil {
			k.count()
			err = errors.Join(err, unix.Close(k.fd))
		}
	}
	return err
}

// bufferOf has the kernel give a socket buffers of a size; without the right to more, as
// much as it gives everybody.
func bufferOf(fd, size int) error {
	size = min(size, math.MaxInt32)
	for _, o := range [][2]int{{unix.SO_RCVBUFFORCE, unix.SO_RCVBUF}, {unix.SO_SNDBUFFORCE, unix.SO_SNDBUF}} {
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, o[0], size) == nil {
			continue
		}
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, o[1], size); err != nil {
			return err
		}
	}
	return nil
}
