package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/runtime/packet"
)

// inNamespace runs f in a thread with a network namespace of its own, in which a veth pair
// joins the interfaces left and right, and nothing else is. Commands that f starts are in it too.
func inNamespace(t *testing.T, f func()) {
	t.Helper()
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skipf("this test needs ip: %v", err)
	}
	var wg sync.WaitGroup
	var refused error
	wg.Go(func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine, and the namespace with it
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			refused = err
			return
		}
		ip(t, "link add dev left type veth peer name right")
		for _, dev := range []string{"left", "right"} {
			ip(t, "link set dev "+dev+" arp off multicast off addrgenmode none up")
		}
		f()
	})
	wg.Wait()
	if refused != nil {
		t.Skipf("no network namespaces here: %v", refused)
	}
}

func ip(t *testing.T, args string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		t.Errorf("ip %s: %v: %s", args, err, out)
	}
}

// sender sends frames from an interface.
type sender struct {
	t    *testing.T
	fd   int
	addr *unix.SockaddrLinklayer
}

func newSender(t *testing.T, index int) *sender {
	t.Helper()
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	if err != nil {
		t.Fatal(err)
	}
	return &sender{t, fd, &unix.SockaddrLinklayer{Ifindex: index}}
}

func (s *sender) send(frame []byte) {
	if err := unix.Sendto(s.fd, frame, 0, s.addr); err != nil {
		s.t.Errorf("sending: %v", err)
	}
}

// udp makes a frame; tags are of VLANs, outermost first.
func udp(src, dst byte, sport, dport uint16, tags ...uint16) []byte {
	b := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}
	for _, tag := range tags {
		b = binary.BigEndian.AppendUint16(append(b, 0x81, 0), tag)
	}
	b = append(b, 8, 0, 0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 77, 0, src, 10, 77, 0, dst)
	b = binary.BigEndian.AppendUint16(b, sport)
	b = binary.BigEndian.AppendUint16(b, dport)
	return append(b, 0, 12, 0, 0, 'p', 'i', 'n', 'g')
}

// all reads what comes until the source has nothing for a while.
func all(t *testing.T, s *Interfaces, enough int) (list []Frame) {
	t.Helper()
	for begun := time.Now(); len(list) < enough && time.Since(begun) < 5*time.Second; {
		if s.due(50 * time.Millisecond) {
			var f Frame
			if err := s.Next(&f); err != nil {
				t.Errorf("Next: %v", err)
				return list
			}
			f.Data = append([]byte(nil), f.Data...)
			list = append(list, f)
		}
	}
	return list
}

func open(t *testing.T, opt LiveOptions, names ...string) *Interfaces {
	t.Helper()
	s, err := OpenInterfaces(names, opt)
	if err == nil {
		err = s.SetFilter(func(packet.LinkType) ([]bpf.RawInstruction, error) { return nil, nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func index(t *testing.T, name string) int {
	t.Helper()
	ifi, err := net.InterfaceByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return ifi.Index
}

// TestVLANRestored sends frames with tags through an interface that takes the outermost one
// out of them, as cards do.
func TestVLANRestored(t *testing.T) {
	inNamespace(t, func() {
		s := open(t, DefaultLive(), "right")
		defer s.Close()
		from := newSender(t, index(t, "left"))
		want := [][]byte{udp(1, 2, 1000, 53), udp(1, 2, 1000, 53, 7), udp(1, 2, 1000, 53, 3<<13|101), udp(1, 2, 1000, 53, 7, 9)}
		for _, f := range want {
			from.send(f)
		}
		got := all(t, s, len(want))
		for i := range got {
			if string(got[i].Data) != string(want[i]) || int(got[i].WireLen) != len(want[i]) || got[i].Link != packet.LinkEthernet {
				t.Errorf("frame %d is % x (%d on the wire), want % x", i, got[i].Data, got[i].WireLen, want[i])
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d frames, want %d", len(got), len(want))
		}
		if c := s.Counts()[0]; c.Captured != uint64(len(want)) || c.Dropped != 0 {
			t.Errorf("counts are %+v, want %d captured", c, len(want))
		}
	})
}

// TestFanout spreads flows over sockets: both directions of a flow come by one of them, all
// sockets get some, and packets come in the order of their times.
func TestFanout(t *testing.T) {
	inNamespace(t, func() {
		opt := DefaultLive()
		opt.Sockets, opt.Ring = 4, MinRing
		s := open(t, opt, "right")
		defer s.Close()
		from := newSender(t, index(t, "left"))
		const flows = 100
		for i := range uint16(flows) {
			from.send(udp(1, 2, 1000+i, 53))
			from.send(udp(2, 1, 53, 1000+i))
		}
		by := map[uint16]map[*socket]int{}
		n, last := 0, packet.Time(0)
		for begun := time.Now(); n < 2*flows && time.Since(begun) < 5*time.Second; {
			if !s.due(50 * time.Millisecond) {
				continue
			}
			k := s.next
			var f Frame
			if err := s.Next(&f); err != nil {
				t.Fatal(err)
			}
			port := max(binary.BigEndian.Uint16(f.Data[34:]), binary.BigEndian.Uint16(f.Data[36:]))
			if by[port] == nil {
				by[port] = map[*socket]int{}
			}
			by[port][k]++
			if f.Time < last {
				t.Errorf("packet %d is older than one before it", n)
			}
			last = f.Time
			n++
		}
		used := map[*socket]bool{}
		for port, socks := range by {
			for k, packets := range socks {
				used[k] = true
				if packets != 2 {
					t.Errorf("flow %d: a socket has %d packets of it, want both directions", port, packets)
				}
			}
		}
		if n != 2*flows || len(used) != 4 {
			t.Errorf("%d packets by %d sockets, want %d by 4", n, len(used), 2*flows)
		}
	})
}

// TestFanoutZero has a socket join group 0, which is the number that the kernel gives to the
// first group after it was booted: it is one as any other.
func TestFanoutZero(t *testing.T) {
	inNamespace(t, func() {
		opt := DefaultLive()
		opt.Ring = MinRing
		ifi, err := net.InterfaceByName("right")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			k, err := openSocket(ifi, &opt)
			if err != nil {
				t.Fatal(err)
			}
			defer k.close()
			if got, err := k.join(0); err != nil || got != 0 {
				t.Fatalf("socket %d is in group %d (%v), want 0", i, got, err)
			}
		}
	})
}

// TestOutage takes an interface down and up, and deletes it and makes it anew.
func TestOutage(t *testing.T) {
	inNamespace(t, func() {
		var mu sync.Mutex
		var log []string
		opt := DefaultLive()
		opt.Logf = func(format string, args ...any) {
			mu.Lock()
			defer mu.Unlock()
			log = append(log, fmt.Sprintf(format, args...))
		}
		s := open(t, opt, "right")
		defer s.Close()
		send := func() { newSender(t, index(t, "left")).send(udp(1, 2, 1000, 53)) }
		comes := func(when string) {
			t.Helper()
			for begun := time.Now(); time.Since(begun) < 10*time.Second; {
				send()
				if s.due(200 * time.Millisecond) {
					var f Frame
					if err := s.Next(&f); err != nil {
						t.Fatalf("%s: %v", when, err)
					}
					return
				}
			}
			t.Errorf("%s: no packet; %q", when, log)
		}
		comes("at first")
		ip(t, "link set dev right down")
		for s.due(100 * time.Millisecond) {
			var f Frame
			s.Next(&f)
		}
		ip(t, "link set dev right up")
		comes("up again")
		s.asking = asking{} // as after a second
		for s.due(100 * time.Millisecond) {
			var f Frame
			s.Next(&f)
		}
		before := s.links[0].counts.Received
		if before < 2 {
			t.Errorf("the interface has received %d packets before it is deleted, want 2 or more", before)
		}
		ip(t, "link del dev right")
		for s.due(100 * time.Millisecond) {
			var f Frame
			s.Next(&f)
		}
		ip(t, "link add dev left type veth peer name right")
		ip(t, "link set dev left arp off up")
		ip(t, "link set dev right arp off up")
		comes("made anew")
		if c := s.Counts()[0]; c.Received <= before {
			t.Errorf("%d packets were received in all, and %d by the interface that was deleted", c.Received, before)
		}
		if text := strings.Join(log, "\n"); !strings.Contains(text, "went down") || !strings.Contains(text, "interface right is up") {
			t.Errorf("was told %q, want that it went down and up", log)
		}
	})
}

// TestStop sees that what the ring holds comes before the end, and that Close counts what
// nobody read.
func TestStop(t *testing.T) {
	inNamespace(t, func() {
		for _, read := range []int{50, 20} {
			s := open(t, DefaultLive(), "right")
			from := newSender(t, index(t, "left"))
			for range 50 {
				from.send(udp(1, 2, 1000, 53))
			}
			s.Stop()
			from.send(udp(1, 2, 1000, 53)) // too late
			var f Frame
			n := 0
			for ; n < read; n++ {
				if err := s.Next(&f); err != nil {
					t.Fatalf("after %d packets: %v", n, err)
				}
			}
			if read == 50 {
				if err := s.Next(&f); err != io.EOF {
					t.Errorf("after the last packet Next returns %v, want io.EOF", err)
				}
			}
			s.Close()
			if c := s.Counts()[0]; c.Captured != uint64(read) || c.Captured+c.Dropped != 50 {
				t.Errorf("counts are %+v, want %d captured, the others of 50 dropped", c, read)
			}
		}
	})
}

// TestFull lets the ring run full: the kernel counts what it drops.
func TestFull(t *testing.T) {
	inNamespace(t, func() {
		opt := DefaultLive()
		opt.Ring = MinRing
		s := open(t, opt, "right")
		defer s.Close()
		ip(t, "link set dev left mtu 9000")
		ip(t, "link set dev right mtu 9000")
		from := newSender(t, index(t, "left"))
		frame := append(udp(1, 2, 1000, 53), make([]byte, 8000)...)
		const sent = 1000 // 8 MB
		for range sent {
			from.send(frame)
		}
		s.Stop()
		n := uint64(0)
		for f := (Frame{}); s.Next(&f) == nil; n++ {
		}
		c := s.Counts()[0]
		if c.Captured != n || c.Dropped == 0 || n+c.Dropped != sent || c.Freezes == 0 {
			t.Errorf("read %d; counts are %+v, want some dropped and %d in all", n, c, sent)
		}
	})
}
