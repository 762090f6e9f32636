package list

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func mustParse(t testing.TB, text string) *Set {
	t.Helper()
	s, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return s
}

func ip16(s string) *[16]byte {
	b := netip.MustParseAddr(s).As16()
	return &b
}

func TestInts(t *testing.T) {
	s := mustParse(t, "\xef\xbb\xbf20..25  # ports\r\n\n53\n25..26\n0x1f90\n-5\n65530..70000\n9223372036854775807\n# end")
	for v, want := range map[int64]bool{
		19: false, 20: true, 23: true, 25: true, 26: true, 27: false, 53: true, 8080: true, 0: false,
		-5: true, -4: false, 65530: true, 65535: true, 65536: true, 70000: true, 70001: false,
		1<<63 - 1: true, 1<<63 - 2: false, -1 << 63: false,
	} {
		if got := s.HasInt(v); got != want {
			t.Errorf("HasInt(%d) = %v, want %v", v, got, want)
		}
	}
	if s.Len() != 7 {
		t.Errorf("Len = %d, want 7", s.Len())
	}
}

func TestIPs(t *testing.T) {
	s := mustParse(t, `
10.0.0.0/8
10.1.0.0/16          # inside the one before
192.0.2.7
192.0.2.9 .. 192.0.2.12
2001:db8::/32
2001:db8:ffff::1
fe80::/10
::1
198.51.100.128/25
203.0.113.4/32
`)
	for a, want := range map[string]bool{
		"9.255.255.255": false, "10.0.0.0": true, "10.1.2.3": true, "10.255.255.255": true, "11.0.0.0": false,
		"192.0.2.7": true, "192.0.2.8": false, "192.0.2.9": true, "192.0.2.12": true, "192.0.2.13": false,
		"2001:db8::1": true, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff": true, "2001:db9::": false, "2001:db7:ffff::": false,
		"febf::1": true, "fec0::1": false, "::1": true, "::": false, "0.0.0.1": false,
		"198.51.100.127": false, "198.51.100.128": true, "198.51.100.255": true, "198.51.101.0": false,
		"203.0.113.4": true, "203.0.113.5": false, "::ffff:10.0.0.1": true,
	} {
		if got := s.HasIP(ip16(a)); got != want {
			t.Errorf("HasIP(%s) = %v, want %v", a, got, want)
		}
	}
}

// TestIPsAgainstScan compares the search with a look at every network.
func TestIPsAgainstScan(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var text strings.Builder
	var nets []netip.Prefix
	for i := range 400 {
		b := [4]byte{10, byte(r.IntN(4)), byte(r.Uint32()), byte(r.Uint32())}
		p := netip.PrefixFrom(netip.AddrFrom4(b), 22+r.IntN(11)).Masked()
		if i%4 == 0 {
			b := [16]byte{0x20, 1, 0xd, 0xb8, 7: byte(r.IntN(4)), 8: byte(r.Uint32())}
			p = netip.PrefixFrom(netip.AddrFrom16(b), 62+r.IntN(16)).Masked()
		}
		nets = append(nets, p)
		text.WriteString(p.String() + "\n")
	}
	s, hits := mustParse(t, text.String()), 0
	for i := range 20_000 {
		a := netip.AddrFrom4([4]byte{10, byte(r.IntN(4)), byte(r.Uint32()), byte(r.Uint32())})
		if i%4 == 0 {
			a = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 7: byte(r.IntN(4)), 8: byte(r.Uint32())})
		}
		want := false
		for _, p := range nets {
			want = want || p.Contains(a)
		}
		if want {
			hits++
		}
		b := a.As16()
		if got := s.HasIP(&b); got != want {
			t.Fatalf("HasIP(%v) = %v, want %v", a, got, want)
		}
	}
	if hits < 1000 || hits > 19_000 {
		t.Errorf("%d of 20000 addresses are in a network: the test shows little", hits)
	}
}

func TestMACs(t *testing.T) {
	s := mustParse(t, "02:00:5e:10:00:01\n02-00-5E-10-00-0A\n")
	for mac, want := range map[[6]byte]bool{
		{2, 0, 0x5e, 0x10, 0, 1}: true, {2, 0, 0x5e, 0x10, 0, 10}: true, {2, 0, 0x5e, 0x10, 0, 2}: false,
	} {
		if got := s.HasMAC(&mac); got != want {
			t.Errorf("HasMAC(%x) = %v, want %v", mac, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	s := mustParse(t, "www.Example.com\n.bad.example\n*.cdn.example\nlocalhost.\n_dmarc.example\nxn--bcher-kva.example")
	for name, want := range map[string]bool{
		"www.example.com": true, "WWW.EXAMPLE.COM.": true, "a.www.example.com": false, "example.com": false, "ww.example.com": false,
		"bad.example": true, "Bad.Example": true, "a.b.bad.example": true, "notbad.example": false, "example": false,
		"cdn.example": false, "a.cdn.example": true, "a.b.CDN.example.": true, "xcdn.example": false,
		"localhost": true, "_dmarc.example": true, "xn--bcher-kva.example": true, "": false, ".": false,
		strings.Repeat("a.", 200) + "bad.example": false, // longer than a name can be
		strings.Repeat("a.", 100) + "bad.example": true,
	} {
		if got := s.HasName([]byte(name)); got != want {
			t.Errorf("HasName(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.0.0/33":                         `line 1: "10.0.0.0/33": expected a network`,
		"\n10.0.0.1/8":                        `line 2: "10.0.0.1/8": host bits are set; the network is 10.0.0.0/8`,
		"25..20":                              `line 1: "25..20": the range ends before it begins`,
		"25..":                                `line 1: "25..": expected a range`,
		"1..10.0.0.1":                         `expected a range`,
		"10.0.0.1..::1":                       `expected a range`,
		"10.0.0.9..10.0.0.1":                  `the range ends before it begins`,
		"99999999999999999999":                `number beyond 64 bits`,
		"10.0.0.256":                          `all digits`,
		"10.0.0":                              `all digits`,
		".7":                                  `all digits`,
		"53, 54":                              `one entry a line`,
		"fe80::1%eth0":                        `address with a zone`,
		"fe80::1%eth0..fe80::2":               `expected a range`,
		"a..b":                                `expected a range`,
		"a b":                                 `one entry a line`,
		"*.":                                  `expected a number`,
		"*.a.*.b":                             `one entry a line`,
		strings.Repeat("a", 64) + ".example":  `longer than 63 bytes`,
		strings.Repeat("a.", 130) + "example": `expected a number`,
		"02:00:5e:10:00:0g":                   `one entry a line`,
		"0x10000000000000000":                 `number beyond 64 bits`,
		"caf\xc3\xa9.example":                 `one entry a line`,
	} {
		s, err := Parse([]byte(text))
		if want == "" {
			if err != nil {
				t.Errorf("Parse(%q): %v", text, err)
			}
			continue
		}
		if err == nil || s != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, %v; want an error with %q", text, s, err, want)
		}
	}
}

func TestParseReportsSeveral(t *testing.T) {
	_, err := Parse([]byte("53\nbad one\n54\nbad two\n"))
	var e *Error
	if !errors.As(err, &e) || e.Line != 2 || e.Entry != "bad one" {
		t.Errorf("first error: %+v", e)
	}
	if got := strings.Count(err.Error(), "\n") + 1; got != 2 {
		t.Errorf("%d errors, want 2: %v", got, err)
	}
	_, err = Parse([]byte(strings.Repeat("not good\n", 100)))
	if got := strings.Count(err.Error(), "\n") + 1; got != maxErrors {
		t.Errorf("%d errors, want %d", got, maxErrors)
	}
}

func TestListSwap(t *testing.T) {
	var l List
	if l.HasInt(53) || l.HasIP(ip16("::1")) || l.HasMAC(new([6]byte)) || l.HasName([]byte("a")) || l.Load().Len() != 0 {
		t.Error("the zero List is not empty")
	}
	a, b := mustParse(t, "1\n2"), mustParse(t, "3\n4")
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 10_000 {
			l.Store([]*Set{a, b}[i%2])
		}
	})
	for range 10_000 {
		if s := l.Load(); s.HasInt(1) != s.HasInt(2) || s.HasInt(3) != s.HasInt(4) {
			t.Fatal("a half-stored set was seen")
		}
	}
	wg.Wait()
	if l.Store(nil); l.HasInt(3) {
		t.Error("a nil set is not empty")
	}
	if !New(a).HasInt(2) {
		t.Error("New does not hold its set")
	}
}

func TestAllocatesNothing(t *testing.T) {
	l := New(mustParse(t, "20..25\n70000\n10.0.0.0/8\n02:00:5e:10:00:01\n.bad.example\n"))
	ip, mac, name := ip16("10.1.2.3"), &[6]byte{2, 0, 0x5e, 0x10, 0, 1}, []byte("A.b.BAD.example")
	if n := testing.AllocsPerRun(100, func() {
		if !l.HasInt(21) || !l.HasInt(70000) || !l.HasIP(ip) || !l.HasMAC(mac) || !l.HasName(name) {
			t.Error("not found")
		}
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

// FuzzParse: no text panics, and what a single entry names is in the set.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"53", "20..25 # x", "10.0.0.0/8\n::1", "02:00:5e:10:00:01", ".a.example", "*.b", "..", "/", "1../", "\xef\xbb\xbf"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse(text)
		if (s == nil) != (err != nil) {
			t.Fatalf("Parse(%q) = %v, %v", text, s, err)
		}
		if err != nil {
			return
		}
		s.HasName(text)
		if v, err := strconv.ParseInt(string(text), 10, 64); err == nil && !s.HasInt(v) {
			t.Errorf("Parse(%q) does not hold %d", text, v)
		}
		if a, err := netip.ParseAddr(string(text)); err == nil {
			if b := a.As16(); !s.HasIP(&b) {
				t.Errorf("Parse(%q) does not hold %v", text, a)
			}
		}
	})
}

func BenchmarkList(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var text strings.Builder
	for range 100_000 {
		text.WriteString(netip.AddrFrom4([4]byte{byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())}).String() + "\n")
	}
	large := New(mustParse(b, text.String()))
	small := New(mustParse(b, "20..25\n53\n443\n10.0.0.0/8\n192.168.0.0/16\n172.16.0.0/12\n.bad.example\nwww.example.com\n"))
	var ips [256][16]byte
	for i := range ips {
		ips[i] = *ip16("10.0.0.1")
		ips[i][12], ips[i][13] = byte(r.Uint32()), byte(r.Uint32())
	}
	name := []byte("some.host.bad.example")
	n := 0
	run := func(name string, f func(i int) bool) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				if f(i) {
					n++
				}
			}
		})
	}
	run("int", func(i int) bool { return small.HasInt(int64(i & 1023)) })
	run("ip/3", func(i int) bool { return small.HasIP(&ips[i&255]) })
	run("ip/100k", func(i int) bool { return large.HasIP(&ips[i&255]) })
	run("name", func(i int) bool { return small.HasName(name) })
}
