package packet

import "testing"

func TestIPText(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		ok, is4  bool
	}{
		{"10.0.0.1", "10.0.0.1", true, true},
		{"255.255.255.255", "255.255.255.255", true, true},
		{"::ffff:1.2.3.4", "1.2.3.4", true, true},
		{"2001:DB8:0:0:1::1", "2001:db8::1:0:0:1", true, false},
		{"::", "::", true, false},
		{"fe80::1%eth0", "", false, false},
		{"10.0.0", "", false, false},
		{"", "", false, false},
	} {
		ip, ok := ParseIP(tt.in)
		if ok != tt.ok {
			t.Errorf("ParseIP(%q) ok = %v, want %v", tt.in, ok, tt.ok)
			continue
		}
		if ok && (ip.String() != tt.want || ip.Is4() != tt.is4) {
			t.Errorf("ParseIP(%q) = %v, Is4 %v, want %v, %v", tt.in, ip, ip.Is4(), tt.want, tt.is4)
		}
	}
	if got := IPFrom4(0x0a000102); got != IPv4(10, 0, 1, 2) || got.To4() != 0x0a000102 {
		t.Errorf("IPFrom4(0x0a000102) = %v, To4 %#x", got, got.To4())
	}
	if got := string(AppendMAC([]byte("x"), MAC{0, 0x1b, 0x21, 0xa, 0xb, 0xff})); got != "x00:1b:21:0a:0b:ff" {
		t.Errorf("AppendMAC = %q", got)
	}
	buf := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(10, func() { AppendIP(buf, IP{0: 0x20, 15: 1}); AppendMAC(buf, MAC{}) }); n != 0 {
		t.Errorf("AppendIP and AppendMAC allocate %v times, want 0", n)
	}
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for i, name := range LayerNames {
		if name == "" || seen[name] {
			t.Errorf("layer %d has the name %q", i, name)
		}
		seen[name] = true
	}
	seen = map[string]bool{}
	for m := None; m < NumMalformed; m++ {
		if m.String() == "" || seen[m.String()] {
			t.Errorf("reason %d has the name %q", m, m)
		}
		seen[m.String()] = true
	}
	if got := NumMalformed.String(); got != "unknown" {
		t.Errorf("String of a reason out of range = %q", got)
	}
	if got := (Eth | IP4 | TCP).String(); got != "eth:ip:tcp" {
		t.Errorf("Layers.String() = %q", got)
	}
	for _, l := range fuzzLinks {
		if l.IsKnown() != (l != 9999) {
			t.Errorf("LinkType(%d).IsKnown() = %v", l, l.IsKnown())
		}
	}
}
