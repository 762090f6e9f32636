package smxml

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// paper builds the tree of a program in the style of the paper.
//
// The style has the elements of the prototype's dialect and its small languages for
// selectors, keys and messages. What those cannot say, an attribute says in the
// language itself: expressions, lists of keys, actions. So it lacks nothing that a
// .smon file can hold, and has no second grammar for it: such texts go to the
// [Reader], each as a part of one declaration, and their nodes and errors get their
// place in the XML.
//
// Unlike in the dialect, names are kept as they are, since the language refers to
// them, and hide the dialect's words for fields; what refers to nothing is left to the
// checker to find. Nothing is
// guessed either: the program has its name, and says which entity an event is about
// if there are several. As in the paper and the dialect, the first packet event that
// matches a packet runs, unless match="all".
type paper struct {
	*builder
	read     Reader
	comments []*ast.Comment // in the order of the file

	decls   [numKinds][]ast.Decl
	amounts map[string]*value // insert_value of a metric, by its name

	fragments, fragmentText int // texts of the language that were read, and their bytes
}

// The kinds of declarations, in the order in which the tree has them. Tables are
// known late, as what is stored in them decides about their type.
const (
	valueDecls = iota // parameters and lists
	entityDecls
	metricDecls
	tableDecls
	featureDecls
	eventDecls
	blockDecls // handlers outside of states
	stateDecls
	numKinds
)

// isPaper reports whether a program is in the style of the paper: its root is
// <streamon> and says what the program is. In the dialect that is another name for
// the root, which says nothing.
func isPaper(root *element) bool { return root.name == "streamon" && len(root.attrs) > 0 }

func newPaper(b *builder, read Reader) *paper {
	b.rules, b.hidden = paperRules, map[string]bool{}
	return &paper{builder: b, read: read, amounts: map[string]*value{}}
}

// paperTop is what stands directly in a program, or in one of the elements that only
// group.
var paperTop = []string{
	"source", "publisher", "param", "list", "entity", "statedef", "metric", "table", "feature", "event",
	"metrics", "features", "tables", "events", "statedefs", "states",
}

// sizes are the attributes that say how large a structure is, and what happens when
// it is full.
var sizes = []string{"capacity", "full", "nhash", "shash"}

// structures are the attributes of a detector or monitor.
var structures = append([]string{"status", "type", "window", "memory", "tick", "error", "k"}, sizes...)

// paperRules is the style. Elements and attributes that the prototype read and made
// nothing of are not in it.
var paperRules = map[string]rule{
	"streamon": {attrs: []string{"name", "description", "match"}, children: paperTop},
	"metrics":  {children: paperTop}, "features": {children: paperTop}, "tables": {children: paperTop},
	"events": {children: paperTop}, "statedefs": {children: paperTop}, "states": {children: paperTop},

	"source":    {attrs: []string{"type", "name"}},
	"publisher": {attrs: []string{"protocol", "ip", "port"}},
	"param":     {attrs: []string{"name", "value"}},
	"list":      {attrs: []string{"name", "value"}},
	"entity":    {attrs: append([]string{"name", "key"}, sizes...)},
	"statedef":  {attrs: []string{"id", "timeout", "lazy", "next_state", "code", "level", "description"}},
	"metric": {
		attrs:    append([]string{"name", "insert_value"}, structures...),
		children: []string{"variation_detector", "variation_monitor"},
	},
	"variation_detector": {attrs: structures},
	"variation_monitor":  {attrs: append([]string{"insert_value"}, structures...)},
	"table":              {attrs: append([]string{"name", "type", "key_type", "value_type"}, sizes...)},
	"feature":            {attrs: []string{"name", "body"}},
	"event": {
		attrs:    []string{"name", "type", "selector", "primary-key", "entity", "class", "every"},
		children: []string{"state"},
	},
	"state": {
		attrs:    []string{"id", "code", "level", "description"},
		children: []string{"use-metric", "condition", "post-condition-action"},
	},
	"use-metric":            {attrs: []string{"id", "vd_get", "vd_update", "vm_get", "vm_update", "by"}},
	"condition":             {attrs: []string{"expression", "action", "next_state"}, children: []string{"timeout_set"}},
	"post-condition-action": {attrs: []string{"do"}, children: []string{"timeout_set"}},
	"timeout_set":           {attrs: []string{"class", "key", "value", "repeat"}},
}

// file builds the program. What it holds is whole only if there are no errors.
func (p *paper) file(f *ast.File) {
	p.comments = f.Comments
	if !p.validate(p.root) {
		return
	}
	p.declare(p.root)
	if len(p.states.list) == 0 {
		p.errorf(diag.MissingAttribute, p.root.tag, "a program needs a <statedef>").Hintf("the first one is the initial state")
	}
	p.stateHeads()
	p.readEvents()
	if p.diags.HasErrors() {
		return
	}
	p.assemble(f)
}

// declare reads what has a name; events are read when all of that is known.
func (p *paper) declare(e *element) {
	for _, c := range e.children {
		switch c.name {
		case "param":
			p.param(c)
		case "list":
			p.listOf(c)
		case "entity":
			p.declaredEntity(c)
		case "statedef":
			p.statedef(c)
		case "metric":
			p.metric(c)
		case "table":
			p.table(c)
		case "feature":
			p.feature(c)
		case "event":
			p.eventElements = append(p.eventElements, c)
		case "source":
			p.source(c)
		case "publisher":
		default:
			p.declare(c)
		}
	}
}

// assemble puts the declarations together, in the order of the manual.
func (p *paper) assemble(f *ast.File) {
	head := &ast.ProgramDecl{Place: ast.At(p.root.span), Name: p.name(p.root, "name"), Match: "first"}
	if v := p.root.plain("description"); v != nil {
		head.Doc = textLit(unescape(v.text), v.whole())
	}
	if v := p.root.text("match"); v != nil {
		switch v.text {
		case "first":
		case "all":
			head.Match = "" // what the language does without a word
		default:
			p.errorf(diag.BadValue, v.whole(), "match %q is neither all nor first", v.text)
		}
	}
	f.Program = head
	for _, t := range p.tables.list {
		p.add(tableDecls, p.tableDecl(t))
	}
	for _, s := range p.states.list {
		p.add(stateDecls, p.stateDecl(s))
	}
	for _, list := range p.decls {
		f.Decls = append(f.Decls, list...)
	}
}

func (p *paper) add(kind int, d ast.Decl) { p.decls[kind] = append(p.decls[kind], d) }
