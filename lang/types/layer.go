package types

// Layer is a layer that a program can test by its name alone.
type Layer struct {
	Name string
	Need []string // bits of packet.Layers; the packet has the layer iff it has one of them
	Doc  string

	// Excludes is a group of layers of which a packet has at most one; "" = none.
	Excludes string
}

// layers is in the order of the manual.
var layers = []Layer{
	{"frame", nil, "Every packet as it was captured.", ""},
	{"eth", []string{"Eth"}, "Ethernet II or IEEE 802.3 header.", ""},
	{"vlan", []string{"VLAN"}, "One or more 802.1Q or 802.1ad tags.", ""},
	{"mpls", []string{"MPLS"}, "MPLS label stack (RFC 3032).", ""},
	{"pppoe", []string{"PPPoE"}, "PPP over Ethernet session (RFC 2516).", ""},
	{"arp", []string{"ARP"}, "Address resolution for IPv4 over Ethernet (RFC 826).", "net"},
	{"ip", []string{"IPLayer"}, "IPv4 or IPv6.", ""},
	{"ipv4", []string{"IP4"}, "IPv4 (RFC 791).", "net"},
	{"ipv6", []string{"IP6"}, "IPv6 (RFC 8200).", "net"},
	{"fragment", []string{"Fragment"}, "A fragment of a larger datagram, the first one or a later one.", ""},
	{"tunnel", []string{"Tunnel"}, "An IP header came before the one that ip.src and ip.dst are taken from.", ""},
	{"gre", []string{"GRE"}, "Generic routing encapsulation (RFC 2784).", ""},
	{"vxlan", []string{"VXLAN"}, "Virtual extensible LAN (RFC 7348).", ""},
	{"icmp", []string{"ICMP"}, "ICMP for IPv4 (RFC 792).", "transport"},
	{"icmpv6", []string{"ICMP6"}, "ICMP for IPv6 (RFC 4443).", "transport"},
	{"tcp", []string{"TCP"}, "TCP (RFC 9293).", "transport"},
	{"udp", []string{"UDP"}, "UDP (RFC 768).", "transport"},
	{"sctp", []string{"SCTP"}, "SCTP (RFC 9260).", "transport"},
	{"port", []string{"TCP", "UDP", "SCTP"}, "A transport protocol with ports: TCP, UDP or SCTP.", ""},
	{"dns", []string{"DNS"}, "A DNS message over UDP or TCP (RFC 1035).", ""},
	{"tls", []string{"TLS"}, "A TLS record (RFC 8446).", ""},
	{"http", []string{"HTTPRequest", "HTTPResponse"}, "First line of an HTTP/1.x request or response (RFC 9112).", ""},
	{"modbus", []string{"Modbus"}, "Modbus/TCP on port 502.", ""},
	{"ntp", []string{"NTP"}, "Network time protocol (RFC 5905).", ""},
	{"dhcp", []string{"DHCP"}, "DHCP for IPv4 (RFC 2131).", ""},
}

// LookupLayer returns the layer of that name, or nil.
func LookupLayer(name string) *Layer {
	for i := range layers {
		if layers[i].Name == name {
			return &layers[i]
		}
	}
	return nil
}

// Layers returns all layers in the order of the manual. Callers must not change
// it.
func Layers() []Layer { return layers }
