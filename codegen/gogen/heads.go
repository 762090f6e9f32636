package gogen

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"

	"github.com/dave/jennifer/jen"
)

// headFields are the fields of packet.Head. A test compares them with it.
var headFields = []string{
	"Has", "Src", "Dst", "SrcPort", "DstPort", "TCPFlags", "TCPWindow", "Len", "IPLen", "PayloadLen", "IPVersion", "Proto", "TTL",
}

// emitHeads writes, if match and steer look at nothing else of a packet,
//
//	// SteerHeads is Steer of the packets that have these heads.
//	func (m *machine) SteerHeads(heads []packet.Head, r *program.Routes) {
//		for from := 0; from < len(heads); from += 64 {
//			if packets := heads[from:min(from+64, len(heads))]; m.matchHeads(packets) != 0 {
//				m.steerHeads(packets, from/64, r)
//			}
//		}
//	}
//
// and both again for heads, word by word.
func (g *gen) emitHeads() {
	if !g.headsSuffice() {
		return
	}
	id, m := jen.Id, func(name string) *jen.Statement { return jen.Id("m").Dot(name) }
	size := func() *jen.Statement { return jen.Len(id("heads")) }
	g.file.Comment("SteerHeads is Steer of the packets that have these heads.")
	g.method("SteerHeads", []jen.Code{id("heads").Index().Add(rt("packet", "Head")), routesParam()},
		jen.For(id("from").Op(":=").Lit(0), id("from").Op("<").Add(size()), id("from").Op("+=").Lit(chunkPackets)).Block(
			jen.If(
				id("packets").Op(":=").Id("heads").Index(id("from").Op(":").Min(id("from").Op("+").Lit(chunkPackets), size())),
				m("matchHeads").Call(id("packets")).Op("!=").Lit(0),
			).Block(m("steerHeads").Call(id("packets"), id("from").Op("/").Lit(chunkPackets), id("r")))))
	g.file.Comment("matchHeads is match for heads.")
	g.emitMatchOf("matchHeads", "Head")
	g.file.Comment("steerHeads is steer for heads.")
	g.emitSteerChunk("steerHeads", "Head")
}

// headsSuffice reports whether steering looks only at what a head has of a packet, and not
// at the time.
func (g *gen) headsSuffice() bool {
	events := g.packetEvents()
	code := g.emitTests(events)
	for _, i := range events {
		code = append(code, jen.Block(g.steerRow(i)...))
	}
	return len(events) > 0 && !slices.ContainsFunc(code, isTimed) && readsOnly(code, "p", headFields)
}

// readsOnly reports whether a body of Go code uses a variable for nothing but to name some
// of its fields.
func readsOnly(body []jen.Code, name string, fields []string) bool {
	file := jen.NewFile("body_") // names that no local has
	file.Func().Id("body_").Params().Block(body...)
	var src bytes.Buffer
	if file.Render(&src) != nil {
		return false // Emit will meet the same error
	}
	tree, err := parser.ParseFile(token.NewFileSet(), "", src.Bytes(), parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	ok := true
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, is := n.X.(*ast.Ident); is && x.Name == name {
				ok = ok && slices.Contains(fields, n.Sel.Name)
				return false
			}
		case *ast.Ident:
			ok = ok && n.Name != name
		}
		return true
	})
	return ok
}
