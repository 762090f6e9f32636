package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/runtime/packet"
)

// twoPairs runs f in a namespace where left is joined to right and far to near: a source at
// right and near is inline between left and far.
func twoPairs(t *testing.T, f func()) {
	inNamespace(t, func() {
		ip(t, "link add dev near type veth peer name far")
		for _, dev := range []string{"near", "far"} {
			ip(t, "link set dev "+dev+" arp off multicast off addrgenmode none up")
		}
		f()
	})
}

func openInline(t *testing.T, a, b string) *Inline {
	t.Helper()
	s, err := OpenInline([2]string{a, b}, DefaultInline())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pass hands on n packets that come, or fewer if no more come, by fates.
func pass(t *testing.T, s *Inline, n int, fate func(b *packet.Batch, i int) Fate) {
	t.Helper()
	var dec packet.Decoder
	var b packet.Batch
	in := NewBatcher(s, &dec)
	for begun := time.Now(); n > 0 && time.Since(begun) < 5*time.Second; {
		if err := in.Next(&b); err != nil {
			t.Errorf("Next: %v", err)
			return
		}
		s.Hand(func(i int) Fate { return fate(&b, i) })
		n -= b.N
	}
}

// TestInlineHands hands frames on both ways, byte by byte as they came, also with tags that the
// kernel takes out; what is to be dropped or blocked is not seen on the other side, and every
// packet is counted.
func TestInlineHands(t *testing.T) {
	twoPairs(t, func() {
		s := openInline(t, "right", "near")
		defer s.Close()
		there, back := open(t, DefaultLive(), "far"), open(t, DefaultLive(), "left")
		defer there.Close()
		defer back.Close()
		left, far := newSender(t, index(t, "left")), newSender(t, index(t, "far"))
		var want [][]byte
		for i, tags := range [][]uint16{nil, {7}, {3<<13 | 101}, {7, 9}} {
			want = append(want, udp(byte(i+1), 2, 1000, 53, tags...))
		}
		for _, f := range want {
			left.send(f)
		}
		left.send(udp(66, 2, 1000, 53)) // to be dropped
		left.send(udp(67, 2, 1000, 53)) // to be blocked
		far.send(udp(9, 1, 53, 1000, 8))
		pass(t, s, 7, func(b *packet.Batch, i int) Fate {
			switch b.Packets[i].Src[15] {
			case 66:
				return Drop
			case 67:
				return Block
			}
			return Forward
		})
		got := all(t, there, len(want)+1) // and what far has sent itself
		k := 0
		for i := range got {
			if string(got[i].Data) == string(udp(9, 1, 53, 1000, 8)) {
				continue
			}
			if k == len(want) || string(got[i].Data) != string(want[k]) {
				t.Errorf("frame %d came out as %x", k, got[i].Data)
				continue
			}
			k++
		}
		if k != len(want) {
			t.Errorf("%d frames came out, want %d", k, len(want))
		}
		isBack := false
		for _, f := range all(t, back, 7) {
			isBack = isBack || string(f.Data) == string(udp(9, 1, 53, 1000, 8))
		}
		if !isBack {
			t.Error("what far sent did not come to left")
		}
		if got, want := fmt.Sprint(s.Handed()), "[{right near 4 1 1 0} {near right 1 0 0 0}]"; got != want {
			t.Errorf("counts are %s, want %s", got, want)
		}
		c := s.Counts()
		if c[0].Captured != 6 || c[1].Captured != 1 || c[0].Dropped+c[1].Dropped != 0 {
			t.Errorf("captured: %+v", c)
		}
	})
}

// TestInlineTag puts a tag into a frame that has its checksum and segments still to be made.
func TestInlineTag(t *testing.T) {
	frame := udp(1, 2, 1000, 53)
	p := parcel{space: append(make([]byte, vlanBytes, 100), frame...), from: vlanBytes, to: vlanBytes + len(frame)}
	p.todo[0], p.todo[todoSegments] = needsChecksum, 1
	ne := binary.NativeEndian
	ne.PutUint16(p.todo[todoChecksumAt:], 34)
	ne.PutUint16(p.todo[todoHeaders:], 42)
	p.tag(&unix.TpacketAuxdata{Status: unix.TP_STATUS_VLAN_VALID, Vlan_tci: 7})
	if got, want := string(p.frame()), string(udp(1, 2, 1000, 53, 7)); got != want {
		t.Errorf("frame %x, want %x", got, want)
	}
	if a, b := ne.Uint16(p.todo[todoChecksumAt:]), ne.Uint16(p.todo[todoHeaders:]); a != 38 || b != 46 {
		t.Errorf("the checksum begins at %d and the headers end at %d, want 38 and 46", a, b)
	}
}

// TestInlineRefuses says what cannot be: interfaces that are not there, down, the two ends of one
// pair, or part of a bridge.
func TestInlineRefuses(t *testing.T) {
	twoPairs(t, func() {
		ip(t, "link set dev far down")
		for names, want := range map[[2]string]string{
			{"left", "none"}:  "no such interface",
			{"left", "far"}:   "is down",
			{"left", "left"}:  "is both sides",
			{"left", "right"}: "is joined to right",
			{"left", "lo"}:    "is no Ethernet",
		} {
			s, err := OpenInline(names, DefaultInline())
			if err == nil {
				s.Close()
			}
			var ifErr *InterfaceError
			if !errors.As(err, &ifErr) || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %v, want %q", names, err, want)
			}
		}
	})
}

// TestInlineEnds ends a source that is stopped, and one whose interface is deleted.
func TestInlineEnds(t *testing.T) {
	twoPairs(t, func() {
		s := openInline(t, "right", "near")
		s.Stop()
		if err := s.Next(new(Frame)); err != io.EOF {
			t.Errorf("after a stop Next returns %v", err)
		}
		s.Close()
		s = openInline(t, "right", "near")
		defer s.Close()
		left := newSender(t, index(t, "left"))
		for range 3 {
			left.send(udp(1, 2, 1000, 53))
		}
		pass(t, s, 3, func(*packet.Batch, int) Fate { return Forward })
		s.asking = asking{} // as after a second
		s.release()
		s.due(0)
		ip(t, "link del dev near")
		var ifErr *InterfaceError
		if err := s.Next(new(Frame)); !errors.As(err, &ifErr) || ifErr.Name != "near" {
			t.Errorf("without one of its interfaces Next returns %v", err)
		}
		ip(t, "link add dev near type veth peer name far")
		if c := s.Counts()[1]; c.Sent < 3 || c.Sent > 1<<32 {
			t.Errorf("near, which was made anew, counts %d packets sent, of 3", c.Sent)
		}
	})
}

// TestInlineDoesNotAllocate hands on packets.
func TestInlineDoesNotAllocate(t *testing.T) {
	twoPairs(t, func() {
		s := openInline(t, "right", "near")
		defer s.Close()
		left, frame := newSender(t, index(t, "left")), udp(1, 2, 1000, 53)
		var dec packet.Decoder
		b := new(packet.Batch)
		in := NewBatcher(s, &dec)
		fate := func(int) Fate { return Forward }
		got := 0
		if n := testing.AllocsPerRun(50, func() {
			for range 20 {
				left.send(frame)
			}
			in.Next(b)
			got += b.N
			s.Hand(fate)
		}); n > 20 { // Sendto of the test makes one for each
			t.Errorf("a batch allocates %v times", n)
		}
		if got == 0 {
			t.Error("no packet came")
		}
	})
}

// BenchmarkInline hands on frames of 64 bytes and of 1514, sent ahead by the test: what is
// measured is from the socket of one side to the queue of the other.
func BenchmarkInline(b *testing.B) {
	for _, size := range []int{64, 1514} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			t := new(testing.T)
			twoPairs(t, func() {
				s := openInline(t, "right", "near")
				defer s.Close()
				left := newSender(t, index(t, "left"))
				frame := append(udp(1, 2, 1000, 53), make([]byte, size-46)...)
				var dec packet.Decoder
				batch := new(packet.Batch)
				in := NewBatcher(s, &dec)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for n := 0; n < b.N; {
					b.StopTimer()
					for range 10_000 {
						left.send(frame)
					}
					b.StartTimer()
					for at := 0; at < 10_000; at += batch.N {
						if in.Next(batch); batch.N == 0 {
							break
						}
						s.Hand(func(int) Fate { return Forward })
						n += batch.N
					}
				}
			})
		})
	}
}
