package packet

// modbus reads a Modbus/TCP header (Modbus Messaging on TCP/IP §3.1.3) if app
// wants it, and reports whether it was one. Segments that do not begin with a
// header, or repeat one byte of it to keep a connection alive, are left alone.
func (p *Packet) modbus(b []byte, app Layers) bool {
	if app&Modbus == 0 || len(b) < 8 || be16(b[2:4]) != 0 {
		return false
	}
	if n := be16(b[4:6]); n < 2 || n > 254 {
		return false
	}
	p.Modbus = ModbusInfo{
		Transaction: be16(b[0:2]),
		Unit:        b[6],
		Function:    b[7] & 0x7f,
		Exception:   b[7]&0x80 != 0,
	}
	p.Has |= Modbus
	return true
}
