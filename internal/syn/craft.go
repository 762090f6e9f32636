package syn

import (
	"encoding/binary"
	"net"
	"net/netip"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// An endpoint is one side of a conversation.
type endpoint struct {
	ip   netip.Addr
	port uint16
}

func at(ip netip.Addr, port uint16) endpoint { return endpoint{ip, port} }

// mac gives every inside host an address of its own; what is outside is behind
// one router.
func mac(ip netip.Addr) net.HardwareAddr {
	if ip.Is4() {
		if b := ip.As4(); b[0] == 10 {
			return net.HardwareAddr{2, 0, b[0], b[1], b[2], b[3]}
		}
	}
	return net.HardwareAddr{2, 0, 0, 0, 0, 1}
}

// frame serializes Ethernet, IP and what follows.
func frame(src, dst netip.Addr, proto layers.IPProtocol, upper ...gopacket.SerializableLayer) []byte {
	eth := &layers.Ethernet{SrcMAC: mac(src), DstMAC: mac(dst), EthernetType: layers.EthernetTypeIPv4}
	var ip interface {
		gopacket.NetworkLayer
		gopacket.SerializableLayer
	}
	if src.Is4() {
		if dst == broadcast {
			eth.DstMAC = layers.EthernetBroadcast
		}
		ip = &layers.IPv4{Version: 4, TTL: 64, Protocol: proto, Flags: layers.IPv4DontFragment, SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
	} else {
		eth.EthernetType = layers.EthernetTypeIPv6
		ip = &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: proto, SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
	}
	for _, l := range upper {
		switch l := l.(type) {
		case *layers.TCP:
			l.SetNetworkLayerForChecksum(ip)
		case *layers.UDP:
			l.SetNetworkLayerForChecksum(ip)
		}
	}
	buf := gopacket.NewSerializeBuffer()
	opt := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(buf, opt, append([]gopacket.SerializableLayer{eth, ip}, upper...)...); err != nil {
		panic(err) // the layers are ours, so this is our error
	}
	return buf.Bytes()
}

// udp makes a UDP packet around a layer.
func udp(from, to endpoint, payload gopacket.SerializableLayer) []byte {
	return frame(from.ip, to.ip, layers.IPProtocolUDP,
		&layers.UDP{SrcPort: layers.UDPPort(from.port), DstPort: layers.UDPPort(to.port)}, payload)
}

// TCP flags.
const (
	fin = 1 << iota
	syn
	rst
	psh
	ack
	_
	ece
	cwr
)

// tcp makes a TCP packet.
func tcp(from, to endpoint, flags int, seq, ackNo uint32, payload []byte) []byte {
	t := &layers.TCP{
		SrcPort: layers.TCPPort(from.port), DstPort: layers.TCPPort(to.port), Seq: seq, Ack: ackNo, Window: 64240,
		FIN: flags&fin != 0, SYN: flags&syn != 0, RST: flags&rst != 0, PSH: flags&psh != 0, ACK: flags&ack != 0,
		ECE: flags&ece != 0, CWR: flags&cwr != 0,
	}
	if t.SYN {
		t.Options = []layers.TCPOption{{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: []byte{5, 0xb4}}}
	}
	return frame(from.ip, to.ip, layers.IPProtocolTCP, t, gopacket.Payload(payload))
}

// A conn is an established TCP connection from a to b.
type conn struct {
	s          *sim
	a, b       endpoint
	seqA, seqB uint32
	rtt        time.Duration
	sent       func(byA bool) // called before each packet of the connection, may be nil
}

// put sends a segment of a's side, or of b's.
func (c *conn) put(byA bool, flags int, data []byte) {
	if c.sent != nil {
		c.sent(byA)
	}
	if byA {
		c.s.send(tcp(c.a, c.b, flags, c.seqA, c.seqB, data))
		c.seqA += consumed(flags, data)
	} else {
		c.s.send(tcp(c.b, c.a, flags, c.seqB, c.seqA, data))
		c.seqB += consumed(flags, data)
	}
}

// consumed is how far a segment moves the sequence number on.
func consumed(flags int, data []byte) uint32 {
	n := uint32(len(data))
	if flags&(syn|fin) != 0 {
		n++
	}
	return n
}

// exchange sends a request and, a round trip later, its answer; then runs next.
func (c *conn) exchange(request, answer []byte, next func()) {
	c.put(true, psh|ack, request)
	c.s.after(c.rtt, func() {
		c.put(false, psh|ack, answer)
		c.s.after(c.rtt/2, next)
	})
}

// close ends the connection from a's side.
func (c *conn) close() {
	c.put(true, fin|ack, nil)
	c.s.after(c.rtt, func() {
		c.put(false, fin|ack, nil)
		c.s.after(c.rtt/2, func() { c.put(true, ack, nil) })
	})
}

// connect does the handshake and then runs established. The SYN carries extra
// flags besides; sent is called before each packet.
func (s *sim) connect(a, b endpoint, extra int, c chance, sent func(byA bool), established func(*conn)) {
	k := &conn{s: s, a: a, b: b, seqA: c.Uint32(), rtt: c.rtt(), sent: sent}
	k.put(true, syn|extra, nil)
	s.after(k.rtt, func() {
		k.seqB = c.Uint32()
		k.put(false, syn|ack|extra&ece, nil)
		s.after(k.rtt/2, func() {
			k.put(true, ack, nil)
			established(k)
		})
	})
}

// dnsQuery and dnsAnswer make the two halves of a look-up of type A, or PTR if
// reverse is set. rcode 0 answers with one record.
func dnsQuery(id uint16, name string, reverse bool) *layers.DNS {
	return &layers.DNS{ID: id, RD: true, Questions: []layers.DNSQuestion{{Name: []byte(name), Type: dnsType(reverse), Class: layers.DNSClassIN}}}
}

func dnsAnswer(q *layers.DNS, rcode layers.DNSResponseCode, ip netip.Addr) *layers.DNS {
	r := &layers.DNS{ID: q.ID, QR: true, RD: true, RA: true, ResponseCode: rcode, Questions: q.Questions}
	if rcode == layers.DNSResponseCodeNoErr {
		rr := layers.DNSResourceRecord{Name: q.Questions[0].Name, Type: q.Questions[0].Type, Class: layers.DNSClassIN, TTL: 300}
		if rr.Type == layers.DNSTypePTR {
			rr.PTR = []byte("host.example.net")
		} else {
			rr.IP = ip.AsSlice()
		}
		r.Answers = []layers.DNSResourceRecord{rr}
	}
	return r
}

func dnsType(reverse bool) layers.DNSType {
	if reverse {
		return layers.DNSTypePTR
	}
	return layers.DNSTypeA
}

// v4 returns base + n.
func v4(base string, n int) netip.Addr {
	b := netip.MustParseAddr(base).As4()
	v := binary.BigEndian.Uint32(b[:]) + uint32(n)
	binary.BigEndian.PutUint32(b[:], v)
	return netip.AddrFrom4(b)
}

// outside4 draws an address of 198.18.0.0/15.
func outside4(c chance) netip.Addr { return v4("198.18.0.0", c.IntN(1<<17)) }

var broadcast = netip.MustParseAddr("255.255.255.255")
