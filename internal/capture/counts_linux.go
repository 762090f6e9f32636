package capture

import (
	"errors"
	"time"
)

// Counts returns what became of the packets so far, by interface.
func (s *Interfaces) Counts() (list []InterfaceCounts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.links {
		l.count(s.closed)
		list = append(list, l.counts)
	}
	return list
}

// count brings the counters up to date.
func (l *link) count(isClosed bool) {
	c := &l.counts
	c.Captured, c.Dropped, c.Freezes = 0, 0, 0
	for _, k := range l.socks {
		if !isClosed {
			k.count()
		}
		c.Captured += k.captured.Load()
		c.Dropped += k.dropped
		c.Freezes += k.freezes
	}
	if !isClosed {
		l.countInterface()
	}
}

// countInterface takes what the interface itself has counted since it was last asked. What it counts from then
// until it is deleted is lost.
func (l *link) countInterface() {
	c := &l.counts
	if now, ok := readNetDev(l.name); ok {
		if now.received < l.last.received || now.sent < l.last.sent || now.missed < l.last.missed { // it was made anew
			l.last = netDev{}
		}
		c.Received += now.received - l.last.received
		c.Sent += now.sent - l.last.sent
		c.Missed += now.missed - l.last.missed
		l.last = now
	}
}

// askEvery is how often interfaces are asked for what they count, if nobody wants to know.
const askEvery = time.Second

// askInterfaces keeps what interfaces count, for when they are deleted.
func (s *Interfaces) askInterfaces() {
	if time.Since(s.askedAt) < askEvery {
		return
	}
	s.askedAt = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.links {
		l.countInterface()
	}
}

// Close implements Source. Packets that nobody read count as dropped.
func (s *Interfaces) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	var errs []error
	for _, l := range s.links {
		for _, k := range l.socks {
			k.dropped += k.ring.unread()
		}
		l.count(false)
		errs = append(errs, l.close())
	}
	s.closed = true
	return errors.Join(errs...)
}
