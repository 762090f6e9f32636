package packet

//go:noescape
func warm(first *Packet, bits uint64)

//go:noescape
func warmHeads(first *Head, bits uint64)
