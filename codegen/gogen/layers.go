package gogen

import (
	"math/bits"

	"github.com/dave/jennifer/jen"
)

// layers is a set of layer bits, by index in layerNames.
type layers uint64

// layerNames are the constants of runtime/packet, in their order there.
var layerNames = []string{
	"Eth", "VLAN", "VLANInner", "MPLS", "PPPoE", "ARP", "IP4", "IP6", "IPLayer", "Fragment", "ICMP", "ICMP6",
	"TCP", "UDP", "SCTP", "GRE", "VXLAN", "Tunnel", "DNS", "DNSQuestion", "DNSAddress", "TLS", "TLSSNI",
	"HTTPRequest", "HTTPHost", "HTTPResponse", "Modbus", "NTP", "DHCP", "DHCPHostname",
}

// layer returns the set of the named constants.
func layer(names ...string) layers {
	var l layers
	for _, name := range names {
		for i, n := range layerNames {
			if n == name {
				l |= 1 << i
			}
		}
	}
	return l
}

// single reports whether l is one layer.
func (l layers) single() bool { return bits.OnesCount64(uint64(l)) == 1 }

// code writes packet.IPLayer|packet.TCP.
func (l layers) code() *jen.Statement {
	var parts []*jen.Statement
	for i, n := range layerNames {
		if l&(1<<i) != 0 {
			parts = append(parts, rt("packet", n))
		}
	}
	return join("|", parts)
}
