package capture

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

// order is the byte order of the files made by the helpers below. Tests that
// need the other one swap it while they build.
var order binary.AppendByteOrder = binary.LittleEndian

// ngBlock wraps a body in a pcapng block.
func ngBlock(typ uint32, body []byte) []byte {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	n := uint32(len(body) + 12)
	b := order.AppendUint32(nil, typ)
	b = order.AppendUint32(b, n)
	b = append(b, body...)
	return order.AppendUint32(b, n)
}

func ngSHB() []byte {
	b := order.AppendUint32(nil, byteOrderMagic)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0)
	return ngBlock(blockSection, append(b, "\xff\xff\xff\xff\xff\xff\xff\xff"...))
}

func ngOpt(code uint16, value ...byte) []byte {
	b := order.AppendUint16(nil, code)
	b = order.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func ngIDB(link uint16, snap uint32, opts ...[]byte) []byte {
	b := order.AppendUint16(nil, link)
	b = order.AppendUint16(b, 0)
	b = order.AppendUint32(b, snap)
	for _, o := range opts {
		b = append(b, o...)
	}
	return ngBlock(blockInterface, b)
}

func ngEPB(iface uint32, ts uint64, capLen, wireLen uint32, data string) []byte {
	b := order.AppendUint32(nil, iface)
	b = order.AppendUint32(b, uint32(ts>>32))
	b = order.AppendUint32(b, uint32(ts))
	b = order.AppendUint32(b, capLen)
	b = order.AppendUint32(b, wireLen)
	return ngBlock(blockEnhanced, append(b, data...))
}

func ngSPB(wireLen uint32, data string) []byte {
	return ngBlock(blockSimple, append(order.AppendUint32(nil, wireLen), data...))
}

func ngOPB(iface uint16, ts uint64, data string) []byte {
	b := order.AppendUint16(nil, iface)
	b = order.AppendUint16(b, 0xffff)
	b = order.AppendUint32(b, uint32(ts>>32))
	b = order.AppendUint32(b, uint32(ts))
	b = order.AppendUint32(b, uint32(len(data)))
	b = order.AppendUint32(b, uint32(len(data)))
	return ngBlock(blockPacket, append(b, data...))
}

// ngFile is a section header and the blocks.
func ngFile(blocks ...[]byte) []byte { return ngJoin(append([][]byte{ngSHB()}, blocks...)...) }

func ngJoin(blocks ...[]byte) (b []byte) {
	for _, x := range blocks {
		b = append(b, x...)
	}
	return b
}

// bigEndian builds with the helpers in the other byte order.
func bigEndian(build func() []byte) []byte {
	order = binary.BigEndian
	defer func() { order = binary.LittleEndian }()
	return build()
}

func readAll(t *testing.T, file []byte) ([]Frame, error) {
	t.Helper()
	src, err := NewSource("test", strings.NewReader(string(file)))
	if err != nil {
		t.Fatal(err)
	}
	return read(src)
}

func TestPcapngKindsOfPacket(t *testing.T) {
	section := func() []byte {
		return ngFile(
			ngIDB(1, 0), ngIDB(101, 6, ngOpt(optTSResol, 9), ngOpt(optTSOffset, order.AppendUint64(nil, 1000)...)),
			ngEPB(0, 5, 3, 60, "abc"),
			ngEPB(1, 7, 4, 4, "defg"),
			ngBlock(0x4000_0bad, []byte("skipped")),
			ngSPB(4, "hijk"),
			ngOPB(1, 9, "lm"),
		)
	}
	file := ngJoin(section(), bigEndian(section))
	got, err := readAll(t, file)
	if err != io.EOF {
		t.Fatalf("ended with %v, want EOF", err)
	}
	one := []Frame{
		{Time: 5000, Data: []byte("abc"), WireLen: 60, Link: 1},
		{Time: 1000e9 + 7, Data: []byte("defg"), WireLen: 4, Link: 101, Iface: 1},
		{Time: 1000e9 + 7, Data: []byte("hijk"), WireLen: 4, Link: 1},
		{Time: 1000e9 + 9, Data: []byte("lm"), WireLen: 2, Link: 101, Iface: 1},
	}
	want := one
	for _, f := range one {
		f.Iface += 2 // the second section's interfaces are counted on
		want = append(want, f)
	}
	if len(got) != len(want) {
		t.Fatalf("read %d packets, want %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		if g.Time != w.Time || string(g.Data) != string(w.Data) || g.WireLen != w.WireLen || g.Link != w.Link || g.Iface != w.Iface {
			t.Errorf("packet %d = %+v, want %+v", i+1, g, w)
		}
	}
}

func TestPcapngSimplePacketIsCut(t *testing.T) {
	got, err := readAll(t, ngFile(ngIDB(1, 3), ngSPB(100, "abc")))
	if err != io.EOF || len(got) != 1 || string(got[0].Data) != "abc" || got[0].WireLen != 100 {
		t.Errorf("read %+v, %v, want one packet of 3 of 100 bytes", got, err)
	}
}

func TestPcapngDamage(t *testing.T) {
	good := ngJoin(ngIDB(1, 0), ngEPB(0, 1, 4, 4, "abcd"))
	badEnd := ngEPB(0, 1, 4, 4, "abcd")
	badEnd[len(badEnd)-1] = 1
	for _, c := range []struct {
		name, reason string
		tail         []byte
	}{
		{"unknown interface", "a packet of interface 1, the section has 1", ngEPB(1, 1, 4, 4, "abcd")},
		{"longer than its block", "a packet of 9 bytes in a block of 36", ngEPB(0, 1, 9, 9, "abcd")},
		{"huge", "a packet of 4294967295 bytes, the limit is 262144", ngEPB(0, 1, math.MaxUint32, 9, "abcd")},
		{"too short", "a packet block of 12 bytes", ngBlock(blockEnhanced, nil)},
		{"lengths differ", "a block whose two lengths differ: 36 and 16777252", badEnd},
		{"length of 0", "a block of 0 bytes", make([]byte, 16)},
		{"cut", "the file ends in the middle of a block", ngEPB(0, 1, 4, 4, "abcd")[:20]},
		{"claims 16 MiB", "the file ends in the middle of a block", []byte{6, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}},
		{"bad section", "a section with byte-order mark 0x61616161", ngBlock(blockSection, []byte("aaaaaaaaaaaaaaaa"))},
		{"bad option", "an interface option of 99 bytes in a block of 28", ngIDB(1, 0, []byte{9, 0, 99, 0, 1, 2, 3, 4})},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := ngFile(good, c.tail, good)
			if c.name == "cut" || c.name == "claims 16 MiB" {
				file = ngFile(good, c.tail)
			}
			got, err := readAll(t, file)
			var d *DamagedError
			if !errors.As(err, &d) || d.Reason != c.reason || d.Packets != 1 || len(got) != 1 {
				t.Errorf("read %d packets, %v, want 1 and %q", len(got), err, c.reason)
			}
			if want := int64(len(ngFile(good))); d != nil && d.Offset != want {
				t.Errorf("offset %d, want %d", d.Offset, want)
			}
		})
	}
}

func TestInterfaceTime(t *testing.T) {
	for _, c := range []struct {
		resol  byte
		offset int64
		units  uint64
		want   packet.Time
	}{
		{6, 0, 1, 1000},
		{9, 0, 1, 1},
		{0, 0, 3, 3e9},
		{3, 0, 3, 3e6},
		{12, 0, 1999, 1},
		{28, 0, math.MaxUint64, 1},
		{29, 0, math.MaxUint64, 0},
		{64, 0, math.MaxUint64, 0},
		{127, 7, math.MaxUint64, 7e9},
		{0x80, 0, 3, 3e9},
		{0x80 | 1, 0, 3, 1.5e9},
		{0x80 | 32, 0, 1 << 31, 5e8},
		{0x80 | 63, 0, 1 << 63, 1e9},
		{0x80 | 64, 0, 1 << 63, 5e8},
		{0x80 | 80, 0, 1 << 63, 7629},
		{0x80 | 127, 0, math.MaxUint64, 0},
		{6, -1, 0, -1e9},
		{6, 1, 1, 1e9 + 1000},
		{6, 0, math.MaxUint64, math.MaxInt64},
		{6, math.MinInt64, 0, math.MinInt64},
		{6, math.MaxInt64, math.MaxUint64, math.MaxInt64},
		{6, -18446744073710, math.MaxUint64, -448385000}, // 18446744073709.551615 s less the offset
	} {
		i := ngIface{offset: c.offset}
		i.setResolution(c.resol)
		if got := i.time(c.units); got != c.want {
			t.Errorf("resolution %#x, offset %d: time(%d) = %d, want %d", c.resol, c.offset, c.units, got, c.want)
		}
	}
}
