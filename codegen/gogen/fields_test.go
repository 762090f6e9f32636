package gogen

import (
	"reflect"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/packet"
)

// TestCatalogue compares the Go types of packet fields with the catalogue of the
// language and with the packet itself.
func TestCatalogue(t *testing.T) {
	byLang := map[types.Type][]string{
		types.Bool: {"bool"}, types.Int: {"uint8", "uint16", "uint32"}, types.IP: {"IP"}, types.MAC: {"MAC"},
		types.String: {"[]byte"}, types.Time: {"Time"},
	}
	used := map[string]bool{}
	for _, fd := range types.Fields() {
		if fd.IsEither() {
			continue
		}
		goType := packetTypes[fd.Path]
		used[fd.Path] = true
		want := byLang[fd.Type]
		if fd.Mask != "" {
			want = []string{"uint16", "Layers"}
		}
		if !contains(want, goType) {
			t.Errorf("%s: Go type %q of Packet.%s does not fit %v", fd.Name, goType, fd.Path, fd.Type)
		}
		if need := layer(fd.Need...); need == 0 && len(fd.Need) > 0 || need.count() != len(fd.Need) {
			t.Errorf("%s: layers %v are not all known", fd.Name, fd.Need)
		}
		if fd.Path == "Has" {
			if !contains(layerNames, fd.Mask) {
				t.Errorf("%s: no layer %s", fd.Name, fd.Mask)
			}
		} else if fd.Mask != "" && !contains(flagBits, fd.Mask) {
			t.Errorf("%s: no flag %s", fd.Name, fd.Mask)
		}
	}
	for path, goType := range packetTypes {
		if !used[path] {
			t.Errorf("Packet.%s is in no field of the catalogue", path)
		}
		rt := reflect.TypeOf(packet.Packet{})
		for _, part := range strings.Split(path, ".") {
			f, ok := rt.FieldByName(part)
			if !ok {
				t.Fatalf("no Packet.%s", path)
			}
			rt = f.Type
		}
		if got := strings.ReplaceAll(strings.TrimPrefix(rt.String(), "packet."), "uint8", "byte"); got != strings.ReplaceAll(goType, "uint8", "byte") {
			t.Errorf("Packet.%s is %s, not %s", path, rt, goType)
		}
	}
	for _, l := range types.Layers() {
		if layer(l.Need...).count() != len(l.Need) {
			t.Errorf("layer %s: %v are not all known", l.Name, l.Need)
		}
	}
}

func (l layers) count() int {
	n := 0
	for ; l != 0; l &= l - 1 {
		n++
	}
	return n
}

// TestHeadFields compares what programs may read of a head with what that has.
func TestHeadFields(t *testing.T) {
	of := map[string]bool{}
	for typ, i := reflect.TypeFor[packet.Head](), 0; i < typ.NumField(); i++ {
		of[typ.Field(i).Name] = true
	}
	delete(of, "_")
	for _, name := range headFields {
		if !of[name] {
			t.Errorf("a Head has no %s", name)
		}
	}
	if len(of) != len(headFields) {
		t.Errorf("a Head has %d fields, programs may read %d", len(of), len(headFields))
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func TestCamel(t *testing.T) {
	for _, c := range [][3]string{
		{"nx_ratio", "NxRatio", "nxRatio"}, {"dns.qry.name", "DNSQryName", "dnsQryName"}, {"p2p", "P2p", "p2p"},
		{"tcp", "TCP", "tcp"}, {"syn-ack", "SynAck", "synAck"}, {"2nd", "2nd", "x2nd"}, {"été", "Été", "été"},
	} {
		if got := camel(c[0]); got != c[1] {
			t.Errorf("camel(%q) = %q, want %q", c[0], got, c[1])
		}
		if got := lower(c[0]); got != c[2] {
			t.Errorf("lower(%q) = %q, want %q", c[0], got, c[2])
		}
	}
	s := taken("x")
	for _, want := range []string{"x2", "x3"} {
		if got := s.fresh("x"); got != want {
			t.Errorf("fresh(x) = %q, want %q", got, want)
		}
	}
	if got := s.fresh("p2"); got != "p2" {
		t.Errorf("fresh(p2) = %q", got)
	}
	if got := s.fresh("p2"); got != "p2_2" {
		t.Errorf("second fresh(p2) = %q", got)
	}
}
