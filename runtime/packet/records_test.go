package packet

import (
	"encoding/binary"
	"maps"
	"reflect"
	"slices"
	"testing"
)

// laid is frames laid out as records.
type laid struct {
	Records
	n  int
	at [BatchSize]uint32
	ts [BatchSize]Time
}

func (l *laid) add(frame []byte, wire uint32) {
	l.at[l.n], l.ts[l.n] = uint32(len(l.Data)), Time(l.n)*1e9
	l.Data = append(l.Data, make([]byte, l.Head-8)...)
	l.Data = binary.LittleEndian.AppendUint32(l.Data, uint32(len(frame)))
	l.Data = binary.LittleEndian.AppendUint32(l.Data, wire)
	l.Data = append(l.Data, frame...)
	l.n++
}

// check decodes the records both ways, those that set has, and wants packets that are
// equal in every field, written or not.
func (l *laid) check(t *testing.T, d *Decoder, set [BatchSize / 64]uint64) {
	t.Helper()
	l.At, l.Times = &l.at, &l.ts
	l.Data = l.Data[:len(l.Data):len(l.Data)]
	a, b := new(Batch), new(Batch)
	for i := range a.Packets {
		a.Packets[i], b.Packets[i] = *staleOnce, *staleOnce
	}
	for from := 0; from < l.n; from += 64 {
		bits := set[from/64]
		if left := l.n - from; left < 64 {
			bits &= 1<<left - 1
		}
		d.DecodeRecords(a, &l.Records, from, bits)
		for i := from; i < min(from+64, l.n); i++ {
			if bits>>(i-from)&1 == 0 {
				continue
			}
			rec := l.Data[int(l.at[i])+l.Head-8:]
			n := binary.LittleEndian.Uint32(rec)
			p := &b.Packets[i]
			d.Decode(p, l.Link, rec[8:8+n:8+n], binary.LittleEndian.Uint32(rec[4:]), l.ts[i])
			p.Iface = l.Iface
		}
	}
	l.checkPlain(t, a, set)
	if d.App == 0 {
		l.checkHeads(t, set)
	}
	for i := range l.n {
		p, q := &a.Packets[i], &b.Packets[i]
		if !reflect.DeepEqual(p, q) {
			rec := l.Data[int(l.at[i])+l.Head-8:]
			t.Fatalf("record %d, applications %v: % x\nDecodeRecords %+v\nDecode        %+v", i, d.App, rec[:min(len(rec), 90)], *p, *q)
		}
		if cap(p.Data) != cap(q.Data) || cap(p.Payload) != cap(q.Payload) {
			t.Fatalf("record %d: slices of %d and %d, with room for %d and %d, expected room for %d and %d",
				i, len(p.Data), len(p.Payload), cap(p.Data), cap(p.Payload), cap(q.Data), cap(q.Payload))
		}
	}
}

// checkPlain wants what DecodeRecords said of packets as a whole to be so.
func (l *laid) checkPlain(t *testing.T, b *Batch, set [BatchSize / 64]uint64) {
	t.Helper()
	var bytes [BatchSize / 64]uint64
	for i := range b.Packets {
		p, bit := &b.Packets[i], uint64(1)<<(i%64)
		layers := Layers(0)
		switch {
		case b.Plain.TCP[i/64]&bit != 0:
			layers = PlainTCP
		case b.Plain.UDP[i/64]&bit != 0:
			layers = PlainUDP
		default:
			continue
		}
		if i >= l.n || set[i/64]&bit == 0 || p.Seen != layers || p.Problem != None {
			t.Fatalf("packet %d of %d is said to have layers %x: Seen %x, problem %d", i, l.n, layers, p.Seen, p.Problem)
		}
		bytes[i/64] += uint64(p.CapLen)
	}
	if bytes != b.Plain.Bytes {
		t.Fatalf("bytes of plain packets: %d, said to be %d", bytes, b.Plain.Bytes)
	}
}

var everyRecord = [BatchSize / 64]uint64{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

// TestDecodeRecords compares DecodeRecords with Decode over all captures there are, with
// links and interfaces of which the kernel takes some, and over sample frames of which every
// header byte has taken every value.
func TestDecodeRecords(t *testing.T) {
	decoders := []*Decoder{{}, {App: AppLayers}, {App: DNS | DNSQuestion}, {App: TLS}}
	seen := 0
	l := &laid{Records: Records{Head: 16}}
	flush := func() {
		for _, d := range decoders {
			l.check(t, d, everyRecord)
			l.check(t, d, [BatchSize / 64]uint64{0x5555555555555555, 1 << 63, 0, 0xf0f0f0f0f0f0f0f0})
		}
		seen += l.n
		l = &laid{Records: Records{Head: 16 + 4*(seen%4), Iface: uint16(seen / 64 % 8 / 7)}}
	}
	files := everyFile(t)
	for _, file := range files {
		n := 0
		_ = readTrace(file, func(f traceFrame) { // what is wrong with a file is TestTruth's
			if n++; n > 1000 {
				return
			}
			if l.n > 0 && (l.Link != f.link || l.n == BatchSize) {
				flush()
			}
			l.Link = f.link
			l.add(f.data, f.wire)
			if l.n < BatchSize && n%7 == 0 {
				l.add(f.data[:min(len(f.data), 14+n%60)], f.wire)
			}
		})
		flush()
	}
	t.Logf("%d records of captures", seen)
	for _, name := range slices.Sorted(maps.Keys(sampleFrames(t))) {
		frame := sampleFrames(t)[name]
		for at := 12; at < min(58, len(frame)); at++ {
			old := frame[at]
			l = &laid{Records: Records{Head: 16, Link: LinkEthernet}}
			for v := range 256 {
				frame[at] = byte(v)
				l.add(frame, uint32(len(frame)))
			}
			for _, d := range decoders {
				l.check(t, d, everyRecord)
			}
			frame[at] = old
		}
	}
}

// FuzzDecodeRecords makes headers of the short way's kind of its bytes, see FuzzShortWay.
func FuzzDecodeRecords(f *testing.F) {
	for _, data := range sampleFrames(f) {
		f.Add(data, uint16(len(data)), uint16(0), uint8(20), true)
		f.Add(data, uint16(0), uint16(40), uint8(3), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, wire, total uint16, cut uint8, tcp bool) {
		l := &laid{Records: Records{Head: 16, Link: LinkEthernet}}
		l.add(data, uint32(wire))
		if len(data) >= fastBytes {
			data = slices.Clone(data)
			copy(data[12:], []byte{8, 0, 0x45})
			data[16], data[17] = byte(total>>8), byte(total)
			data[20], data[21] = data[20]&0x40, 0
			if data[23] = protoUDP; tcp {
				data[23] = protoTCP
			}
		}
		l.add(data, uint32(wire))
		l.add(data[:len(data)-min(int(cut), len(data))], uint32(wire))
		l.add(data, 1<<31|uint32(wire))
		for _, d := range []*Decoder{{}, {App: AppLayers}, {App: DNS}} {
			l.check(t, d, everyRecord)
		}
	})
}

// TestDecodeRecordsStays wants that the kernel looks at no record that set does not have: the
// second record's place is outside of all memory.
func TestDecodeRecordsStays(t *testing.T) {
	l := &laid{Records: Records{Head: 16, Link: LinkEthernet}}
	frame := sampleFrames(t)["tcp4"]
	for range 3 {
		l.add(frame, uint32(len(frame)))
	}
	l.at[1] = 1 << 31
	l.At, l.Times = &l.at, &l.ts
	b := new(Batch)
	(&Decoder{}).DecodeRecords(b, &l.Records, 0, 0b101)
	if b.Packets[0].Has&TCP == 0 || b.Packets[1].Has != 0 || b.Packets[2].Has&TCP == 0 {
		t.Errorf("layers %v, %v and %v", b.Packets[0].Has, b.Packets[1].Has, b.Packets[2].Has)
	}
}

func TestDecodeRecordsAllocatesNothing(t *testing.T) {
	l := &laid{Records: Records{Head: 16, Link: LinkEthernet}}
	for _, frame := range sampleFrames(t) {
		l.add(frame, uint32(len(frame)))
	}
	l.At, l.Times = &l.at, &l.ts
	b, d := new(Batch), &Decoder{App: AppLayers}
	if n := testing.AllocsPerRun(100, func() { d.DecodeRecords(b, &l.Records, 0, 1<<l.n-1) }); n != 0 {
		t.Errorf("%v allocations for %d records", n, l.n)
	}
}

// newLaid returns n records of the same frame.
func newLaid(frame []byte, n int) *laid {
	l := &laid{Records: Records{Head: 16, Link: LinkEthernet}}
	for range n {
		l.add(frame, uint32(len(frame)))
	}
	l.At, l.Times = &l.at, &l.ts
	return l
}

// BenchmarkDecodeRecords sets the kernel beside Decode, per packet.
func BenchmarkDecodeRecords(b *testing.B) {
	l := newLaid(sampleFrames(b)["tcp4"], BatchSize)
	batch, d := new(Batch), &Decoder{}
	b.Run("records", func(b *testing.B) {
		for n := 0; n < b.N; n += BatchSize {
			for from := 0; from < BatchSize; from += 64 {
				d.DecodeRecords(batch, &l.Records, from, ^uint64(0))
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		for n := 0; n < b.N; n += BatchSize {
			for i := range BatchSize {
				rec := l.Data[l.at[i]+8:]
				n := binary.LittleEndian.Uint32(rec)
				d.Decode(&batch.Packets[i], LinkEthernet, rec[8:8+n:8+n], binary.LittleEndian.Uint32(rec[4:]), l.ts[i])
			}
		}
	})
}
