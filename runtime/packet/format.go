package packet

import (
	"encoding/binary"
	"net/netip"
)

// IPv4 returns the address a.b.c.d.
func IPv4(a, b, c, d byte) IP {
	return IP{10: 0xff, 11: 0xff, 12: a, 13: b, 14: c, 15: d}
}

// IPFrom4 returns the IPv4 address whose value in host byte order is v:
// IPFrom4(0x0a000001) is 10.0.0.1.
func IPFrom4(v uint32) IP {
	return IPv4(byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

// ParseIP reads an IPv4 address in dotted form or an IPv6 address (RFC 4291
// §2.2). Zones are refused.
func ParseIP(s string) (IP, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return IP{}, false
	}
	return a.As16(), true
}

// Is4 reports whether ip is an IPv4 address, which is kept in mapped form.
func (ip IP) Is4() bool {
	return binary.BigEndian.Uint64(ip[0:8]) == 0 && binary.BigEndian.Uint32(ip[8:12]) == 0xffff
}

// To4 returns the IPv4 address as a number in host byte order; it has no
// meaning unless Is4.
func (ip IP) To4() uint32 { return binary.BigEndian.Uint32(ip[12:16]) }

// String returns ip in dotted form or as in RFC 5952.
func (ip IP) String() string { return string(AppendIP(nil, ip)) }

// AppendIP appends the text of ip to b: dotted for IPv4, RFC 5952 for IPv6.
func AppendIP(b []byte, ip IP) []byte {
	return netip.AddrFrom16(ip).Unmap().AppendTo(b)
}

const hexDigits = "0123456789abcdef"

// String returns m as six pairs of hexadecimal digits: "00:1b:21:0a:0b:0c".
func (m MAC) String() string { return string(AppendMAC(nil, m)) }

// AppendMAC appends the text of m to b.
func AppendMAC(b []byte, m MAC) []byte {
	for i, x := range m {
		if i > 0 {
			b = append(b, ':')
		}
		b = append(b, hexDigits[x>>4], hexDigits[x&15])
	}
	return b
}

// LayerNames names each bit of Layers by its bit number, as summaries print it.
// "ip" and "ipv6" are the two versions, as in Wireshark; "ip_any" is either.
var LayerNames = [NumLayers]string{
	"eth", "vlan", "vlan_inner", "mpls", "pppoe", "arp",
	"ip", "ipv6", "ip_any", "fragment", "icmp", "icmpv6",
	"tcp", "udp", "sctp", "gre", "vxlan", "tunnel",
	"dns", "dns_question", "dns_address", "tls", "tls_sni",
	"http_request", "http_host", "http_response",
	"modbus", "ntp", "dhcp", "dhcp_hostname",
	"ip_fragment", "ipv6_fragment",
}

// AppendLayers appends the names of the layers in l to b, separated by colons.
func AppendLayers(b []byte, l Layers) []byte {
	n := len(b)
	for i, name := range LayerNames {
		if l>>i&1 == 0 {
			continue
		}
		if len(b) > n {
			b = append(b, ':')
		}
		b = append(b, name...)
	}
	return b
}

// String returns the names of the layers in l, separated by colons.
func (l Layers) String() string { return string(AppendLayers(nil, l)) }
