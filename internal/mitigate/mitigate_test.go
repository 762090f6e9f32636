package mitigate

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// sink keeps how many records were handed on.
type sink int

func (s *sink) Write(*export.Origin, *program.Record) error { *s++; return nil }
func (s *sink) Flush() error                                { return nil }

// desk is a guard whose time stands still.
type desk struct {
	*Guard
	t       *testing.T
	now     time.Time
	audit   bytes.Buffer
	logged  []string
	records sink
}

func newDesk(t *testing.T, mode Mode, p Policy) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Unix(1000, 0).UTC()}
	g, err := Start(Options{
		Policy: p, Mode: mode, Audit: &d.audit, Records: &d.records, Wait: true,
		Logf:  func(f string, a ...any) { d.logged = append(d.logged, fmt.Sprintf(f, a...)) },
		Clock: func() time.Time { return d.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Guard = g
	t.Cleanup(func() { g.Close() })
	return d
}

// wish has a program ask for a block, with the record that programs make of it.
func (d *desk) wish(o *export.Origin, field, addr string, lasts time.Duration) {
	d.t.Helper()
	v := program.IPValue(packet.IP(netip.MustParseAddr(addr).As16()))
	r := &program.Record{
		Type: program.LogRecord, Message: []byte("block " + field + " " + addr + " for " + lasts.String()),
		Fields: []program.Field{{Name: "block", Value: v}, {Name: "for", Value: program.DurationValue(int64(lasts))}},
	}
	if err := d.Write(o, r); err != nil {
		d.t.Fatal(err)
	}
}

// blocks is what is in force, a line each.
func (d *desk) blocks(c Choice) string {
	var out strings.Builder
	list, _ := d.List(c, 100)
	for _, b := range list {
		fmt.Fprintf(&out, "%s %v>%v", b.Field, b.Src, b.Dst)
		for _, by := range b.By {
			fmt.Fprintf(&out, " %s/%s until %ds", by.Tenant, by.Program, by.Until.Unix()-1000)
		}
		out.WriteString("\n")
	}
	return strings.ReplaceAll(out.String(), "invalid IP", "*")
}

func (d *desk) want(what string, c Choice, want string) {
	d.t.Helper()
	if got := d.blocks(c); got != want {
		d.t.Errorf("%s: in force are\n%swant\n%s", what, got, want)
	}
}

func packetOf(src, dst string) *packet.Packet {
	return &packet.Packet{Has: packet.IPLayer, Src: netip.MustParseAddr(src).As16(), Dst: netip.MustParseAddr(dst).As16()}
}

var scan = &export.Origin{Program: "scan"}

// TestDecisions checks, in a dry run, who is blocked, how long and how often.
func TestDecisions(t *testing.T) {
	d := newDesk(t, DryRun, Policy{Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Max: 3, Longest: time.Minute})
	d.wish(scan, "ip.src", "10.0.0.1", 10*time.Second)
	d.wish(scan, "ip.src", "10.0.0.1", 10*time.Second) // again
	d.wish(scan, "ip.dst", "10.0.0.1", 10*time.Hour)   // too long
	d.wish(scan, "ip.src", "192.0.2.9", time.Second)   // never
	d.wish(scan, "ip.src", "192.0.2.9", time.Second)   // again: no line
	d.wish(scan, "ip.dst", "192.0.2.9", time.Second)   // never
	d.wish(scan, "dns.addr", "10.0.0.2", time.Second)  // cannot be
	d.wish(scan, "ip.src", "10.0.0.2", 0)
	d.Drop(scan, packetOf("2001:db8::1", "2001:db8::2"))
	d.Drop(scan, packetOf("2001:db8::1", "2001:db8::2"))
	d.Drop(scan, packetOf("10.0.0.1", "10.0.0.9"))  // its source is blocked already
	d.Drop(scan, packetOf("192.0.2.1", "10.0.0.9")) // never
	d.Drop(scan, packetOf("10.0.0.7", "192.0.2.1")) // too many
	want := Counts{Mode: "dry-run", Blocked: 3, Repeated: 3, Allowed: 4, Refused: 3, Active: 3}
	if got := d.Counts(); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	d.want("at first", Choice{}, "ip.src 10.0.0.1>* /scan until 10s\nip.src, ip.dst 2001:db8::1>2001:db8::2 /scan until 30s\nip.dst *>10.0.0.1 /scan until 60s\n")
	d.now = d.now.Add(11 * time.Second)
	d.Drop(scan, packetOf("10.0.0.7", "192.0.2.1")) // there is room again, and drops go to protected hosts
	want.Blocked++
	if got := d.Counts(); got != want {
		t.Errorf("after one has ended: %+v, want %+v", got, want)
	}
	if d.records != 8 {
		t.Errorf("%d records handed on, want 8", d.records)
	}
	if len(d.logged) != 1 || !strings.Contains(d.logged[0], "3 blocks are in force") {
		t.Errorf("logged %q", d.logged)
	}
	d.Close()
	const wantAudit = `{"time":"1970-01-01T00:16:40Z","program":"scan","field":"ip.src","src":"10.0.0.1","for":"10s","done":"would block"}
{"time":"1970-01-01T00:16:40Z","program":"scan","field":"ip.dst","dst":"10.0.0.1","for":"1m0s","done":"would block"}
{"time":"1970-01-01T00:16:40Z","program":"scan","field":"ip.src","src":"192.0.2.9","for":"1s","done":"refused","reason":"it is never to be blocked"}
{"time":"1970-01-01T00:16:40Z","program":"scan","field":"ip.dst","dst":"192.0.2.9","for":"1s","done":"refused","reason":"it is never to be blocked"}
{"time":"1970-01-01T00:16:40Z","program":"scan","field":"dns.addr","for":"1s","done":"refused","reason":"only ip.src and ip.dst can be blocked"}
{"time":"1970-01-01T00:16:40Z","program":"scan","field":"ip.src","src":"10.0.0.2","for":"0s","done":"refused","reason":"its time is not positive"}
{"time":"1970-01-01T00:16:40Z","program":"scan","field":"ip.src, ip.dst","src":"2001:db8::1","dst":"2001:db8::2","for":"30s","done":"would block"}
{"time":"1970-01-01T00:16:40Z","program":"scan","field":"ip.src, ip.dst","src":"192.0.2.1","dst":"10.0.0.9","for":"30s","done":"refused","reason":"it is never to be blocked"}
{"time":"1970-01-01T00:16:40Z","program":"scan","field":"ip.src, ip.dst","src":"10.0.0.7","dst":"192.0.2.1","for":"30s","done":"refused","reason":"too many blocks are in force"}
{"time":"1970-01-01T00:16:51Z","program":"scan","field":"ip.src, ip.dst","src":"10.0.0.7","dst":"192.0.2.1","for":"30s","done":"would block"}
`
	if d.audit.String() != wantAudit {
		t.Errorf("audit:\n%s", d.audit.String())
	}
}

// TestTenants lifts what one tenant wants blocked; others stay blocked, and it may not block
// what lies outside its networks.
func TestTenants(t *testing.T) {
	d := newDesk(t, DryRun, Policy{MaxTenant: 2})
	a, b := &export.Origin{Program: "scan", Tenant: "a"}, &export.Origin{Program: "scan", Instance: "mine", Tenant: "b"}
	held := &export.Origin{Program: "held", Tenant: "c", IsHeld: true, Nets: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}
	d.wish(a, "ip.src", "10.0.0.1", time.Minute)
	d.wish(b, "ip.src", "10.0.0.1", 2*time.Minute)
	d.wish(b, "ip.src", "10.0.0.2", time.Minute)
	d.wish(b, "ip.src", "10.0.0.3", time.Minute)    // its third
	d.wish(held, "ip.src", "10.0.0.4", time.Hour)   // is none of its hosts
	d.wish(held, "ip.src", "10.1.0.4", time.Hour)   // is one
	d.Drop(held, packetOf("8.8.8.8", "10.1.0.4"))   // goes to one
	d.Drop(held, packetOf("8.8.8.8", "172.16.0.1")) // does not
	const rest = "ip.src, ip.dst 8.8.8.8>10.1.0.4 c/held until 30s\nip.src 10.0.0.2>* b/mine until 60s\n"
	d.want("at first", Choice{}, rest+"ip.src 10.0.0.1>* a/scan until 60s b/mine until 120s\nip.src 10.1.0.4>* c/held until 3600s\n")
	d.want("of a", Choice{IsTenant: true, Tenant: "a"}, "ip.src 10.0.0.1>* a/scan until 60s\n")
	if c := d.Counts(); c.Blocked != 5 || c.Refused != 3 {
		t.Errorf("counts %+v, want 5 blocked and 3 refused", c)
	}
	lift := func(c Choice, hold time.Duration, want int) {
		t.Helper()
		if n, err := d.Lift(context.Background(), c, hold, "the test"); n != want || err != nil {
			t.Errorf("Lift(%+v) = %d, %v, want %d", c, n, err, want)
		}
	}
	lift(Choice{IsTenant: true, Tenant: "a", Program: "mine"}, 0, 0)
	lift(Choice{IsTenant: true, Tenant: "b", Addr: netip.MustParseAddr("10.0.0.1")}, time.Minute, 1)
	d.want("after b has lifted one", Choice{Addr: netip.MustParseAddr("10.0.0.1")}, "ip.src 10.0.0.1>* a/scan until 60s\n")
	d.wish(b, "ip.src", "10.0.0.1", time.Minute) // was lifted
	d.wish(a, "ip.src", "10.0.0.9", time.Minute)
	lift(Choice{}, time.Minute, 5)
	d.wish(a, "ip.src", "10.0.0.8", time.Minute) // was lifted too, in a way
	d.want("after everything was lifted", Choice{}, "")
	d.now = d.now.Add(time.Minute)
	d.wish(a, "ip.src", "10.0.0.8", time.Minute)
	d.want("later", Choice{}, "ip.src 10.0.0.8>* a/scan until 120s\n")
	d.Set(Policy{Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.8/32")}})
	d.want("with another policy", Choice{}, "")
	if c := d.Counts(); c.Blocked != 7 || c.Refused != 5 || c.Lifted != 7 {
		t.Errorf("counts %+v, want 7 blocked, 5 refused and 7 lifted", c)
	}
	d.Close()
	if !strings.Contains(d.audit.String(), `"tenant":"b","program":"mine","field":"ip.src","src":"10.0.0.1","done":"lifted","by":"the test"}`) {
		t.Errorf("audit:\n%s", d.audit.String())
	}
}

// TestInline decides about packets themselves: what is dropped is so once, what is blocked is
// until it ends or is lifted.
func TestInline(t *testing.T) {
	d := newDesk(t, Inline, Policy{Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	p, spared := packetOf("10.0.0.1", "10.0.0.2"), packetOf("192.0.2.1", "10.0.0.2")
	if !d.Drop(scan, p) || d.Drop(scan, spared) || d.Blocks(p) {
		t.Error("a packet to be dropped is not, or one that is never to be is, or the next one is")
	}
	d.wish(scan, "ip.dst", "10.0.0.2", time.Minute)
	if !d.Blocks(p) || d.Blocks(packetOf("10.0.0.2", "10.0.0.1")) {
		t.Error("a block of a destination is not about packets to it, or about others")
	}
	if _, err := d.Lift(context.Background(), Choice{}, time.Minute, "the test"); err != nil {
		t.Fatal(err)
	}
	if d.Blocks(p) || d.Drop(scan, p) {
		t.Error("after a lift packets are dropped")
	}
	d.now = d.now.Add(time.Minute)
	if !d.Drop(scan, p) {
		t.Error("a minute after a lift for a minute nothing is dropped")
	}
}

// TestPacketTime has a guard without a clock end blocks by the time of packets.
func TestPacketTime(t *testing.T) {
	g, err := Start(Options{Records: new(sink), Logf: t.Logf, Wait: true})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	p := packetOf("10.0.0.1", "10.0.0.2")
	for at, want := range []Counts{{Blocked: 1, Active: 1}, {Blocked: 1, Repeated: 1, Active: 1}, {Blocked: 2, Repeated: 1, Active: 1}} {
		p.Time = packet.Time(at) * packet.Time(20*time.Second)
		g.Drop(scan, p)
		want.Mode = "dry-run"
		if got := g.Counts(); got != want {
			t.Errorf("at %d s: %+v, want %+v", 20*at, got, want)
		}
	}
}

// TestDropDoesNotAllocate drops what is blocked already, as a flood does.
func TestDropDoesNotAllocate(t *testing.T) {
	for _, mode := range []Mode{DryRun, Inline} {
		d := newDesk(t, mode, Policy{})
		d.wish(scan, "ip.src", "10.0.0.3", time.Minute)
		p := packetOf("10.0.0.1", "10.0.0.2")
		if n := testing.AllocsPerRun(100, func() { d.Drop(scan, p); d.Blocks(p) }); n != 0 {
			t.Errorf("%v: to drop what is dropped already allocates %v times", mode, n)
		}
	}
}

// flood drops n packets at a time, each from a host of its own.
func flood(g *Guard, at time.Duration, n int) {
	p := packetOf("10.0.0.1", "192.0.2.1")
	p.Time = packet.Time(at)
	for i := range n {
		p.Src = packet.IPv4(10, byte(i>>16), byte(i>>8), byte(i))
		g.Drop(scan, p)
	}
}

// TestFloodWhenFull: where there is no room, what is in force is not gone through for every
// packet, but room is found when blocks have ended.
func TestFloodWhenFull(t *testing.T) {
	for _, mode := range []Mode{DryRun, Inline} {
		g, err := Start(Options{Mode: mode, Policy: Policy{Max: 100, DropFor: 2 * time.Second}, Records: new(sink), Logf: t.Logf, Wait: true})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		sweeps, last := 0, g.swept
		for i := range 10 {
			flood(g, time.Second+time.Duration(i)*50*time.Millisecond, 5000)
			if g.swept != last {
				sweeps, last = sweeps+1, g.swept
			}
			if i == 0 && mode == DryRun && g.Counts().Active != 100 {
				t.Errorf("%d blocks are in force", g.Counts().Active)
			}
		}
		if sweeps > 1 {
			t.Errorf("%v: what is in force was gone through %d times in a second", mode, sweeps)
		}
		before := g.Counts().Blocked
		flood(g, 5*time.Second, 5000)
		if got := g.Counts().Blocked - before; mode == DryRun && got != 100 {
			t.Errorf("%d were blocked when those of before had ended", got)
		}
	}
}

// BenchmarkFloodWhenFull is what a packet of a flood from ever new addresses costs.
func BenchmarkFloodWhenFull(b *testing.B) {
	for _, max := range []int{100, 10_000} {
		b.Run(fmt.Sprint(max), func(b *testing.B) {
			g, err := Start(Options{Policy: Policy{Max: max}, Records: new(sink), Logf: b.Logf, Wait: true})
			if err != nil {
				b.Fatal(err)
			}
			defer g.Close()
			flood(g, time.Second, 50_000)
			n := 0
			for b.Loop() {
				flood(g, time.Second, 1000)
				n += 1000
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/packet")
		})
	}
}
