package packet

//go:noescape
func warm(first *Packet, bits uint64)
