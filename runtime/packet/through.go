package packet

// What the decoder looks behind. Who leaves packets out unseen, as a filter in the kernel
// does, must let these through: what is behind them decides. Whoever teaches the decoder
// another one adds it here.
var (
	// SeenThrough are the EtherTypes, IP and ARP left out, and 802.3 lengths, which are below EtherTypeMin.
	SeenThrough = []uint16{
		etVLAN, etQinQ, etQinQOld, etQinQOld2, etTEB, etPPP, etMPLS, etMPLSMulti, etPPPoE, etPBB, etFabricPath, etCMD, etVNTag,
	}
	// Carriers are the IP protocols: tunnels and the authentication header.
	Carriers = []uint8{protoIPIP, protoIPv6, protoGRE, protoAH, protoIPIP94, protoEtherIP, protoMPLS}
	// TunnelPorts are the UDP ports of tunnels.
	TunnelPorts = []uint16{portL2TP, portGTPU, portTeredo, portVXLAN, portVXLANGPE, portGeneve, portMPLS, portVXLANOld}
)

// EtherTypeMin is the smallest EtherType; below it the field is an 802.3 length.
const EtherTypeMin = etMin
