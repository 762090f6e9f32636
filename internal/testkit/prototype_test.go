package testkit

import (
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

// What is made has the properties that are reported, and is the same each time.
func TestPrototype(t *testing.T) {
	for name, want := range map[string]struct{ packets, sources int }{
		"device_scan": {23, 7}, "dos": {2200, 3}, "port_scan": {23, 7}, "nxd": {53, 1}, "synscan": {32, 1}, "ddos_new": {638, 638},
	} {
		list, again := Prototype(t, name), Prototype(t, name)
		sources := map[packet.IP]bool{}
		for i, f := range list {
			if string(f.Data) != string(again[i].Data) || f.Time != again[i].Time {
				t.Fatalf("%s: packet %d is another one the second time", name, i+1)
			}
			if i > 0 && f.Time < list[i-1].Time && name != "dos" { // it is so in the file
				t.Errorf("%s: packet %d is earlier than the one before", name, i+1)
			}
			var p packet.Packet
			f.Decode(&p)
			sources[p.Src] = true
		}
		if len(list) != want.packets || len(sources) != want.sources {
			t.Errorf("%s: %d packets of %d sources, want %d of %d", name, len(list), len(sources), want.packets, want.sources)
		}
	}
}
