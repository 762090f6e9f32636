package probe

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

func TestSliceHas(t *testing.T) {
	ip := func(s string) packet.IP { return netip.MustParseAddr(s).As16() }
	plain := packet.Packet{Has: packet.Eth | packet.IPLayer | packet.IP4, Src: ip("10.1.2.3"), Dst: ip("192.0.2.1")}
	tagged, double, six := plain, plain, plain
	tagged.Has, tagged.VLANID = tagged.Has|packet.VLAN, 10
	double.Has, double.VLANID, double.VLANInnerID = double.Has|packet.VLAN|packet.VLANInner, 20, 10
	six.Src, six.Dst = ip("2001:db8::1"), ip("fe80::1")
	arp := packet.Packet{Has: packet.Eth | packet.ARP, ARPSrcIP: ip("10.1.2.3"), ARPDstIP: ip("10.1.2.4"), Src: ip("192.0.2.1"), Dst: ip("192.0.2.1"), VLANID: 10}
	other := packet.Packet{Has: packet.Eth}
	tests := []struct {
		s    Slice
		want string // of plain, tagged, double, six, arp, other
	}{
		{Slice{}, "111111"},
		{Slice{VLANs: []int{10}}, "011000"},
		{Slice{VLANs: []int{20}}, "001000"},
		{Slice{VLANs: []int{0}}, "100111"},
		{Slice{VLANs: []int{0, 10}}, "111111"},
		{Slice{Nets: []string{"10.0.0.0/8"}}, "111010"},
		{Slice{Nets: []string{"10.255.0.0/8"}}, "111010"},
		{Slice{Nets: []string{"192.0.2.1"}}, "111000"},
		{Slice{Nets: []string{"10.1.2.4"}}, "000010"},
		{Slice{Nets: []string{"2001:db8::/32"}}, "000100"},
		{Slice{Nets: []string{"0.0.0.0/0"}}, "111010"},
		{Slice{Nets: []string{"::/0"}}, "111110"},
		{Slice{VLANs: []int{10}, Nets: []string{"10.1.2.3/32"}}, "011000"},
		{Slice{VLANs: []int{10}, Nets: []string{"2001:db8::/32"}}, "000000"},
	}
	for _, tt := range tests {
		c, err := tt.s.compile()
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, p := range []*packet.Packet{&plain, &tagged, &double, &six, &arp, &other} {
			got += fmt.Sprint(program.BoolInt(c.has(p)))
		}
		if got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.s, got, tt.want)
		}
	}
	for _, bad := range []Slice{{VLANs: []int{-1}}, {VLANs: []int{4095}}, {Nets: []string{""}}, {Nets: []string{"10.0.0.0/33"}}, {Nets: []string{"fe80::1%eth0"}}, {Nets: []string{"host"}}} {
		var h *HintError
		if err := bad.Check(); !errors.As(err, &h) || !h.Usage {
			t.Errorf("%+v: %v, want it refused", bad, err)
		}
	}
}

// onlyNet gives those packets of mixed that are from or to one of two hosts.
type onlyNet struct{ *mixed }

func (s onlyNet) Next(f *capture.Frame) error {
	for {
		if err := s.mixed.Next(f); err != nil {
			return err
		}
		isIn := func(b byte) bool { return b == 3 || b >= 16 && b < 20 }
		if f.Data[12] == 8 && (isIn(f.Data[29]) || isIn(f.Data[33])) {
			return nil
		}
	}
}

// TestSlices: an instance with a slice reports and remembers what it would if there were no
// other packets, with any number of workers, whatever runs beside it; and what it wants kept
// is the right packet.
func TestSlices(t *testing.T) {
	const packets = 8*packet.BatchSize + 77
	slice := &Slice{Nets: []string{"10.0.0.3", "10.0.0.16/30"}}
	programs := []*program.Info{crowd{name: "crowd"}.info(), crowd{name: "whole", whole: true}.info(), fake{name: "fake", every: 3}.info()}
	type outcome struct{ records, programs, evidence string }
	play := func(workers int, src capture.Source, s *Slice, within *Slice, beside bool) (o outcome) {
		var out bytes.Buffer
		kept := &bytesKept{}
		p := New(Options{Workers: workers, Records: export.NewJSON(&out), Evidence: kept})
		if beside {
			if _, err := p.Load(ctx, Artifact{Info: fake{name: "beside", every: 1000000, panicIn: "Process", panicAt: 500}.info(), Slice: &Slice{Nets: []string{"10.0.0.5"}}}); err != nil {
				t.Fatal(err)
			}
		}
		for _, info := range programs {
			if _, err := p.Load(AsTenant(ctx, "red", within), Artifact{Info: info, Slice: s}); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Run(ctx, src); err != nil {
			t.Fatal(err)
		}
		for _, q := range summaryOf(t, p).Programs {
			if q.Name != "beside" {
				o.programs += fmt.Sprintf("%s %s %d %v %d %v %+v %+v\n", q.Name, q.Status, q.Packets, q.Events, q.Transitions, q.States, q.Verdicts, q.Records)
			}
		}
		lines := strings.Split(out.String(), "\n")
		byProgram := func(line string) string {
			_, rest, _ := strings.Cut(line, `"program":`)
			word, _, _ := strings.Cut(rest, ",")
			return word
		}
		slices.SortStableFunc(lines, func(a, b string) int { return strings.Compare(byProgram(a), byProgram(b)) }) // how they alternate depends on the batches
		o.records, o.evidence = strings.Join(lines, "\n"), strings.Join(kept.list, "\n")
		return o
	}
	want := play(1, onlyNet{newMixed(4, packets)}, nil, nil, false)
	// With evidence of the whole traffic, the number of the copy of a packet would show another packet's bytes.
	if strings.Count(want.records, "\n") < packets/10 || want.evidence == "" {
		t.Fatalf("the programs report too little for a test: %d records", strings.Count(want.records, "\n"))
	}
	for _, workers := range []int{1, 2, 4} {
		for _, beside := range []bool{false, true} {
			what := fmt.Sprintf("%d workers, beside another %v", workers, beside)
			for _, how := range []struct{ s, within *Slice }{{slice, nil}, {nil, slice}, {slice, &Slice{Nets: []string{"10.0.0.0/8"}}}, {&Slice{Nets: []string{"::/0"}}, slice}} {
				got := play(workers, newMixed(4, packets), how.s, how.within, beside)
				if got.programs != want.programs {
					t.Errorf("%s, slice %v within %v: programs\n got %s\nwant %s", what, how.s, how.within, got.programs, want.programs)
				}
				if got.records != want.records {
					t.Errorf("%s, slice %v within %v: other records (%d bytes, want %d)", what, how.s, how.within, len(got.records), len(want.records))
				}
				if got.evidence != want.evidence && !beside {
					t.Errorf("%s: other evidence", what)
				}
			}
		}
	}
}

// TestSliceInherited: a replacement and new parameters keep the slice; what a tenant may
// see stays when the operator replaces, and a tenant cannot widen it.
func TestSliceInherited(t *testing.T) {
	p := New(Options{})
	info := fake{name: "p"}.info()
	red := AsTenant(ctx, "red", &Slice{VLANs: []int{10}})
	check := func(what string, err error, slice, within string) {
		t.Helper()
		d, e := p.Program(ctx, "p")
		if got := fmt.Sprint(d.Slice, d.Within); err != nil || e != nil || got != slice+" "+within {
			t.Errorf("%s: %v, %v, slice %s, want %s %s", what, err, e, got, slice, within)
		}
	}
	_, err := p.Load(red, Artifact{Info: info, Slice: &Slice{Nets: []string{"10.0.0.0/8"}}})
	check("load", err, "&{[] [10.0.0.0/8]}", "&{[10] []}")
	_, err = p.Configure(ctx, "p", map[string]string{"every": "5"})
	check("configure", err, "&{[] [10.0.0.0/8]}", "&{[10] []}")
	_, err = p.Replace(ctx, Artifact{Info: info})
	check("replace by the operator", err, "&{[] [10.0.0.0/8]}", "&{[10] []}")
	_, err = p.Replace(red, Artifact{Info: info, Slice: &Slice{}})
	check("replace by the tenant", err, "&{[] []}", "&{[10] []}")
	if _, err := p.Replace(red, Artifact{Info: info, Slice: &Slice{VLANs: []int{9999}}}); err == nil {
		t.Error("a slice that cannot be is taken")
	}
}
