package bench

import (
	"encoding/binary"
	"fmt"

	"github.com/streamon/streamon/runtime/packet"
)

// Rates of Zeek 4.0.9 in bare mode, one process, on the loads below with scripts equal
// to the programs, packets a second on this class of machine: the upper ends.
const (
	zeekPairs    = 99e3  // conficker on DNSPairs
	zeekManySYNs = 190e3 // SYNs by destination, 120 000 flows
	zeekFewSYNs  = 1.0e6 // the same, 500 flows
	zeekAsked    = 30    // times Zeek
)

// Parameters of the loads that Zeek was measured on.
const (
	dnsPorts   = 500_000 // client endpoints that ask
	dnsClients = 1_000   // that they belong to
	manySYNs   = 120_000
	fewSYNs    = 500
)

// DNSPairs makes n packets, in turn a query and its answer, from 500 000 distinct ports
// of a thousand clients; every tenth answer is NXDOMAIN.
func DNSPairs(n int) *Load {
	l := &Load{Name: "syn-dns-pairs", Link: packet.LinkEthernet}
	const headers = 14 + 20 + 8
	frame := make([]byte, 0, 128)
	for i := range n {
		pair, answer := i/2, i%2 == 1
		k := pair * 7919 % dnsPorts // 7919 shares no factor with it: every endpoint comes once in a round
		client, port := uint32(10<<24|1<<16)+uint32(k%dnsClients), uint16(1024+k/dnsClients)
		failed := pair%10 == 9
		frame = append(frame[:0], make([]byte, headers+12)...)
		copy(frame[12:], []byte{8, 0, 0x45})
		frame[22], frame[23] = 64, 17
		dns := frame[headers:]
		binary.BigEndian.PutUint16(dns, uint16(pair))
		flags := uint16(0x0100)
		if answer {
			flags = 0x8180
			if failed {
				flags |= 3
			} else {
				dns[7] = 1
			}
		}
		binary.BigEndian.PutUint16(dns[2:], flags)
		dns[5] = 1
		frame = appendName(frame, fmt.Sprintf("h%05d", pair%100_000), "example", "com")
		frame = append(frame, 0, 1, 0, 1)
		if answer && !failed {
			frame = append(frame, 0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 192, 0, 2, byte(pair))
		}
		const server = 10<<24 | 53
		if answer {
			endpoints(frame, server, client, 53, port)
		} else {
			endpoints(frame, client, server, port, 53)
		}
		binary.BigEndian.PutUint16(frame[16:], uint16(len(frame)-14))
		binary.BigEndian.PutUint16(frame[38:], uint16(len(frame)-34))
		l.add(packet.Time(start+int64(i)*spacing), frame, uint32(max(len(frame), 60)))
	}
	return l
}

// SYNs makes n TCP SYNs of so many flows in turn, each to a destination of its own.
func SYNs(n, flows int) *Load {
	l := &Load{Name: fmt.Sprintf("syn-syns-%d", flows), Link: packet.LinkEthernet}
	frame := [54]byte{12: 8, 14: 0x45, 17: 40, 22: 64, 23: 6, 46: 0x50, 47: 0x02, 48: 0xff}
	for i := range n {
		k := uint32(i % flows)
		endpoints(frame[:], 10<<24+k, 198<<24|18<<16+k, uint16(1024+k%60_000), 80)
		l.add(packet.Time(start+int64(i)*spacing), frame[:], 60)
	}
	return l
}

// endpoints sets addresses and ports of an IPv4 packet without options.
func endpoints(frame []byte, src, dst uint32, sport, dport uint16) {
	binary.BigEndian.PutUint32(frame[26:], src)
	binary.BigEndian.PutUint32(frame[30:], dst)
	binary.BigEndian.PutUint16(frame[34:], sport)
	binary.BigEndian.PutUint16(frame[36:], dport)
}

// appendName appends a domain name as DNS writes it.
func appendName(b []byte, labels ...string) []byte {
	for _, label := range labels {
		b = append(b, byte(len(label)))
		b = append(b, label...)
	}
	return append(b, 0)
}
