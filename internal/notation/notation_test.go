package notation

import (
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

// What Describe says of a packet is what it was made of.
func TestDescribe(t *testing.T) {
	for _, want := range []string{
		"tcp 10.0.0.1:1024 > 10.0.0.9:80 syn",
		"tcp 10.0.0.1:1024 > 10.0.0.9:80 fin syn rst psh ack urg ece cwr len=7",
		"tcp [2001:db8::1]:1024 > [2001:db8::2]:80 syn ack",
		"udp 10.0.0.1:1024 > 10.0.0.9:99 len=100",
		"dns 10.0.0.1:1024 > 10.0.0.53:53 query www.example.com",
		"dns 10.0.0.53:53 > 10.0.0.1:1024 answer www.example.com 10.0.0.9",
		"dns 10.0.0.53:53 > 10.0.0.1:1024 answer nowhere.example nxdomain",
		"icmp 10.0.0.1 > 10.0.0.9 type=8 code=0",
		"arp 02:00:00:00:00:01 10.0.0.1 > 10.0.0.9",
		"eth type=0x88b5",
	} {
		frames, err := Parse("at 0s " + want)
		if err != nil || len(frames) != 1 {
			t.Errorf("Parse(%q) = %d frames, %v", want, len(frames), err)
			continue
		}
		var p packet.Packet
		frames[0].Decode(&p)
		if got := Describe(&p); got != want {
			t.Errorf("Describe = %q, want %q", got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, line := range []string{
		"", "at", "at 0s", "in 0s udp a > b", "at x udp 10.0.0.1:1 > 10.0.0.2:2", "at 0s udp 10.0.0.1:1 10.0.0.2:2",
		"at 0s udp a > b", "at 0s tcp 10.0.0.1:1 > 10.0.0.2:2 flag", "at 0s dns 10.0.0.1:1 > 10.0.0.2:53 ask x",
		"at 0s dns 10.0.0.1:1 > 10.0.0.2:53 query x nowhere", "at 0s warp 10.0.0.1 > 10.0.0.2", "at 0s udp 10.0.0.1:1 > 10.0.0.2:2 len=x",
		"at 0s arp x 10.0.0.1 > 10.0.0.2", "at 0s arp x", "at 0s udp 10.0.0.1:1 > 10.0.0.2:2 x2 every x",
	} {
		if frames, err := Parse(line); err == nil {
			t.Errorf("Parse(%q) = %d frames, want an error", line, len(frames))
		}
	}
}
