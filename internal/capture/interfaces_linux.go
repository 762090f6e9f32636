package capture

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/runtime/packet"
)

// Interfaces is a live source: the packets of one or more interfaces, by the time at
// which the kernel got them. It captures nothing before SetFilter and ends after Stop.
// Next and Close belong to one goroutine; all else may be called from any.
type Interfaces struct {
	opt     LiveOptions
	links   []*link
	socks   []*socket // of all links
	held    bool
	lag     time.Duration // within which a packet is shown to us after its time
	horizon packet.Time   // before it no ring hides a packet: now less lag, when it was last looked
	next    *socket       // has the packet that Next will return; nil = not chosen

	polls  []unix.PollFd // scratch of wait
	asked  []*socket     // whose they are
	asking asking        // the interfaces for what they count

	stopped atomic.Int64 // when, ns since the epoch; 0 = not yet
	err     error        // what ended the source

	mu     sync.Mutex // guards counters, closed and what belongs to them in the kernel
	closed bool
}

// link is one interface.
type link struct {
	name   string
	number uint16 // its place among the names, from 0
	index  int
	typ    packet.LinkType
	socks  []*socket
	counts InterfaceCounts
	last   netDev // counters of the interface when they were last read

	isDown bool
	looked time.Time // when it was last looked for
	gone   bool      // for good
}

// OpenInterfaces opens interfaces, each once. It needs CAP_NET_RAW; what comes after does
// not, except that an interface which is captured through several sockets cannot be taken
// up again when it was deleted and made anew.
func OpenInterfaces(names []string, opt LiveOptions) (*Interfaces, error) {
	s := &Interfaces{opt: opt, lag: 2*opt.Timeout + 10*time.Millisecond}
	if s.opt.Logf == nil {
		s.opt.Logf = func(string, ...any) {}
	}
	for i, name := range names {
		l, err := openLink(name, &s.opt)
		if err != nil {
			s.Close()
			return nil, &InterfaceError{name, err}
		}
		l.number = uint16(i)
		s.links, s.socks = append(s.links, l), append(s.socks, l.socks...)
	}
	return s, nil
}

// openLink opens the sockets of an interface.
func openLink(name string, opt *LiveOptions) (_ *link, err error) {
	ifi, err := findInterface(name)
	if err != nil {
		return nil, err
	}
	l := &link{name: name, index: ifi.Index, counts: InterfaceCounts{Name: name, Sockets: opt.Sockets}}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	group := newGroup
	for range opt.Sockets {
		k, err := openSocket(ifi, opt)
		if err != nil {
			return nil, err
		}
		k.link = l
		l.socks = append(l.socks, k)
		if l.typ, err = k.linkType(); err != nil {
			return nil, err
		}
		if opt.Sockets > 1 {
			if group, err = k.join(group); err != nil {
				return nil, err
			}
		}
	}
	if ifi.Flags&net.FlagUp == 0 {
		l.isDown = true
		opt.Logf("interface %s is down; capture begins when it comes up", name)
	}
	l.last, _ = readNetDev(name)
	return l, nil
}

func (l *link) close() (err error) {
	for _, k := range l.socks {
		err = errors.Join(err, k.close())
	}
	return err
}

// SetFilter puts a filter in force, and with the first one begins to capture. No packet
// is lost in the exchange: each is judged by the filter before or by this one.
func (s *Interfaces) SetFilter(filter FilterFor) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.stopped.Load() != 0 {
		return nil
	}
	for _, l := range s.links {
		prog, err := filter(l.typ)
		if err != nil {
			return err
		}
		for _, k := range l.socks {
			if err := k.setFilter(prog); err != nil {
				return fmt.Errorf("attaching a filter of %d instructions to %s: %w", len(prog), l.name, err)
			}
		}
	}
	return nil
}

// Stop ends the capture: packets that the rings hold are yielded, then the source ends.
func (s *Interfaces) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.stopped.Load() != 0 {
		return
	}
	for _, k := range s.socks {
		k.setFilter(everything(0))
	}
	s.stopped.Store(time.Now().UnixNano())
}

// Name implements Source.
func (s *Interfaces) Name() string {
	if s.next != nil {
		return s.next.link.name
	}
	return s.links[0].name
}

// Next implements Source.
func (s *Interfaces) Next(f *Frame) error {
	if !s.held {
		s.release()
	}
	for !s.due(time.Second) {
	}
	if s.next == nil {
		return s.err
	}
	k := s.next
	s.next = nil
	k.ring.read(f, k.link.typ)
	f.Iface = k.link.number
	k.captured.Add(1)
	return nil
}

// due implements pacer.
func (s *Interfaces) due(d time.Duration) bool {
	if s.choose() {
		return true
	}
	for until := time.Now().Add(d); d > 0; d = time.Until(until) {
		s.wait(d)
		if s.choose() {
			return true
		}
	}
	return false
}

// choose finds the packet, or the end, that Next will return, and reports whether there
// is one. It is the oldest one of all rings. While a ring is empty its next packet may
// turn out to be older still: the kernel shows packets by the block. So the oldest
// one is held back until it is older than what a ring can hide.
func (s *Interfaces) choose() bool {
	if s.next != nil || s.err != nil {
		return true
	}
	var oldest *socket
	at, isEmpty := packet.Time(math.MaxInt64), false
	for _, k := range s.socks {
		if !k.ring.has() {
			isEmpty = true
		} else if t := k.ring.time(); t < at {
			oldest, at = k, t
		}
	}
	stopped := s.stopped.Load()
	isOver := stopped != 0 && time.Now().UnixNano()-stopped > int64(s.lag)
	switch {
	case oldest == nil && isOver:
		s.err = io.EOF
	case oldest != nil && (!isEmpty || isOver || s.isOld(at)):
		s.next = oldest
	}
	return s.next != nil || s.err != nil
}

// isOld reports whether no ring can hide a packet that is older than one of time at. It
// reads the clock only if it did not know.
func (s *Interfaces) isOld(at packet.Time) bool {
	if at >= s.horizon {
		s.horizon = packet.Time(time.Now().Add(-s.lag).UnixNano())
	}
	return at < s.horizon
}

// wait waits for at most d until there may be more to choose from.
func (s *Interfaces) wait(d time.Duration) {
	if !s.held { // nobody waits who still uses a frame
		s.release()
	}
	s.polls, s.asked = s.polls[:0], s.asked[:0]
	for _, k := range s.socks {
		switch {
		case k.ring.has(): // only time helps
			d = min(d, s.lag/4)
		case k.ring.kept > 0: // poll would take these for news
			d = min(d, 5*time.Millisecond)
		case !k.link.gone:
			s.polls, s.asked = append(s.polls, unix.PollFd{Fd: int32(k.fd), Events: unix.POLLIN}), append(s.asked, k)
		}
	}
	if n, _ := unix.Poll(s.polls, int(d/time.Millisecond)+1); n > 0 {
		for i := range s.polls {
			if s.polls[i].Revents&unix.POLLERR != 0 {
				s.failed(s.asked[i])
			}
		}
	}
	s.askInterfaces()
	for _, l := range s.links {
		if l.isDown && !l.gone && time.Since(l.looked) > time.Second {
			l.looked = time.Now()
			s.lookFor(l)
		}
	}
}

// Idle returns a time before which no packet will come any more, if there is none to be
// had now.
func (s *Interfaces) Idle() (packet.Time, bool) {
	for _, k := range s.socks {
		if k.ring.has() {
			return 0, false
		}
	}
	return packet.Time(time.Now().Add(-s.lag).UnixNano()), s.stopped.Load() == 0 && s.err == nil
}

var _ keeper = (*Interfaces)(nil)

// hold and release implement keeper: frames stay where the kernel put them.
func (s *Interfaces) hold(*shelf) { s.held = true }

func (s *Interfaces) release() {
	for _, k := range s.socks {
		k.ring.giveBack()
	}
}
