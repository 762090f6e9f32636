package packet

import (
	"math/bits"
	"reflect"
	"testing"
)

// TestHeadLayout states what kernels know of a Head.
func TestHeadLayout(t *testing.T) {
	typ, of := reflect.TypeFor[Head](), reflect.TypeFor[Packet]()
	if typ.Size() != 64 {
		t.Errorf("a Head has %d bytes, want 64", typ.Size())
	}
	at := map[string]uintptr{
		"Has": 0, "Src": 8, "Dst": 24, "SrcPort": 40, "DstPort": 42, "TCPFlags": 44, "TCPWindow": 46,
		"Time": 48, "Len": 56, "IPVersion": 60, "Proto": 61, "TTL": 62, "_": 63,
	}
	if n := typ.NumField(); n != len(at) {
		t.Errorf("a Head has %d fields, want %d", n, len(at))
	}
	for i := range typ.NumField() {
		f := typ.Field(i)
		if want, ok := at[f.Name]; !ok || f.Offset != want {
			t.Errorf("%s lies at byte %d, want %d", f.Name, f.Offset, want)
		}
		if p, ok := of.FieldByName(f.Name); f.Name != "_" && (!ok || p.Type != f.Type) {
			t.Errorf("%s is no such field of a Packet", f.Name)
		}
	}
	if off := reflect.TypeFor[Heads]().Field(0).Offset; off != 0 {
		t.Errorf("heads begin at byte %d of Heads, want 0", off)
	}
}

// checkHeads wants what DecodeHeads makes of the records that set has to be what Decode does,
// and other heads to be left alone.
func (l *laid) checkHeads(t *testing.T, set [BatchSize / 64]uint64) {
	t.Helper()
	var d Decoder
	h, b := new(Heads), new(Batch)
	odd := Head{Has: 1<<63 | TCP, Len: 77, TTL: 3}
	for i := range h.Of {
		h.Of[i] = odd
	}
	if l.n > 0 {
		h.Plain.TCP[0] = ^uint64(0) // of a batch before
	}
	for from := 0; from < l.n; from += 64 {
		some := set[from/64]
		if left := l.n - from; left < 64 {
			some &= 1<<left - 1
		}
		d.DecodeHeads(h, &l.Records, from, some)
		d.DecodeRecords(b, &l.Records, from, some)
		for i := from; i < min(from+64, l.n); i++ {
			if some>>(i-from)&1 == 0 {
				if h.Of[i] != odd {
					t.Fatalf("head %d was not wanted: %+v", i, h.Of[i])
				}
				continue
			}
			p := &b.Packets[i]
			if got, want := only(&h.Of[i]), only(headOf(p)); got != want {
				t.Fatalf("record %d: % x\nDecodeHeads %+v\nDecode      %+v", i, p.Data[:min(len(p.Data), 90)], got, want)
			}
		}
	}
	l.checkHeadsPlain(t, h, b, set)
}

// headOf returns the fields of a packet that a Head has.
func headOf(p *Packet) *Head {
	h := new(Head)
	to, from := reflect.ValueOf(h).Elem(), reflect.ValueOf(p).Elem()
	for i := range to.NumField() {
		if name := to.Type().Field(i).Name; name != "_" {
			to.Field(i).Set(from.FieldByName(name))
		}
	}
	return h
}

// only returns h without what is not valid.
func only(h *Head) Head {
	v := Head{Has: h.Has, Time: h.Time, Len: h.Len}
	if h.Has&IPLayer != 0 {
		v.Src, v.Dst, v.IPVersion, v.Proto, v.TTL = h.Src, h.Dst, h.IPVersion, h.Proto, h.TTL
	}
	if h.Has&(TCP|UDP|SCTP) != 0 {
		v.SrcPort, v.DstPort = h.SrcPort, h.DstPort
	}
	if h.Has&TCP != 0 {
		v.TCPFlags, v.TCPWindow = h.TCPFlags, h.TCPWindow
	}
	return v
}

// checkHeadsPlain wants each record of set to be counted once, for what it is; b has them
// decoded.
func (l *laid) checkHeadsPlain(t *testing.T, h *Heads, b *Batch, set [BatchSize / 64]uint64) {
	t.Helper()
	b.Plain = h.Plain
	l.checkPlain(t, b, set)
	for chunk := range set {
		if both := h.Plain.TCP[chunk] & h.Plain.UDP[chunk]; both != 0 {
			t.Fatalf("chunk %d: %x are TCP and UDP", chunk, both)
		}
		for rest := set[chunk] &^ (h.Plain.TCP[chunk] | h.Plain.UDP[chunk]); rest != 0; rest &= rest - 1 {
			i := 64*chunk + bits.TrailingZeros64(rest)
			if i < l.n && h.Rest[i] != b.Packets[i].Outcome() {
				t.Fatalf("record %d: %+v, want %+v", i, h.Rest[i], b.Packets[i].Outcome())
			}
		}
	}
}

func TestDecodeHeadsAllocatesNothing(t *testing.T) {
	l := &laid{Records: Records{Head: 16, Link: LinkEthernet}}
	for _, frame := range sampleFrames(t) {
		l.add(frame, uint32(len(frame)))
	}
	l.At, l.Times = &l.at, &l.ts
	h, d := new(Heads), new(Decoder)
	if n := testing.AllocsPerRun(100, func() { d.DecodeHeads(h, &l.Records, 0, 1<<l.n-1) }); n != 0 {
		t.Errorf("%v allocations for %d records", n, l.n)
	}
}

// BenchmarkDecodeHeads is what a head costs, per packet: see BenchmarkDecodeRecords.
func BenchmarkDecodeHeads(b *testing.B) {
	l := newLaid(sampleFrames(b)["tcp4"], BatchSize)
	h, d := new(Heads), new(Decoder)
	for n := 0; n < b.N; n += BatchSize {
		for from := 0; from < BatchSize; from += 64 {
			d.DecodeHeads(h, &l.Records, from, ^uint64(0))
		}
	}
}
