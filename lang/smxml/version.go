package smxml

import (
	"path"
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// Version 2 of the dialect is ours: <botstream version="2">. It adds what programs of
// the language need to be said in XML, and means what is written: nothing is done for
// the prototype's sake, so
//
//   - <use-metric>s run in the order in which they stand;
//   - a condition without next_state leaves the time of the state alone;
//   - events, of which all run if match is "all", may stand in any order;
//   - a field of the dialect is the entity where it is its key, and a name with a
//     point, as ip.src, always a field of the packet;
//   - other names are left to the checker, which knows those of the language.
//
// What it adds is in additions, the rest of it in the files version_*.go. Programs
// without the attribute never come here.
const versionTwo = "2"

// additions are the elements and attributes of version 2.
var additions = map[string]rule{
	"botstream":             {attrs: []string{"name", "description", "match"}, children: addedTop},
	"streamon":              {attrs: []string{"name", "description", "match"}, children: addedTop},
	"metrics":               {children: addedTop},
	"features":              {children: addedTop},
	"tables":                {children: addedTop},
	"events":                {children: addedTop},
	"statedefs":             {children: addedTop},
	"states":                {children: addedTop},
	"param":                 {attrs: []string{"name", "value"}},
	"list":                  {attrs: []string{"name", "values"}},
	"entity":                {attrs: []string{"name", "key", "capacity", "full"}},
	"statedef":              {attrs: []string{"code", "level", "description"}},
	"variation_detector":    {attrs: []string{"capacity", "error"}},
	"variation_monitor":     {attrs: []string{"memory", "tick", "capacity", "error", "full"}},
	"table":                 {attrs: []string{"key", "capacity", "full"}},
	"event":                 {attrs: []string{"name", "entity", "where"}},
	"use-metric":            {attrs: []string{"by"}},
	"timeout_set":           {attrs: []string{"after", "keep"}},
	"condition":             {},
	"post-condition-action": {},
}

var addedTop = []string{"param", "list", "entity"}

// rule says what an element may hold in the version of the program.
func (b *builder) rule(name string) rule {
	r := b.rules[name]
	if !b.isTwo {
		return r
	}
	more := additions[name]
	return rule{
		attrs:    append(slices.Clone(r.attrs), more.attrs...),
		children: append(slices.Clone(r.children), more.children...),
	}
}

// version finds out which version of the dialect a program is in.
func (b *builder) version() {
	a := b.root.attr("version")
	if a == nil {
		return
	}
	switch v := a.value.trim(); v.text {
	case "1":
	case versionTwo:
		b.isTwo = true
	default:
		b.errorf(diag.BadValue, v.whole(), "unknown version %q of the dialect", v.text).
			Note(source.Span{}, "1 is the prototype's, 2 has our additions")
	}
}

// hintVersion says of what the program may not have that version 2 has it.
func (b *builder) hintVersion(d *diag.Diagnostic, isAddition bool) {
	if isAddition && !b.isTwo && !isPaper(b.root) {
		d.Hintf(`write version="2" in <%s>: it is one of our additions`, b.root.name)
	}
}

// fileTwo builds a program of version 2.
func (b *builder) fileTwo(f *ast.File) {
	b.values, b.own = names{}, map[string]bool{}
	var groups [5][]ast.Decl // parameters, lists, entities, metrics, tables
	walk(b.root, func(e *element) {
		switch e.name {
		case "param", "list", "entity", "metric", "table", "feature":
			b.declareTwo(e)
		case "statedef":
			if id := b.need(e, "id"); id != nil {
				declare(b, &b.states, id, "state", &state{el: e, ident: id.text})
			}
		case "event":
			b.eventElements = append(b.eventElements, e)
		case "additional_block":
			b.block(e)
		}
	})
	walk(b.root, func(e *element) {
		switch e.name {
		case "param":
			groups[0] = append(groups[0], b.paramTwo(e))
		case "list":
			groups[1] = append(groups[1], b.listTwo(e))
		case "entity":
			groups[2] = append(groups[2], b.entityTwo(e))
		case "metric":
			groups[3] = append(groups[3], b.metricTwo(e))
		case "table":
			groups[4] = append(groups[4], b.tableTwo(e))
		}
	})
	if len(groups[2]) == 0 && len(b.eventElements) > 0 {
		groups[2] = []ast.Decl{b.host()}
	}
	if len(b.states.list) == 0 {
		b.errorf(diag.MissingAttribute, b.root.tag, "a program needs a <statedef>").Hintf("the first one is the initial state")
	}
	for _, ft := range b.features.list {
		b.featureBody(ft)
	}
	heads := make([]stateHead, len(b.states.list))
	for i, s := range b.states.list {
		heads[i] = b.stateHead(s)
	}
	events := b.eventsTwo()
	if b.diags.HasErrors() {
		return
	}
	f.Program = b.programTwo()
	for _, list := range groups {
		f.Decls = append(f.Decls, list...)
	}
	for _, ft := range b.features.list {
		f.Decls = append(f.Decls, &ast.FeatureDecl{Place: ast.At(ft.el.whole()), Name: ident(ft.ident, ft.el.tag), Value: ft.value})
	}
	f.Decls = append(append(f.Decls, events...), b.inDecls()...)
	for i, s := range b.states.list {
		d := b.declState(s)
		d.For, d.Then, d.Code, d.Doc = heads[i].time, heads[i].next, heads[i].code, heads[i].text
		f.Decls = append(f.Decls, d)
	}
}

// programTwo writes the header.
func (b *builder) programTwo() *ast.ProgramDecl {
	at := b.root.span
	base := path.Base(strings.ReplaceAll(b.places.file.Name, `\`, "/"))
	p := &ast.ProgramDecl{Place: ast.At(at), Name: ident(clean(strings.TrimSuffix(base, ".xml")), b.root.tag), Match: "first"}
	if v := b.root.text("name"); v != nil {
		p.Name = ident(v.text, v.whole())
	}
	if v := b.root.text("description"); v != nil {
		p.Doc = textLit(b.plainTwo(v), v.whole())
	}
	if v := b.root.text("match"); v != nil && v.text == "all" {
		p.Match = ""
	}
	return p
}

// checkMatch looks at the attribute match of the root.
func (b *builder) checkMatch() {
	if v := b.root.text("match"); v != nil && v.text != "all" && v.text != "first" {
		b.errorf(diag.BadValue, v.whole(), "match is %q", v.text).Suggest(b.near(v.text, []string{"all", "first"})).
			Note(source.Span{}, "it is first or all")
	}
}
