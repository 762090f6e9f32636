package packet

// arp reads an ARP message (RFC 826). Only the usual kind, Ethernet and IPv4
// addresses, sets ARP in Has; of others it is known only that they were seen.
func (p *Packet) arp(b []byte, wire int) {
	if len(b) < 8 {
		p.fail(ARP, 8, wire, TruncatedARP)
		return
	}
	if be16(b[2:4]) != etIPv4 || b[4] != 6 || b[5] != 4 {
		p.Seen |= ARP
		return
	}
	if len(b) < 28 {
		p.fail(ARP, 28, wire, TruncatedARP)
		return
	}
	if p.Has&netLayers != 0 && !p.enclose() {
		return
	}
	p.ARPOp = be16(b[6:8])
	p.ARPSrcMAC = MAC(b[8:14])
	putIP4(&p.ARPSrcIP, b[14:18])
	p.ARPDstMAC = MAC(b[18:24])
	putIP4(&p.ARPDstIP, b[24:28])
	p.Has |= ARP
}
