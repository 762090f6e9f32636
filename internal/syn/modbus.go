package syn

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"
)

// ModbusConfig sets the size of syn-modbus-scan (all A but the limit of three
// devices and function code 8, which D-StreaMon's configuration has).
type ModbusConfig struct {
	Seed      uint64        `json:"seed"`
	Devices   int           `json:"devices"`    // scanned: 254
	Silent    float64       `json:"silent"`     // part of them that does not answer: 0.5
	Begin     time.Duration `json:"begin_ns"`   // of the scan: 60 s
	PerSecond float64       `json:"per_second"` // devices scanned: 10
}

func (ModbusConfig) name() string { return "syn-modbus-scan" }

func (c *ModbusConfig) defaults() {
	if c.Devices == 0 {
		c.Devices = 254
	}
	if c.Silent == 0 {
		c.Silent = 0.5
	}
	if c.Begin == 0 {
		c.Begin = time.Minute
	}
	if c.PerSecond == 0 {
		c.PerSecond = 10
	}
}

// ModbusScan makes a plant in which one master polls three devices, until a
// scanner sends function codes 8 to 16 to every address of their network. All
// connections have full handshakes; half of the devices then stay silent.
func ModbusScan(cfg ModbusConfig) (*Trace, *Truth) {
	cfg.defaults()
	return generate(cfg)
}

// A modbusHost sends requests, and is the truth of them.
type modbusHost struct {
	chance
	s       *sim
	ip      netip.Addr
	truth   *Host
	devices map[netip.Addr]bool
	id      uint16
}

func newModbusHost(s *sim, c chance, ip netip.Addr, role, verdict string) *modbusHost {
	return &modbusHost{chance: c, s: s, ip: ip, devices: map[netip.Addr]bool{},
		truth: &Host{Address: ip.String(), Role: role, Verdict: verdict, Modbus: &Modbus{}}}
}

func (cfg ModbusConfig) run(s *sim) *Truth {
	master := newModbusHost(s, newChance(cfg.Seed, 1), v4("10.2.0.0", 1), "master", "clean")
	scanner := newModbusHost(s, newChance(cfg.Seed, 2), v4("10.2.0.0", 66), "scanner", "modbus_scan")
	device := func(n int) endpoint { return at(v4("10.2.1.0", n), 502) }
	for n := 1; n <= 3; n++ {
		s.after(master.seconds(0, 1), func() { master.poll(device(n)) })
	}
	begin := cfg.Begin
	for n := 1; n <= cfg.Devices; n++ {
		answers := scanner.Float64() >= cfg.Silent
		function := byte(8 + (n-1)%9)
		s.after(begin, func() { scanner.once(device(n), function, answers) })
		begin += scanner.gap(cfg.PerSecond)
	}
	s.play(begin + 30*time.Second)
	return &Truth{Hosts: []*Host{master.truth, scanner.truth}, Infected: []string{scanner.truth.Address}}
}

// poll reads registers over one connection, once a second.
func (h *modbusHost) poll(device endpoint) {
	h.s.connect(at(h.ip, highPort(h.chance)), device, 0, h.chance, nil, func(k *conn) {
		var again func()
		again = func() {
			h.request(k, 3, true, func() {})
			h.s.after(time.Second, again)
		}
		again()
	})
}

// once connects, sends one request, and closes.
func (h *modbusHost) once(device endpoint, function byte, answers bool) {
	h.s.connect(at(h.ip, highPort(h.chance)), device, 0, h.chance, nil, func(k *conn) {
		h.request(k, function, answers, k.close)
	})
}

// request sends one request over k and, if the device answers, gets an answer; a
// silent one only acknowledges, and the request is given up after a second.
func (h *modbusHost) request(k *conn, function byte, answers bool, next func()) {
	h.id++
	m := h.truth.Modbus
	m.Requests++
	if h.devices[k.b.ip] = true; len(h.devices) == 4 && m.FourthAt == 0 {
		m.FourthAt = h.s.now.Seconds()
	}
	m.Devices = len(h.devices)
	if i, found := slices.BinarySearch(m.Functions, int(function)); !found {
		m.Functions = slices.Insert(m.Functions, i, int(function))
	}
	pdu := mbap(h.id, []byte{function, 0, 0, 0, 2})
	if answers {
		k.exchange(pdu, mbap(h.id, []byte{function, 4, 0, 1, 0, 2}), next)
		h.s.after(k.rtt, func() { m.Answers++ })
		return
	}
	k.put(true, psh|ack, pdu)
	h.s.after(k.rtt, func() { k.put(false, ack, nil) })
	h.s.after(time.Second, next)
}

// mbap puts the header of Modbus/TCP before a message to unit 1.
func mbap(id uint16, pdu []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, id)
	b = append(b, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(len(pdu)+1))
	return append(append(b, 1), pdu...)
}
