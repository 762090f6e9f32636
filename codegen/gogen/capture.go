package gogen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// captures is what a timeout event keeps of the packet that armed its timer.
type captures struct {
	names   []string // of fields and layers, those that its timers hand on included
	alias   string   // name of the type; "" = nothing is kept
	hasBits bool
	fields  []*types.Field
	hasText bool
}

// planCaptures decides what a timeout event keeps: the fields themselves, and the
// layers if one of them, or a layer's name, can be absent.
func (g *gen) planCaptures(e *ir.Event, names []string) captures {
	c := captures{names: names}
	if len(names) == 0 {
		return c
	}
	c.alias = g.top.fresh(prefixCapture + camel(e.Name))
	for _, name := range names {
		if types.LookupLayer(name) != nil {
			c.hasBits = true
			continue
		}
		fd, err := lookup(name)
		if err != nil {
			g.fail(fmt.Errorf("event %s: %w", e.Name, err))
			continue
		}
		c.fields = append(c.fields, fd)
		c.hasBits = c.hasBits || len(fd.Need) > 0 || fd.Path == "Has"
		c.hasText = c.hasText || fd.Type == types.String
	}
	return c
}

// typ writes the type argument for xfsm.Timeouts.
func (c captures) typ() *jen.Statement {
	if c.alias == "" {
		return jen.Struct()
	}
	return jen.Id(c.alias)
}

// emitCaptureType writes
//
//	// captureCheck is what event check keeps of the packet that armed its timer.
//	type captureCheck = struct {
//		Has        packet.Layers
//		TcpDstport uint16
//	}
//
// An alias, so that every generation of the program has the same type.
func (g *gen) emitCaptureType(i int) {
	c := g.captures[i]
	if c.alias == "" {
		return
	}
	var fields []jen.Code
	if c.hasBits {
		fields = append(fields, jen.Id("Has").Add(rt("packet", "Layers")))
	}
	for _, fd := range c.fields {
		if goType := capturedType(fd); goType != nil {
			fields = append(fields, jen.Id(camel(fd.Name)).Add(goType))
		}
	}
	g.file.Commentf("%s is what event %s keeps of the packet that armed its timer.", c.alias, g.p.Events[i].Name)
	g.file.Type().Id(c.alias).Op("=").Struct(fields...)
	g.file.Line()
}

// capturedType is the Go type of a kept field; nil if Has holds it. Masked fields
// are kept unmasked.
func capturedType(fd *types.Field) *jen.Statement {
	switch t := packetTypes[fd.Path]; t {
	case "Layers":
		return nil
	case "IP", "MAC", "Time":
		return rt("packet", t)
	case "[]byte":
		return program("Text")
	default:
		return jen.Id(t)
	}
}

// capturedField writes a kept field: c.TcpDstport.
func (f *fn) capturedField(fd *types.Field) val {
	switch {
	case packetTypes[fd.Path] == "Layers":
		return shape(fd, f.has())
	case fd.Type == types.String:
		return primary(jen.Id(f.captured).Dot(camel(fd.Name)).Dot("Bytes").Call())
	}
	return shape(fd, jen.Id(f.captured).Dot(camel(fd.Name)))
}

// capture writes a pointer to what a timer keeps, filling it before.
func (f *fn) capture(event int) *jen.Statement {
	c := f.g.captures[event]
	switch {
	case c.alias == "":
		return jen.Op("&").Struct().Values()
	case f.captures == &f.g.captures[event]:
		if c.hasText {
			return jen.Id(f.captured)
		}
		return jen.Op("&").Id(f.captured)
	}
	var first []pair
	if c.hasBits {
		first = append(first, pair{"Has", f.has()})
	}
	name := f.names.fresh("kept")
	var later []jen.Code
	for _, fd := range c.fields {
		if capturedType(fd) == nil {
			continue
		}
		src := f.raw(fd)
		if fd.Type != types.String {
			first = append(first, pair{camel(fd.Name), src})
			continue
		}
		set := jen.Id(name).Dot(camel(fd.Name)).Op("=").Add(call("TextOf", src))
		later = append(later, jen.If(f.hasAny(layer(fd.Need...))).Block(set))
	}
	f.add(jen.Id(name).Op(":=").Id(c.alias).Add(composite(first...)))
	f.add(later...)
	return jen.Op("&").Id(name)
}

// raw writes a field as it stands in the packet, or in what was kept of it.
func (f *fn) raw(fd *types.Field) *jen.Statement {
	f.fromPacket(fd.Name)
	if f.packet == "" {
		v := jen.Id(f.captured).Dot(camel(fd.Name))
		if fd.Type == types.String {
			v.Dot("Bytes").Call()
		}
		return v
	}
	return packetPath(f.packet, fd)
}
