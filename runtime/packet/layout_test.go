package packet

import (
	"reflect"
	"testing"
)

// fill sets every exported field below v, so that no field keeps its zero value.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Slice:
		v.Set(reflect.ValueOf([]byte("stale")))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64:
		v.SetInt(-1)
	default:
		v.SetUint(^uint64(0) >> (64 - v.Type().Bits()))
	}
}

// stale is a packet whose fields were all written before.
func stale() *Packet {
	p := new(Packet)
	fill(reflect.ValueOf(p).Elem())
	p.depth, p.enclosed = 1, 1
	return p
}

// TestLayout states what decoding costs in cache lines: what is written for TCP and
// UDP over either IP, tagged or not, lies in the first three, and a Packet is whole
// lines long.
func TestLayout(t *testing.T) {
	const line = 64
	typ := reflect.TypeFor[Packet]()
	if typ.Size()%line != 0 {
		t.Errorf("a Packet has %d bytes: the lines of the next one in a batch begin elsewhere", typ.Size())
	}
	frames := sampleFrames(t)
	for _, name := range []string{"tcp4", "udp4", "tcp6", "vlan"} {
		written := 0
		for _, before := range []*Packet{new(Packet), stale()} { // what is written differs from one of them
			after := *before
			(&Decoder{}).Decode(&after, LinkEthernet, frames[name], uint32(len(frames[name])), 1)
			for i := range typ.NumField() {
				f := typ.Field(i)
				a, b := reflect.ValueOf(before).Elem().Field(i), reflect.ValueOf(&after).Elem().Field(i)
				if !f.IsExported() || reflect.DeepEqual(a.Interface(), b.Interface()) {
					continue
				}
				written++
				if f.Offset+f.Type.Size() > 3*line {
					t.Errorf("%s: %s is written, at byte %d of a Packet", name, f.Name, f.Offset)
				}
			}
		}
		if written < 30 {
			t.Errorf("%s: found only %d fields written", name, written)
		}
	}
	for _, name := range []string{"depth", "enclosed"} {
		if f, _ := typ.FieldByName(name); f.Offset >= 3*line {
			t.Errorf("%s lies at byte %d of a Packet", name, f.Offset)
		}
	}
}
