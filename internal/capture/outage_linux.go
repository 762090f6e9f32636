package capture

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// What happens to interfaces meanwhile. One that goes down and comes up again goes on by
// itself. One that was deleted is bound anew when one of its name is there.

// failed takes the error of a socket.
func (s *Interfaces) failed(k *socket) {
	l := k.link
	err := k.takeError()
	if err == nil || l.isDown {
		return
	}
	l.isDown = true
	s.mu.Lock()
	l.counts.Down++
	s.mu.Unlock()
	if errors.Is(err, unix.ENETDOWN) {
		s.opt.Logf("interface %s went down; waiting for it", l.name)
		return
	}
	s.opt.Logf("interface %s: %v; trying again", l.name, err)
}

// lookFor sees whether an interface that is down is there again.
func (s *Interfaces) lookFor(l *link) {
	ifi, err := net.InterfaceByName(l.name)
	if err != nil {
		return
	}
	if ifi.Index != l.index {
		if err := l.rebind(ifi); err != nil {
			l.gone = true
			s.opt.Logf("interface %s was made anew and cannot be taken up again: %v; start the probe again for it", l.name, err)
			s.allGone()
			return
		}
		s.mu.Lock()
		l.last = netDev{} // its counters begin anew
		s.mu.Unlock()
	}
	if ifi.Flags&net.FlagUp != 0 {
		l.isDown = false
		s.opt.Logf("interface %s is up", l.name)
	}
}

// rebind takes up an interface that was deleted and made anew.
func (l *link) rebind(ifi *net.Interface) error {
	if len(l.socks) > 1 {
		return errors.New("the kernel does not let a group of sockets go elsewhere")
	}
	for _, k := range l.socks {
		if err := k.bind(ifi.Index); err != nil {
			return err
		}
		if k.promisc {
			if err := k.promiscuous(ifi.Index); err != nil {
				return err
			}
		}
	}
	l.index = ifi.Index
	return nil
}

// allGone ends the source if no interface is left.
func (s *Interfaces) allGone() {
	for _, l := range s.links {
		if !l.gone {
			return
		}
	}
	s.err = fmt.Errorf("no interface is left to capture from")
}

// netDev is what an interface counts itself.
type netDev struct{ received, sent, missed uint64 }

// readNetDev reads the counters of an interface; ok is false if it is not there.
func readNetDev(name string) (d netDev, ok bool) {
	f, err := os.Open("/proc/thread-self/net/dev") // of our network namespace, unlike /sys
	if err != nil {
		return d, false
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		before, after, _ := strings.Cut(in.Text(), ":")
		if strings.TrimSpace(before) != name {
			continue
		}
		w := strings.Fields(after)
		if len(w) < 16 {
			return d, false
		}
		n := func(i int) uint64 { v, _ := strconv.ParseUint(w[i], 10, 64); return v }
		return netDev{received: n(1), sent: n(9), missed: n(3)}, true
	}
	return d, false
}

// count adds to c what the interface of that name has counted since it was last asked, with d as the state of
// that. What it counts from then until it is deleted is lost; one made anew begins at 0.
func (d *netDev) count(name string, c *InterfaceCounts) {
	now, ok := readNetDev(name)
	if !ok {
		return
	}
	if now.received < d.received || now.sent < d.sent || now.missed < d.missed {
		*d = netDev{}
	}
	c.Received += now.received - d.received
	c.Sent += now.sent - d.sent
	c.Missed += now.missed - d.missed
	*d = now
}

// askEvery is how often interfaces are asked for what they count, if nobody wants to know.
const askEvery = time.Second

// asking is when interfaces were asked last.
type asking struct{ at time.Time }

// isDue reports whether they are to be asked again, now.
func (a *asking) isDue() bool {
	if time.Since(a.at) < askEvery {
		return false
	}
	a.at = time.Now()
	return true
}
