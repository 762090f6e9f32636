package bench

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/streamon/streamon/runtime/program"
)

func counters(names ...string) (list []*program.Info) {
	for _, name := range names {
		list = append(list, &program.Info{
			Manifest: program.Manifest{ABI: program.ABI, Name: name},
			New:      func(*program.Env) (program.Instance, error) { return new(counter), nil },
		})
	}
	return list
}

func TestParts(t *testing.T) {
	programs := counters("worst16", "worst1", "worst4", "owned4", "wide16", "reject", "syncount", "p2p", "worst", "ddos2")
	for i, metrics := range []int{16, 1, 4} {
		programs[i].Manifest.Memory = make([]program.MemoryInfo, 2*metrics)
	}
	c := parts(programs)
	var got []string
	for _, list := range [][]*program.Info{c.worst, c.owned, c.wide, c.reject, c.synCount, c.examples} {
		var names []string
		for _, info := range list {
			names = append(names, info.Manifest.Name)
		}
		got = append(got, strings.Join(names, " "))
	}
	if got, want := fmt.Sprintf("%q", got), `["worst1 worst4 worst16" "owned4" "wide16" "reject" "syncount" "p2p worst ddos2"]`; got != want {
		t.Errorf("parts = %s, want %s", got, want)
	}
}

// A suite measures each program on the loads that its part calls for.
func TestSuite(t *testing.T) {
	steps := 0
	r, err := Run(context.Background(), Options{
		Programs: counters("worst4", "owned4", "wide16", "reject", "syncount", "conficker", "ddos"),
		Captures: []string{"../../testdata/pcap/snap-tcp.pcap", "../../testdata/pcap/vlan-http.pcap"},
		Packets:  400, Rounds: 2, File: 100, Suite: true, Workers: 2,
		Step: func(string, ...any) { steps++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range r.Tables {
		line := x.Name + "/" + x.Load + ":"
		for i := range x.Rows {
			row := &x.Rows[i]
			line += " " + row.Program
			if !row.Decode.taken() {
				t.Errorf("%s: %s was not measured", line, row.Program)
			}
			if row.Events != 1 {
				t.Errorf("%s: %v events a packet, want 1", line, row.Events)
			}
			if row.File.taken() {
				line += "+file"
			}
			if row.Unsharded != "" || len(row.Many) == 2 {
				line += "+workers"
			}
		}
		got = append(got, line)
	}
	want := []string{
		"figure 8/syn-load: worst4+file",
		"figure 8, keys with the owner/syn-load: owned4+workers",
		"out of cache/syn-load-uniform: wide16",
		"reject/syn-load: reject",
		"examples, packets that they follow/syn-load: conficker+workers ddos+workers",
		"examples, packets that they follow/syn-dns-pairs: conficker+workers ddos+workers",
		"examples, packets that they follow/syn-syns-120000: conficker+workers ddos+workers",
		"from a file, as Zeek was measured/syn-dns-pairs: conficker+file+workers",
		"from a file, as Zeek was measured/syn-syns-120000: syncount+file+workers ddos+file+workers",
		"from a file, as Zeek was measured/syn-syns-500: syncount+file+workers ddos+file+workers",
		`a capture, "snap-tcp.pcap"/snap-tcp.pcap: worst4+file reject+file conficker+file ddos+file`,
		`a capture, "snap-tcp.pcap", keys with the owner/snap-tcp.pcap: owned4+workers`,
		`a capture, "vlan-http.pcap"/vlan-http.pcap: worst4+file reject+file conficker+file ddos+file`,
		`a capture, "vlan-http.pcap", keys with the owner/vlan-http.pcap: owned4+workers`,
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("measured\n%s\nwant\n%s", g, w)
	}
	if len(r.Targets) == 0 || steps != 2*len(want) {
		t.Errorf("%d targets, %d steps", len(r.Targets), steps)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, Options{Programs: counters("worst4"), Packets: 10, Rounds: 1}); err == nil {
		t.Error("an interrupt was not seen")
	}
}
