package notation

import (
	"fmt"
	"strings"

	"github.com/streamon/streamon/runtime/packet"
)

// flagNames are the words for TCP flags, lowest bit first.
var flagNames = [...]string{"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ae"}

// Describe says in one line what a packet is: in the words of the notation, without
// its time, as far as they reach.
//
//	tcp 10.0.0.1:1024 > 10.0.0.9:80 syn
//	dns 10.0.0.53:53 > 10.0.0.1:1024 answer nowhere.example nxdomain
func Describe(p *packet.Packet) string {
	has := func(l packet.Layers) bool { return p.Has&l != 0 }
	switch {
	case has(packet.DNS):
		return "dns " + ends(p, true) + dnsWords(p)
	case has(packet.TCP):
		return "tcp " + ends(p, true) + flags(p.TCPFlags) + length(p)
	case has(packet.UDP):
		return "udp " + ends(p, true) + length(p)
	case has(packet.SCTP):
		return "sctp " + ends(p, true) + length(p)
	case has(packet.ICMP | packet.ICMP6):
		return fmt.Sprintf("icmp %s type=%d code=%d", ends(p, false), p.ICMPType, p.ICMPCode)
	case has(packet.ARP):
		return fmt.Sprintf("arp %s %s > %s", packet.AppendMAC(nil, p.ARPSrcMAC), ip(p.ARPSrcIP), ip(p.ARPDstIP))
	case has(packet.IPLayer):
		return fmt.Sprintf("ip %s proto=%d", ends(p, false), p.Proto)
	case has(packet.Eth):
		return fmt.Sprintf("eth type=0x%04x", p.EtherType)
	}
	return fmt.Sprintf("%d bytes", p.Len)
}

func ip(a packet.IP) string { return string(packet.AppendIP(nil, a)) }

// ends returns the addresses, with ports if need be.
func ends(p *packet.Packet, ports bool) string {
	if !ports {
		return ip(p.Src) + " > " + ip(p.Dst)
	}
	return end(p.Src, p.SrcPort) + " > " + end(p.Dst, p.DstPort)
}

func end(a packet.IP, port uint16) string {
	text := ip(a)
	if strings.Contains(text, ":") {
		text = "[" + text + "]"
	}
	return fmt.Sprintf("%s:%d", text, port)
}

func flags(bits uint16) string {
	var b strings.Builder
	for i, name := range flagNames {
		if bits&(1<<i) != 0 {
			b.WriteString(" " + name)
		}
	}
	return b.String()
}

func length(p *packet.Packet) string {
	if p.PayloadLen == 0 {
		return ""
	}
	return fmt.Sprintf(" len=%d", p.PayloadLen)
}

func dnsWords(p *packet.Packet) string {
	words := " query"
	if p.DNS.Response {
		words = " answer"
	}
	if p.Has&packet.DNSQuestion != 0 {
		words += fmt.Sprintf(" %s", printable(p.DNS.Name))
	}
	switch {
	case p.DNS.Rcode == 3:
		words += " nxdomain"
	case p.DNS.Rcode != 0:
		words += fmt.Sprintf(" rcode=%d", p.DNS.Rcode)
	case p.Has&packet.DNSAddress != 0:
		words += " " + ip(p.DNS.Addr)
	}
	return words
}

// printable escapes what a packet could steer a terminal with.
func printable(text []byte) string {
	quoted := fmt.Sprintf("%+q", text)
	return quoted[1 : len(quoted)-1]
}
