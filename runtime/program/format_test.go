package program

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/streamon/streamon/runtime/packet"
)

func TestAppendInt(t *testing.T) {
	tests := []struct {
		x      int64
		format string
		want   string
	}{
		{0, "", "0"}, {-17, "d", "-17"}, {255, "x", "ff"}, {-255, "x", "-ff"},
		{3, ".2f", "3.00"}, {3, "f", "3.000000"}, {1500, ".1e", "1.5e+03"}, {1500, "g", "1500"},
		{7, "s", "7"}, {7, "?", "7"}, {7, ".", "7"},
		{math.MinInt64, "", "-9223372036854775808"},
	}
	for _, tt := range tests {
		if got := string(AppendInt(nil, tt.x, tt.format)); got != tt.want {
			t.Errorf("AppendInt(%d, %q) = %q, want %q", tt.x, tt.format, got, tt.want)
		}
	}
}

func TestAppendFloat(t *testing.T) {
	tests := []struct {
		x      float64
		format string
		want   string
	}{
		{0, "", "0"}, {0.25, "", "0.25"}, {-1.5, "", "-1.5"}, {1e6, "", "1000000"}, {1e20, "", "100000000000000000000"},
		{1e21, "", "1e+21"}, {0.0001, "", "0.0001"}, {0.00001, "", "1e-05"}, {1.0 / 3, "", "0.3333333333333333"},
		{0.256, ".2f", "0.26"}, {0.5, ".0f", "0"}, {2, "f", "2.000000"}, {12345.678, ".2e", "1.23e+04"}, {12345.678, "e", "1.234568e+04"},
		{12345.678, ".3g", "1.23e+04"}, {2.5, "d", "2"}, {3.5, "d", "4"}, {255.4, "x", "ff"},
		{math.NaN(), "", "undefined"}, {math.NaN(), ".2f", "undefined"}, {math.NaN(), "d", "undefined"},
		{math.Inf(1), ".2f", "inf"}, {math.Inf(-1), "", "-inf"}, {0.5, ".1s", "0.5"},
	}
	for _, tt := range tests {
		if got := string(AppendFloat(nil, tt.x, tt.format)); got != tt.want {
			t.Errorf("AppendFloat(%v, %q) = %q, want %q", tt.x, tt.format, got, tt.want)
		}
	}
}

func TestAppendDuration(t *testing.T) {
	tests := []struct {
		ns     int64
		format string
		want   string
	}{
		{0, "", "0s"}, {7, "", "7ns"}, {1500, "", "1.5us"}, {250 * millisecond, "", "250ms"}, {second, "", "1s"},
		{90 * second, "", "1m30s"}, {2 * hour, "", "2h"}, {36 * hour, "", "1d12h"}, {hour + 1, "", "1h0.000000001s"},
		{1500 * millisecond, "", "1.5s"}, {-90 * second, "", "-1m30s"}, {math.MinInt64, "", "-106751d23h47m16.854775808s"},
		{1500 * millisecond, ".2f", "1.50"}, {1500, "d", "1500"},
	}
	for _, tt := range tests {
		if got := string(AppendDuration(nil, tt.ns, tt.format)); got != tt.want {
			t.Errorf("AppendDuration(%d, %q) = %q, want %q", tt.ns, tt.format, got, tt.want)
		}
	}
}

// The standard library is the oracle.
func TestAppendTime(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	times := []int64{0, -1, 1, math.MinInt64, math.MaxInt64, 951782400e9, 951868799999999999, 4102444800e9}
	for range 20000 {
		times = append(times, int64(r.Uint64()))
	}
	for _, ns := range times {
		want := time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05.000000000Z")
		if got := string(AppendTime(nil, packet.Time(ns))); got != want {
			t.Fatalf("AppendTime(%d) = %s, want %s", ns, got, want)
		}
	}
}

func TestAppendIP(t *testing.T) {
	tests := []string{
		"0.0.0.0", "10.0.0.1", "255.255.255.255", "::", "::1", "1::", "2001:db8::1", "fe80::1:0:0:1",
		"2001:db8:0:1:1:1:1:1", "2001:0:0:1::1", "1:2:3:4:5:6:7:8", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:0", "1:2:3:4:5:6::",
	}
	for _, s := range tests {
		want := netip.MustParseAddr(s)
		if got := string(AppendIP(nil, want.As16())); got != want.String() {
			t.Errorf("AppendIP(%s) = %q, want %q", s, got, want)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		var b [16]byte
		for i := range 8 {
			if r.IntN(2) == 0 {
				b[2*i], b[2*i+1] = byte(r.UintN(2)*r.UintN(256)), byte(r.UintN(256))
			}
		}
		if got, want := string(AppendIP(nil, b)), netip.AddrFrom16(b).Unmap().String(); got != want {
			t.Fatalf("AppendIP(%x) = %q, want %q", b, got, want)
		}
	}
}

func TestAppendValue(t *testing.T) {
	tests := []struct {
		v      Value
		format string
		want   string
	}{
		{Value{}, "", "undefined"},
		{Value{Kind: KindBool, I: 1}, "", "true"},
		{Value{Kind: KindInt, I: 12}, "x", "c"},
		{Value{Kind: KindFloat, F: 1.25}, ".1f", "1.2"},
		{Value{Kind: KindDuration, I: 90 * second}, "", "1m30s"},
		{Value{Kind: KindTime, I: 1}, "", "1970-01-01T00:00:00.000000001Z"},
		{Value{Kind: KindIP, B: netip.MustParseAddr("10.1.2.3").As16()}, "", "10.1.2.3"},
		{Value{Kind: KindMAC, B: [16]byte{0, 1, 2, 0xab, 0xcd, 0xef}}, "", "00:01:02:ab:cd:ef"},
		{Value{Kind: KindString, S: []byte("häßlich")}, ".3s", "häß"},
		{Value{Kind: KindString, S: []byte("ab")}, ".3s", "ab"},
		{Value{Kind: KindEntries, L: []Field{{"a", Value{Kind: KindInt, I: 3}}, {"b", Value{Kind: KindInt, I: 2}}}}, "", "a 3, b 2"},
	}
	for _, tt := range tests {
		if got := string(AppendValue(nil, tt.v, tt.format)); got != tt.want {
			t.Errorf("AppendValue(%v, %q) = %q, want %q", tt.v.Kind, tt.format, got, tt.want)
		}
	}
}

func TestFormatZeroAlloc(t *testing.T) {
	buf := make([]byte, 0, 256)
	ip := netip.MustParseAddr("2001:db8::1").As16()
	got := testing.AllocsPerRun(100, func() {
		b := AppendInt(buf, 12, "x")
		b = AppendFloat(b, 0.25, ".2f")
		b = AppendDuration(b, 90*second, "")
		b = AppendTime(b, 1)
		b = AppendIP(b, ip)
		b = AppendMAC(b, [6]byte{})
		AppendValue(b, Value{Kind: KindFloat, F: 1.5}, "")
	})
	if got != 0 {
		t.Errorf("allocations per run = %v, want 0", got)
	}
}
