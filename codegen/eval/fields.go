package eval

import (
	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/packet"
)

// accessor reads one packet field. It is defined iff the packet has one of the
// layers of need; 0 = always.
type accessor struct {
	need packet.Layers
	read func(p *packet.Packet) value
}

const ports = packet.TCP | packet.UDP | packet.SCTP

// count makes an accessor of an unsigned number.
func count[N uint8 | uint16 | uint32](need packet.Layers, get func(p *packet.Packet) N) accessor {
	return accessor{need, func(p *packet.Packet) value { return integer(types.Int, int64(get(p))) }}
}

func flag(need packet.Layers, get func(p *packet.Packet) bool) accessor {
	return accessor{need, func(p *packet.Packet) value { return boolean(get(p)) }}
}

func tcpFlag(bit uint16) accessor {
	return flag(packet.TCP, func(p *packet.Packet) bool { return p.TCPFlags&bit != 0 })
}

func ip(need packet.Layers, get func(p *packet.Packet) packet.IP) accessor {
	return accessor{need, func(p *packet.Packet) value { return address(get(p)) }}
}

func mac(need packet.Layers, get func(p *packet.Packet) packet.MAC) accessor {
	return accessor{need, func(p *packet.Packet) value { return hardware(get(p)) }}
}

func str(need packet.Layers, get func(p *packet.Packet) []byte) accessor {
	return accessor{need, func(p *packet.Packet) value { return text(get(p)) }}
}

type pkt = *packet.Packet

// fields is the evaluator's own list of packet fields, by canonical name.
var fields = map[string]accessor{
	"frame.time":   {0, func(p pkt) value { return integer(types.Time, int64(p.Time)) }},
	"frame.len":    count(0, func(p pkt) uint32 { return p.Len }),
	"frame.caplen": count(0, func(p pkt) uint32 { return p.CapLen }),
	"frame.iface":  count(0, func(p pkt) uint16 { return p.Iface }),

	"eth.src":       mac(packet.Eth, func(p pkt) packet.MAC { return p.EthSrc }),
	"eth.dst":       mac(packet.Eth, func(p pkt) packet.MAC { return p.EthDst }),
	"eth.type":      count(packet.Eth, func(p pkt) uint16 { return p.EtherType }),
	"vlan.id":       count(packet.VLAN, func(p pkt) uint16 { return p.VLANID }),
	"vlan.prio":     count(packet.VLAN, func(p pkt) uint8 { return p.VLANPrio }),
	"vlan.inner":    count(packet.VLANInner, func(p pkt) uint16 { return p.VLANInnerID }),
	"mpls.label":    count(packet.MPLS, func(p pkt) uint32 { return p.MPLSLabel }),
	"mpls.depth":    count(packet.MPLS, func(p pkt) uint8 { return p.MPLSDepth }),
	"pppoe.session": count(packet.PPPoE, func(p pkt) uint16 { return p.PPPoESession }),
	"arp.opcode":    count(packet.ARP, func(p pkt) uint16 { return p.ARPOp }),
	"arp.src.hw":    mac(packet.ARP, func(p pkt) packet.MAC { return p.ARPSrcMAC }),
	"arp.dst.hw":    mac(packet.ARP, func(p pkt) packet.MAC { return p.ARPDstMAC }),
	"arp.src.ip":    ip(packet.ARP, func(p pkt) packet.IP { return p.ARPSrcIP }),
	"arp.dst.ip":    ip(packet.ARP, func(p pkt) packet.IP { return p.ARPDstIP }),

	"ip.version":     count(packet.IPLayer, func(p pkt) uint8 { return p.IPVersion }),
	"ip.src":         ip(packet.IPLayer, func(p pkt) packet.IP { return p.Src }),
	"ip.dst":         ip(packet.IPLayer, func(p pkt) packet.IP { return p.Dst }),
	"ip.proto":       count(packet.IPLayer, func(p pkt) uint8 { return p.Proto }),
	"ip.ttl":         count(packet.IPLayer, func(p pkt) uint8 { return p.TTL }),
	"ip.len":         count(packet.IPLayer, func(p pkt) uint32 { return p.IPLen }),
	"ip.id":          count(packet.IPLayer, func(p pkt) uint32 { return p.IPID }),
	"ip.dscp":        count(packet.IPLayer, func(p pkt) uint8 { return p.DSCP }),
	"ip.frag":        flag(packet.IPLayer, func(p pkt) bool { return p.Has&packet.Fragment != 0 }),
	"ip.frag_offset": count(packet.IPLayer, func(p pkt) uint16 { return p.FragOffset }),
	"ip.flags.mf":    flag(packet.IPLayer, func(p pkt) bool { return p.MoreFrags }),
	"tunnel.src":     ip(packet.Tunnel, func(p pkt) packet.IP { return p.OuterSrc }),
	"tunnel.dst":     ip(packet.Tunnel, func(p pkt) packet.IP { return p.OuterDst }),
	"gre.proto":      count(packet.GRE, func(p pkt) uint16 { return p.GREProto }),
	"vxlan.vni":      count(packet.VXLAN, func(p pkt) uint32 { return p.VNI }),
	"icmp.type":      count(packet.ICMP, func(p pkt) uint8 { return p.ICMPType }),
	"icmp.code":      count(packet.ICMP, func(p pkt) uint8 { return p.ICMPCode }),
	"icmpv6.type":    count(packet.ICMP6, func(p pkt) uint8 { return p.ICMPType }),
	"icmpv6.code":    count(packet.ICMP6, func(p pkt) uint8 { return p.ICMPCode }),

	"tcp.srcport":   count(packet.TCP, func(p pkt) uint16 { return p.SrcPort }),
	"tcp.dstport":   count(packet.TCP, func(p pkt) uint16 { return p.DstPort }),
	"tcp.flags":     count(packet.TCP, func(p pkt) uint16 { return p.TCPFlags }),
	"tcp.flags.fin": tcpFlag(packet.FIN),
	"tcp.flags.syn": tcpFlag(packet.SYN),
	"tcp.flags.rst": tcpFlag(packet.RST),
	"tcp.flags.psh": tcpFlag(packet.PSH),
	"tcp.flags.ack": tcpFlag(packet.ACK),
	"tcp.flags.urg": tcpFlag(packet.URG),
	"tcp.flags.ece": tcpFlag(packet.ECE),
	"tcp.flags.cwr": tcpFlag(packet.CWR),
	"tcp.flags.ae":  tcpFlag(packet.AE),
	"tcp.seq":       count(packet.TCP, func(p pkt) uint32 { return p.TCPSeq }),
	"tcp.ack":       count(packet.TCP, func(p pkt) uint32 { return p.TCPAck }),
	"tcp.window":    count(packet.TCP, func(p pkt) uint16 { return p.TCPWindow }),
	"tcp.len":       count(packet.TCP, func(p pkt) uint32 { return p.PayloadLen }),

	"udp.srcport": count(packet.UDP, func(p pkt) uint16 { return p.SrcPort }),
	"udp.dstport": count(packet.UDP, func(p pkt) uint16 { return p.DstPort }),
	"udp.length":  count(packet.UDP, func(p pkt) uint16 { return p.UDPLen }),

	"sctp.srcport":          count(packet.SCTP, func(p pkt) uint16 { return p.SrcPort }),
	"sctp.dstport":          count(packet.SCTP, func(p pkt) uint16 { return p.DstPort }),
	"sctp.verification_tag": count(packet.SCTP, func(p pkt) uint32 { return p.SCTPTag }),
	"sctp.chunk_type":       count(packet.SCTP, func(p pkt) uint8 { return p.SCTPChunk }),

	"port.src": count(ports, func(p pkt) uint16 { return p.SrcPort }),
	"port.dst": count(ports, func(p pkt) uint16 { return p.DstPort }),
	"port.len": count(ports, func(p pkt) uint32 { return p.PayloadLen }),

	"dns.id":            count(packet.DNS, func(p pkt) uint16 { return p.DNS.ID }),
	"dns.response":      flag(packet.DNS, func(p pkt) bool { return p.DNS.Response }),
	"dns.opcode":        count(packet.DNS, func(p pkt) uint8 { return p.DNS.Opcode }),
	"dns.rcode":         count(packet.DNS, func(p pkt) uint8 { return p.DNS.Rcode }),
	"dns.aa":            flag(packet.DNS, func(p pkt) bool { return p.DNS.AA }),
	"dns.tc":            flag(packet.DNS, func(p pkt) bool { return p.DNS.TC }),
	"dns.rd":            flag(packet.DNS, func(p pkt) bool { return p.DNS.RD }),
	"dns.ra":            flag(packet.DNS, func(p pkt) bool { return p.DNS.RA }),
	"dns.count.queries": count(packet.DNS, func(p pkt) uint16 { return p.DNS.QDCount }),
	"dns.count.answers": count(packet.DNS, func(p pkt) uint16 { return p.DNS.ANCount }),
	"dns.count.auth_rr": count(packet.DNS, func(p pkt) uint16 { return p.DNS.NSCount }),
	"dns.count.add_rr":  count(packet.DNS, func(p pkt) uint16 { return p.DNS.ARCount }),
	"dns.qry.name":      str(packet.DNSQuestion, func(p pkt) []byte { return p.DNS.Name }),
	"dns.domain":        str(packet.DNSQuestion, func(p pkt) []byte { return p.DNS.Domain }),
	"dns.qry.type":      count(packet.DNSQuestion, func(p pkt) uint16 { return p.DNS.Type }),
	"dns.addr":          ip(packet.DNSAddress, func(p pkt) packet.IP { return p.DNS.Addr }),

	"tls.sni":            str(packet.TLSSNI, func(p pkt) []byte { return p.TLS.SNI }),
	"tls.version":        count(packet.TLS, func(p pkt) uint16 { return p.TLS.Version }),
	"tls.handshake.type": count(packet.TLS, func(p pkt) uint8 { return p.TLS.HandshakeType }),
	"tls.content_type":   count(packet.TLS, func(p pkt) uint8 { return p.TLS.ContentType }),
	"http.method":        str(packet.HTTPRequest, func(p pkt) []byte { return p.HTTP.Method }),
	"http.host":          str(packet.HTTPHost, func(p pkt) []byte { return p.HTTP.Host }),
	"http.uri":           str(packet.HTTPRequest, func(p pkt) []byte { return p.HTTP.URI }),
	"http.status":        count(packet.HTTPResponse, func(p pkt) uint16 { return p.HTTP.Status }),
	"modbus.unit":        count(packet.Modbus, func(p pkt) uint8 { return p.Modbus.Unit }),
	"modbus.transaction": count(packet.Modbus, func(p pkt) uint16 { return p.Modbus.Transaction }),
	"modbus.function":    count(packet.Modbus, func(p pkt) uint8 { return p.Modbus.Function }),
	"modbus.exception":   flag(packet.Modbus, func(p pkt) bool { return p.Modbus.Exception }),
	"ntp.version":        count(packet.NTP, func(p pkt) uint8 { return p.NTP.Version }),
	"ntp.mode":           count(packet.NTP, func(p pkt) uint8 { return p.NTP.Mode }),
	"ntp.stratum":        count(packet.NTP, func(p pkt) uint8 { return p.NTP.Stratum }),
	"dhcp.type":          count(packet.DHCP, func(p pkt) uint8 { return p.DHCP.Type }),
	"dhcp.client":        mac(packet.DHCP, func(p pkt) packet.MAC { return p.DHCP.Client }),
	"dhcp.your_ip":       ip(packet.DHCP, func(p pkt) packet.IP { return p.DHCP.YourIP }),
	"dhcp.hostname":      str(packet.DHCPHostname, func(p pkt) []byte { return p.DHCP.Hostname }),
}

// layers is what a layer's name alone tests: one of these bits; 0 = every packet.
var layers = map[string]packet.Layers{
	"frame": 0, "eth": packet.Eth, "vlan": packet.VLAN, "mpls": packet.MPLS, "pppoe": packet.PPPoE, "arp": packet.ARP,
	"ip": packet.IPLayer, "ipv4": packet.IP4, "ipv6": packet.IP6, "fragment": packet.Fragment, "tunnel": packet.Tunnel,
	"gre": packet.GRE, "vxlan": packet.VXLAN, "icmp": packet.ICMP, "icmpv6": packet.ICMP6,
	"tcp": packet.TCP, "udp": packet.UDP, "sctp": packet.SCTP, "port": ports,
	"dns": packet.DNS, "tls": packet.TLS, "http": packet.HTTP, "modbus": packet.Modbus, "ntp": packet.NTP, "dhcp": packet.DHCP,
}
