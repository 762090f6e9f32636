package eval

import (
	"testing"

	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/packet"
)

// bits are the layer constants by the names that the catalogue uses.
var bits = map[string]packet.Layers{
	"Eth": packet.Eth, "VLAN": packet.VLAN, "VLANInner": packet.VLANInner, "MPLS": packet.MPLS, "PPPoE": packet.PPPoE,
	"ARP": packet.ARP, "IP4": packet.IP4, "IP6": packet.IP6, "IPLayer": packet.IPLayer, "Fragment": packet.Fragment,
	"ICMP": packet.ICMP, "ICMP6": packet.ICMP6, "TCP": packet.TCP, "UDP": packet.UDP, "SCTP": packet.SCTP, "GRE": packet.GRE,
	"VXLAN": packet.VXLAN, "Tunnel": packet.Tunnel, "DNS": packet.DNS, "DNSQuestion": packet.DNSQuestion,
	"DNSAddress": packet.DNSAddress, "TLS": packet.TLS, "TLSSNI": packet.TLSSNI, "HTTPRequest": packet.HTTPRequest,
	"HTTPHost": packet.HTTPHost, "HTTPResponse": packet.HTTPResponse, "Modbus": packet.Modbus, "NTP": packet.NTP,
	"DHCP": packet.DHCP, "DHCPHostname": packet.DHCPHostname,
}

func need(t *testing.T, name string, names []string) (l packet.Layers) {
	for _, n := range names {
		b, ok := bits[n]
		if !ok {
			t.Errorf("%s needs %q, which is no layer of the packet", name, n)
		}
		l |= b
	}
	return l
}

// The evaluator reads every field of the catalogue, and nothing else, with the
// type and the layers that the catalogue says.
func TestFieldsOfTheCatalogue(t *testing.T) {
	known := map[string]bool{}
	for _, f := range types.Fields() {
		if f.IsEither() {
			continue
		}
		known[f.Name] = true
		get, ok := fields[f.Name]
		if !ok {
			t.Errorf("no accessor for %s", f.Name)
			continue
		}
		if want := need(t, f.Name, f.Need); get.need != want {
			t.Errorf("%s needs %v, want %v", f.Name, get.need, want)
		}
		if v := get.read(&packet.Packet{}); v.t != f.Type {
			t.Errorf("%s has type %v, want %v", f.Name, v.t, f.Type)
		}
	}
	for name := range fields {
		if !known[name] {
			t.Errorf("accessor for %s, which the catalogue does not have", name)
		}
	}
}

func TestLayersOfTheCatalogue(t *testing.T) {
	known := map[string]bool{}
	for _, l := range types.Layers() {
		known[l.Name] = true
		if got, ok := layers[l.Name]; !ok || got != need(t, l.Name, l.Need) {
			t.Errorf("layer %s tests %v (known %v), want %v", l.Name, got, ok, need(t, l.Name, l.Need))
		}
	}
	for name := range layers {
		if !known[name] {
			t.Errorf("layer %s, which the catalogue does not have", name)
		}
	}
}
