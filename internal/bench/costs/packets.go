package main

import (
	"fmt"
	"slices"

	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
	"github.com/streamon/streamon/runtime/timer"
)

// packets measures what is done with each packet: decoding, looking for events, calling
// their handlers, reading fields and hashing keys.
func (r *recorder) packets() error {
	list, err := frames()
	if err != nil {
		return err
	}
	for _, l := range types.Layers() {
		if err := r.decode(l, list[l.Name]); err != nil {
			return err
		}
	}
	m := newMachine(list["tcp"])
	none := r.time(m.run(packet.UDP))
	r.put("packet", none)
	r.put("layer", (r.time(m.tests)-r.time(m.test))/3)
	r.put("event", r.time(m.run(packet.TCP))-none)
	r.put("field", r.time(m.fields)-r.time(m.has))
	r.put("timer", r.timers1())
	r.put("tick", r.ns["timer"]...)
	r.hashes(m)
	return nil
}

// bits are the layers by the names that the catalogue has for them.
var bits = map[string]packet.Layers{
	"Eth": packet.Eth, "VLAN": packet.VLAN, "MPLS": packet.MPLS, "PPPoE": packet.PPPoE, "ARP": packet.ARP, "IPLayer": packet.IPLayer,
	"IP4": packet.IP4, "IP6": packet.IP6, "Fragment": packet.Fragment, "Tunnel": packet.Tunnel, "GRE": packet.GRE, "VXLAN": packet.VXLAN,
	"ICMP": packet.ICMP, "ICMP6": packet.ICMP6, "TCP": packet.TCP, "UDP": packet.UDP, "SCTP": packet.SCTP, "DNS": packet.DNS,
	"TLS": packet.TLS, "HTTPRequest": packet.HTTPRequest, "Modbus": packet.Modbus, "NTP": packet.NTP, "DHCP": packet.DHCP,
}

// decode measures the whole way through a frame.
func (r *recorder) decode(l types.Layer, data []byte) error {
	d := packet.Decoder{App: packet.AppLayers}
	batch := new(packet.Batch)
	p := &batch.Packets[0]
	d.Decode(p, packet.LinkEthernet, data, uint32(len(data)), 1)
	if l.Need != nil && !slices.ContainsFunc(l.Need, func(bit string) bool { return p.Has&bits[bit] != 0 }) {
		return fmt.Errorf("the frame for layer %s has %s only", l.Name, p.Has)
	}
	r.put("decode/"+l.Name, r.time(func(n int) {
		for i := range n {
			d.Decode(&batch.Packets[i&(packet.BatchSize-1)], packet.LinkEthernet, data, uint32(len(data)), packet.Time(i))
		}
	}))
	return nil
}

// machine is what the emitter makes of a program with one event.
type machine struct {
	batch   *packet.Batch
	matched uint64
	columns [2][chunk]uint64
	now     int64
	agenda  timer.Agenda
	events  []uint64
	seed    uint64
	sum     int64
}

func newMachine(data []byte) *machine {
	m := &machine{batch: new(packet.Batch), events: make([]uint64, 1), seed: 1}
	d := packet.Decoder{}
	for i := range m.batch.Packets {
		d.Decode(&m.batch.Packets[i], packet.LinkEthernet, data, uint32(len(data)), packet.Time(start))
	}
	m.batch.N = packet.BatchSize
	return m
}

// run shows batches to the program, whose event is for packets with a layer.
func (m *machine) run(layer packet.Layers) func(n int) {
	return func(n int) {
		for range n / packet.BatchSize {
			for from := 0; from < m.batch.N; from += chunk {
				m.chunk(m.batch.Packets[from:min(from+chunk, m.batch.N)], layer)
			}
		}
	}
}

//go:noinline
func (m *machine) match(packets []packet.Packet, layer packet.Layers) uint64 {
	var bits uint64
	for i := range packets {
		p, bit := &packets[i], uint64(1)<<(i&63)
		if p.Has&(packet.IPLayer|layer) == packet.IPLayer|layer {
			bits |= bit
		}
	}
	m.matched = bits
	return bits
}

//go:noinline
func (m *machine) chunk(packets []packet.Packet, layer packet.Layers) {
	todo := m.match(packets, layer)
	if todo != 0 {
		m.fill(packets)
	}
	next, row := 0, 0
	for ; todo != 0; todo &= todo - 1 {
		i := program.FirstBit(todo)
		p := &packets[i]
		if int64(p.Time) >= m.agenda.Earliest() {
			m.pass(packets[next : i+1])
		}
		next, m.now = i+1, int64(p.Time)
		m.on(p, row)
		row++
	}
	m.pass(packets[next:])
}

//go:noinline
func (m *machine) pass(packets []packet.Packet) {
	if len(packets) == 0 {
		return
	}
	last := int64(packets[len(packets)-1].Time)
	if last >= m.agenda.Earliest() {
		m.sum++
	}
	m.now = last
}

//go:noinline
func (m *machine) fill(packets []packet.Packet) {
	n := 0
	for todo := m.matched; todo != 0; todo &= todo - 1 {
		p := &packets[program.FirstBit(todo)]
		m.columns[0][n&63] = uint64(p.SrcPort)
		n++
	}
}

//go:noinline
func (m *machine) on(p *packet.Packet, row int) {
	m.events[0]++
	k := key(p.Src)
	m.sum += int64(m.columns[0][row&63] + uint64(k[15]))
}

// each calls f for the packets of the batch, over and over.
func (m *machine) each(n int, f func(p *packet.Packet)) {
	for range n / packet.BatchSize {
		for i := range m.batch.Packets {
			f(&m.batch.Packets[i])
		}
	}
}

// test and tests look for one event and for four.
func (m *machine) test(n int) {
	m.each(n, func(p *packet.Packet) {
		if p.Has&(packet.IPLayer|packet.UDP) == packet.IPLayer|packet.UDP {
			m.sum++
		}
	})
}

func (m *machine) tests(n int) {
	m.each(n, func(p *packet.Packet) {
		if p.Has&(packet.IPLayer|packet.UDP) == packet.IPLayer|packet.UDP {
			m.sum++
		}
		if p.Has&(packet.IPLayer|packet.DNS) == packet.IPLayer|packet.DNS {
			m.sum++
		}
		if p.Has&(packet.IPLayer|packet.ICMP) == packet.IPLayer|packet.ICMP {
			m.sum++
		}
		if p.Has&(packet.IPLayer|packet.SCTP) == packet.IPLayer|packet.SCTP {
			m.sum++
		}
	})
}

// has reads the line of a packet that all read, fields another one.
func (m *machine) has(n int) { m.each(n, func(p *packet.Packet) { m.sum += int64(p.Has) }) }

func (m *machine) fields(n int) {
	m.each(n, func(p *packet.Packet) { m.sum += int64(p.Has) + int64(p.TCPFlags) })
}

// timers1 is the way to a timer that is due, without taking it out of its structure.
func (r *recorder) timers1() float64 {
	var a timer.Agenda
	w := timer.NewWheel(chunk)
	a.Attach(w)
	w.Arm(0, start, 1)
	sum := 0
	return r.time(func(n int) {
		for range n {
			if wheel, _, ok := a.Next(start + 1); ok {
				sum += wheel
			}
		}
	})
}

// hashes measures the hash of each type of field, and one more part of a key.
func (r *recorder) hashes(m *machine) {
	var column [chunk]uint64
	i := 0
	timed := func(f func(p *packet.Packet) uint64) float64 {
		return r.time(func(n int) {
			m.each(n, func(p *packet.Packet) {
				column[i&(chunk-1)] = f(p) + uint64(p.Has)
				i++
			})
		})
	}
	base := timed(func(p *packet.Packet) uint64 { return uint64(p.Len) })
	put := func(name string, f func(p *packet.Packet) uint64) { r.put(name, timed(f)-base) }
	put("hash/ip", func(p *packet.Packet) uint64 { return flow.OfIP(m.seed, (*[16]byte)(&p.Src)) })
	put("hash/int", func(p *packet.Packet) uint64 { return flow.OfInt(m.seed, int64(p.SrcPort)) })
	put("hash/mac", func(p *packet.Packet) uint64 { return flow.OfMAC(m.seed, (*[6]byte)(&p.EthSrc)) })
	put("hash/bool", func(p *packet.Packet) uint64 { return flow.OfBool(m.seed, p.MoreFrags) })
	name := []byte("www.example.com")
	put("hash/string", func(*packet.Packet) uint64 { return flow.OfString(m.seed, name) })
	put("hash/part", func(p *packet.Packet) uint64 { return uint64(p.CapLen)*flow.Odd1 + uint64(p.Len) })
}
