package gogen

import (
	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// emitManifest writes
//
//	// Streamon is what the host loads.
//	var Streamon = program.Info{
//		Manifest: program.Manifest{ABI: program.ABI, Name: "ddos", …},
//		New:      newMachine,
//	}
func (g *gen) emitManifest() {
	d := jen.Dict{}
	text := func(name, value string) {
		if value != "" {
			d[jen.Id(name)] = jen.Lit(value)
		}
	}
	list := func(name, typ string, items []jen.Code) {
		if len(items) > 0 {
			d[jen.Id(name)] = jen.Index().Add(program(typ)).Values(lines(items)...)
		}
	}
	d[jen.Id("ABI")] = program("ABI")
	text("Name", g.p.Name)
	text("Doc", g.p.Doc)
	text("File", g.p.File)
	text("Version", g.opt.Version)
	text("ID", g.opt.ID)
	if g.layers != 0 {
		d[jen.Id("Layers")] = jen.Uint64().Parens(g.layers.code())
	}
	list("Params", "ParamInfo", g.paramInfos())
	list("Lists", "ListInfo", g.listInfos())
	list("Entities", "EntityInfo", g.entityInfos())
	list("States", "StateInfo", g.stateInfos())
	list("Events", "EventInfo", g.eventInfos())
	var memory []jen.Code
	for _, s := range g.structures {
		if s.show != "" {
			memory = append(memory, texts("Name", s.show, "Kind", s.kind, "Layout", s.layout))
		}
	}
	list("Memory", "MemoryInfo", memory)
	g.file.Comment("Streamon is what the host loads.")
	g.file.Var().Id("Streamon").Op("=").Add(program("Info")).Values(jen.Dict{
		jen.Id("Manifest"): program("Manifest").Values(d),
		jen.Id("New"):      jen.Id("newMachine"),
	})
	g.file.Line()
}

// lines puts every item of a composite literal on a line of its own.
func lines(items []jen.Code) []jen.Code {
	out := make([]jen.Code, 0, len(items)+1)
	for _, it := range items {
		out = append(out, jen.Line().Add(it))
	}
	return append(out, jen.Line())
}

// texts writes {Name: "x", Kind: "y"}, empty values left out.
func texts(pairs ...string) *jen.Statement {
	var list []jen.Code
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			list = append(list, jen.Id(pairs[i]).Op(":").Lit(pairs[i+1]))
		}
	}
	return jen.Values(list...)
}

func (g *gen) paramInfos() []jen.Code {
	var out []jen.Code
	f := g.newFn(new([]jen.Code))
	for _, p := range g.p.Params {
		v := f.literal(p.Def)
		code := v.code
		if v.isText {
			code = bytesOf(v)
		}
		out = append(out, jen.Values(
			jen.Id("Name").Op(":").Lit(p.Name),
			jen.Id("Default").Op(":").Add(call(valueNames[p.Type], code))))
	}
	return out
}

func (g *gen) listInfos() []jen.Code {
	var out []jen.Code
	for _, l := range g.p.Lists {
		if l.File != "" {
			out = append(out, texts("Name", l.Name, "File", l.File, "Text", l.Text))
		}
	}
	return out
}

func (g *gen) entityInfos() []jen.Code {
	var out []jen.Code
	for i, e := range g.p.Entities {
		var names []jen.Code
		for _, k := range e.Fields {
			names = append(names, jen.Lit(g.fieldName(i, k)))
		}
		out = append(out, jen.Values(
			jen.Id("Name").Op(":").Lit(e.Name),
			jen.Id("Fields").Op(":").Index().String().Values(names...),
			jen.Id("Capacity").Op(":").Lit(e.Capacity)))
	}
	return out
}

func (g *gen) stateInfos() []jen.Code {
	var out []jen.Code
	for _, s := range g.p.States {
		out = append(out, texts("Name", s.Name, "Level", s.Level, "Code", s.Code, "Doc", s.Doc))
	}
	return out
}

var kindNames = map[ir.EventKind]string{ir.PacketEvent: "packet", ir.TimeoutEvent: "timeout", ir.TickEvent: "tick"}

func (g *gen) eventInfos() []jen.Code {
	var out []jen.Code
	for _, e := range g.p.Events {
		entity := ""
		if e.Entity >= 0 {
			entity = g.p.Entities[e.Entity].Name
		}
		out = append(out, texts("Name", e.Name, "Kind", kindNames[e.Kind], "Entity", entity))
	}
	return out
}

// storable reports whether a table can hold values of type t.
func storable(t types.Type) bool { return valueNames[t] != "" }
