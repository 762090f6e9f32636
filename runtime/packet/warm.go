package packet

// Warm asks the processor to bring into the cache what every event looks at, and the
// addresses and ports, of those of at most 64 packets that bits has: of packets that
// another processor has decoded. It is a hint and changes nothing.
func Warm(packets []Packet, bits uint64) {
	if len(packets) < 64 {
		bits &= 1<<len(packets) - 1
	}
	if bits != 0 {
		warm(&packets[0], bits)
	}
}
