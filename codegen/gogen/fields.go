package gogen

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/lang/types"
)

// packetTypes gives the Go type of every path into packet.Packet that the
// catalogue of lang/types names. A test compares it with the catalogue and with
// runtime/packet.
var packetTypes = map[string]string{
	"Time": "Time", "Len": "uint32", "CapLen": "uint32", "Iface": "uint16",
	"EthSrc": "MAC", "EthDst": "MAC", "EtherType": "uint16",
	"VLANID": "uint16", "VLANInnerID": "uint16", "VLANPrio": "uint8",
	"MPLSLabel": "uint32", "MPLSDepth": "uint8", "PPPoESession": "uint16",
	"ARPOp": "uint16", "ARPSrcMAC": "MAC", "ARPDstMAC": "MAC", "ARPSrcIP": "IP", "ARPDstIP": "IP",
	"IPVersion": "uint8", "Src": "IP", "Dst": "IP", "Proto": "uint8", "TTL": "uint8", "IPLen": "uint32", "IPID": "uint32",
	"DSCP": "uint8", "Has": "Layers", "FragOffset": "uint16", "MoreFrags": "bool",
	"OuterSrc": "IP", "OuterDst": "IP", "GREProto": "uint16", "VNI": "uint32",
	"ICMPType": "uint8", "ICMPCode": "uint8",
	"SrcPort": "uint16", "DstPort": "uint16", "TCPFlags": "uint16", "TCPSeq": "uint32", "TCPAck": "uint32",
	"TCPWindow": "uint16", "PayloadLen": "uint32", "UDPLen": "uint16", "SCTPTag": "uint32", "SCTPChunk": "uint8",
	"DNS.ID": "uint16", "DNS.Response": "bool", "DNS.Opcode": "uint8", "DNS.Rcode": "uint8",
	"DNS.AA": "bool", "DNS.TC": "bool", "DNS.RD": "bool", "DNS.RA": "bool",
	"DNS.QDCount": "uint16", "DNS.ANCount": "uint16", "DNS.NSCount": "uint16", "DNS.ARCount": "uint16",
	"DNS.Name": "[]byte", "DNS.Domain": "[]byte", "DNS.Type": "uint16", "DNS.Addr": "IP",
	"TLS.SNI": "[]byte", "TLS.Version": "uint16", "TLS.HandshakeType": "uint8", "TLS.ContentType": "uint8",
	"HTTP.Method": "[]byte", "HTTP.Host": "[]byte", "HTTP.URI": "[]byte", "HTTP.Status": "uint16",
	"Modbus.Unit": "uint8", "Modbus.Transaction": "uint16", "Modbus.Function": "uint8", "Modbus.Exception": "bool",
	"NTP.Version": "uint8", "NTP.Mode": "uint8", "NTP.Stratum": "uint8",
	"DHCP.Type": "uint8", "DHCP.Client": "MAC", "DHCP.YourIP": "IP", "DHCP.Hostname": "[]byte",
}

var narrowBits = map[string]int{"uint8": 8, "uint16": 16, "uint32": 32}

// lookup returns a field that has a place of its own in the packet.
func lookup(name string) (*types.Field, error) {
	fd := types.LookupField(name)
	if fd == nil || fd.IsEither() || packetTypes[fd.Path] == "" {
		return nil, fmt.Errorf("no such packet field: %q", name)
	}
	return fd, nil
}

// field writes a packet field: p.SrcPort, or c.TCPSrcport in a timeout handler.
func (f *fn) field(name string) val {
	fd, err := lookup(name)
	if err != nil {
		f.fail(err)
		return primary(jen.Lit(0))
	}
	f.fromPacket(name)
	if f.packet == "" {
		return f.valid(fd, f.capturedField(fd))
	}
	return f.valid(fd, shape(fd, packetPath(f.packet, fd)))
}

// packetPath writes where a field stands in the packet: p.DNS.Name.
func packetPath(name string, fd *types.Field) *jen.Statement {
	path := jen.Id(name)
	for _, part := range strings.Split(fd.Path, ".") {
		path.Dot(part)
	}
	return path
}

// shape turns the Go expression of a field into a value of the field's type.
func shape(fd *types.Field, code *jen.Statement) val {
	goType := packetTypes[fd.Path]
	switch {
	case fd.Mask != "":
		return val{code: code.Op("&").Add(rt("packet", fd.Mask)).Op("!=").Lit(0), prec: precCmp}
	case goType == "Time":
		return primary(jen.Int64().Parens(code))
	}
	v := primary(code)
	v.narrow, v.flags = narrowBits[goType], fd.Path == "TCPFlags"
	return v
}

// valid adds the guard for a field to be defined.
func (f *fn) valid(fd *types.Field, v val) val {
	need := layer(fd.Need...)
	f.g.layers |= need
	switch {
	case need.single():
		v.need = need
	case need != 0 && need&f.known == 0:
		v = v.also(f.hasAny(need))
	}
	return v
}

// hasAny writes p.Has&(packet.TCP|packet.UDP) != 0.
func (f *fn) hasAny(need layers) *jen.Statement {
	if need.single() {
		return f.hasAll(need)
	}
	return f.has().Op("&").Parens(need.code()).Op("!=").Lit(0)
}

// hasLayer is the test of a layer's name. A single bit is a guard, so that it
// merges with those of fields.
func (f *fn) hasLayer(name string) val {
	l := types.LookupLayer(name)
	if l == nil {
		f.fail(fmt.Errorf("no such layer: %q", name))
		return val{}
	}
	f.fromPacket(name)
	need := layer(l.Need...)
	f.g.layers |= need
	switch {
	case need.single():
		return val{need: need}
	case need&f.known != 0:
		return val{}
	case need != 0:
		return val{code: f.hasAny(need), prec: precCmp}
	}
	return val{}
}

// flagBits are the constants of runtime/packet for TCP flags, lowest bit first.
var flagBits = []string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"}

// flagNames writes a constant as TCP flags: packet.SYN|packet.ACK.
func flagNames(v val, bits int64) val {
	if bits <= 0 || bits >= 1<<len(flagBits) {
		return v
	}
	var parts []*jen.Statement
	for i, name := range flagBits {
		if bits&(1<<i) != 0 {
			parts = append(parts, rt("packet", name))
		}
	}
	v.code = join("|", parts)
	if len(parts) > 1 {
		v.prec = precAdd
	}
	return v
}

// fits reports whether a constant can be compared with an unsigned field of
// that many bits.
func fits(v val, bits int) bool { return v.n >= 0 && v.n < 1<<bits }

// goType is the Go type of a value of the language in locals, params and tables.
func goType(t types.Type) *jen.Statement {
	switch t {
	case types.Bool:
		return jen.Bool()
	case types.Float:
		return jen.Float64()
	case types.IP:
		return rt("packet", "IP")
	case types.MAC:
		return rt("packet", "MAC")
	case types.String:
		return jen.Index().Byte()
	}
	return jen.Int64()
}

// storedType is goType for memory that outlives the packet: texts are copied
// into fixed arrays, cut after 255 bytes.
func storedType(t types.Type) *jen.Statement {
	if t == types.String {
		return program("Text")
	}
	return goType(t)
}
