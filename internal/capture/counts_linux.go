package capture

import "errors"

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
		l.last.count(l.name, &l.counts)
	}
}

// askInterfaces keeps what interfaces count, for when they are deleted.
func (s *Interfaces) askInterfaces() {
	if !s.asking.isDue() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.links {
		l.last.count(l.name, &l.counts)
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
