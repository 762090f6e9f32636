package gogen

import (
	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/wanted"
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
	list := func(typ string, items []jen.Code) *jen.Statement {
		if len(items) == 0 {
			return nil
		}
		return jen.Index().Add(program(typ)).Values(lines(items)...)
	}
	var layers *jen.Statement
	if g.layers != 0 {
		layers = jen.Uint64().Parens(g.layers.code())
	}
	var memory []jen.Code
	for _, s := range g.structures {
		if s.show != "" {
			memory = append(memory, composite(pair{"Name", word(s.show)}, pair{"Kind", word(s.kind)}, pair{"Layout", word(s.layout)}))
		}
	}
	g.file.Comment("Streamon is what the host loads.")
	g.file.Var().Id("Streamon").Op("=").Add(program("Info")).Add(tall(
		pair{"Manifest", program("Manifest").Add(tall(
			pair{"ABI", program("ABI")},
			pair{"Name", word(g.p.Name)},
			pair{"Doc", word(g.p.Doc)},
			pair{"File", word(g.p.File)},
			pair{"Version", word(g.opt.Version)},
			pair{"ID", word(g.opt.ID)},
			pair{"Wanted", word(wanted.Of(g.p))},
			pair{"Layers", layers},
			pair{"Params", list("ParamInfo", g.paramInfos())},
			pair{"Lists", list("ListInfo", g.listInfos())},
			pair{"Entities", list("EntityInfo", g.entityInfos())},
			pair{"States", list("StateInfo", g.stateInfos())},
			pair{"Events", list("EventInfo", g.eventInfos())},
			pair{"Memory", list("MemoryInfo", memory)},
			pair{"Rules", list("RuleInfo", g.ruleInfos())},
			pair{"Partition", g.partitionInfo()},
		))},
		pair{"New", jen.Id("newMachine")},
	))
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

func (g *gen) paramInfos() []jen.Code {
	var out []jen.Code
	f := g.newFn(new([]jen.Code))
	for _, p := range g.p.Params {
		v := f.literal(p.Def)
		code := v.code
		if v.isText {
			code = jen.Index().Byte().Parens(code)
		}
		out = append(out, composite(pair{"Name", word(p.Name)}, pair{"Default", call(valueNames[p.Type], code)}))
	}
	return out
}

func (g *gen) listInfos() []jen.Code {
	var out []jen.Code
	for _, l := range g.p.Lists {
		if l.File != "" {
			out = append(out, composite(pair{"Name", word(l.Name)}, pair{"File", word(l.File)}, pair{"Text", word(l.Text)}))
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
		out = append(out, composite(
			pair{"Name", word(e.Name)}, pair{"Fields", jen.Index().String().Values(names...)}, pair{"Capacity", jen.Lit(e.Capacity)}))
	}
	return out
}

func (g *gen) stateInfos() []jen.Code {
	var out []jen.Code
	for _, s := range g.p.States {
		out = append(out, composite(
			pair{"Name", word(s.Name)}, pair{"Level", word(s.Level)}, pair{"Code", word(s.Code)}, pair{"Doc", word(s.Doc)}))
	}
	return out
}

func (g *gen) eventInfos() []jen.Code {
	var out []jen.Code
	for _, e := range g.p.Events {
		entity := ""
		if e.Entity >= 0 {
			entity = g.p.Entities[e.Entity].Name
		}
		out = append(out, composite(pair{"Name", word(e.Name)}, pair{"Kind", word(e.Kind.String())}, pair{"Entity", word(entity)}))
	}
	return out
}

// Rule is one rule of a state machine in the words of the source, see program.RuleInfo.
type Rule struct {
	Entity, From, To string
	Events           []string
	When             string
	Do               []string
	After            string
	Lazy             bool
}

func (g *gen) ruleInfos() []jen.Code {
	texts := func(list []string) *jen.Statement {
		if len(list) == 0 {
			return nil
		}
		var items []jen.Code
		for _, s := range list {
			items = append(items, jen.Lit(s))
		}
		return jen.Index().String().Values(items...)
	}
	var out []jen.Code
	for _, r := range g.opt.Rules {
		var lazy *jen.Statement
		if r.Lazy {
			lazy = jen.True()
		}
		out = append(out, composite(
			pair{"Entity", word(r.Entity)}, pair{"From", word(r.From)}, pair{"To", word(r.To)}, pair{"Events", texts(r.Events)},
			pair{"When", word(r.When)}, pair{"Do", texts(r.Do)}, pair{"After", word(r.After)}, pair{"Lazy", lazy}))
	}
	return out
}

// storable reports whether a table can hold values of type t.
func storable(t types.Type) bool { return valueNames[t] != "" }
