package smxml

import (
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// builder makes the tree of the language from the elements.
type builder struct {
	places *places
	diags  *diag.List
	root   *element
	rules  map[string]rule // of the style that the program is in
	hidden map[string]bool // in the style of the paper: names of values, which may be those of fields

	states   set[state]
	metrics  set[metric]
	tables   set[table]
	features set[feature]
	entities set[entity] // by signature
	timeouts set[event]  // by class
	packets  []*event

	eventElements []*element
	values        names // taken, by name space
	eventNames    names
	stateNames    names
	composites    map[string]bool // keys of several fields that the program uses
	isIP          map[ast.Expr]bool
	clientAt      source.Span // where %client.id was first used
	clientName    string

	actionCount   int
	variableCount int
	shared        []shared
}

// shared is a handler that several states have alike.
type shared struct {
	states  []*state
	handler *ast.Handler
}

func newBuilder(p *places, diags *diag.List, root *element) *builder {
	return &builder{
		places: p, diags: diags, root: root, rules: rules, values: reservedValues(), eventNames: names{},
		stateNames: names{"any": 1}, composites: map[string]bool{}, isIP: map[ast.Expr]bool{},
	}
}

func (b *builder) errorf(code diag.Code, at source.Span, format string, args ...any) *diag.Diagnostic {
	return b.report(diag.Error, code, at, format, args...)
}

func (b *builder) warnf(code diag.Code, at source.Span, format string, args ...any) *diag.Diagnostic {
	return b.report(diag.Warning, code, at, format, args...)
}

// report adds a diagnostic; beyond the limit it goes nowhere.
func (b *builder) report(s diag.Severity, code diag.Code, at source.Span, format string, args ...any) *diag.Diagnostic {
	list := b.diags
	if len(*list) >= maxErrors && (s == diag.Warning || list.HasErrors()) {
		list = &diag.List{}
	}
	if s == diag.Error {
		return list.Errorf(code, at, format, args...)
	}
	return list.Warnf(code, at, format, args...)
}

// near is diag.Nearest for a diagnostic that will be kept; comparing names for
// thousands of others would take long.
func (b *builder) near(name string, names []string) string {
	if len(*b.diags) >= maxErrors || len(names) > 300 {
		return ""
	}
	return diag.Nearest(name, names)
}

// file builds the program. What it holds is whole only if there are no errors.
func (b *builder) file(f *ast.File) {
	if !b.validate(b.root) {
		return
	}
	b.collect(b.root)
	b.environment()
	b.stateHeads()
	b.noteKeys(b.root)
	if len(b.states.list) == 0 {
		b.errorf(diag.MissingAttribute, b.root.tag, "a program needs a <statedef>").Hintf("the first one is the initial state")
	}
	for _, ft := range b.features.list {
		b.featureBody(ft)
	}
	b.readEvents()
	if len(b.packets) == 0 {
		if b.diags.HasErrors() {
			return
		}
		b.errorf(diag.MissingAttribute, b.root.tag, "a program needs a packet event")
		return
	}
	b.split()
	b.handlers()
	if b.diags.HasErrors() {
		return
	}
	b.assemble(f)
}

// collect declares what stands in the program, whatever groups it.
func (b *builder) collect(e *element) {
	for _, c := range e.children {
		switch c.name {
		case "statedef":
			b.statedef(c)
		case "metric":
			b.metric(c)
		case "table":
			b.table(c)
		case "feature":
			b.feature(c)
		case "event":
			b.eventElements = append(b.eventElements, c)
		case "additional_block":
			b.block(c)
		case "source":
			b.source(c)
		case "publisher":
		default:
			b.collect(c)
		}
	}
}

func (b *builder) source(e *element) {
	b.need(e, "name")
	if v := b.need(e, "type"); v != nil && v.text != "live" && v.text != "trace" {
		b.errorf(diag.BadValue, v.whole(), "unknown type of source %q", v.text).
			Suggest(b.near(v.text, []string{"live", "trace"})).Note(source.Span{}, "it is live or trace")
	}
}

// environment warns of what the prototype needed to run; here the probe decides.
func (b *builder) environment() {
	if b.first("source") == nil {
		b.warnf(diag.MissingSource, b.root.span, "no <source>").Hintf("the probe is told what to read: -i or -r")
	}
	if b.first("publisher") == nil {
		b.warnf(diag.MissingPublisher, b.root.span, "no <publisher>").Hintf("the probe is told where records go")
	}
}

// first returns the first element of that name in the program, or nil.
func (b *builder) first(name string) *element {
	var find func(e *element) *element
	find = func(e *element) *element {
		for _, c := range e.children {
			if c.name == name {
				return c
			}
			if c.name != "state" && c.name != "event" {
				if found := find(c); found != nil {
					return found
				}
			}
		}
		return nil
	}
	return find(b.root)
}

// block reads an <additional_block>, which sent packets on to another program.
func (b *builder) block(e *element) {
	n := b.need(e, "name")
	if n == nil {
		return
	}
	switch n.text {
	case "Forwarder":
		sock := b.only(e, "socket")
		if sock == nil {
			b.errorf(diag.MissingAttribute, e.tag, "a Forwarder needs a <socket>").Hintf(`write <socket path="…"/>`)
		} else {
			b.need(sock, "path")
		}
	case "TestBlock":
	default:
		b.errorf(diag.BadValue, n.whole(), "unknown block %q", n.text).Suggest(b.near(n.text, []string{"Forwarder", "TestBlock"}))
		return
	}
	b.warnf(diag.DeadPart, e.tag, "block %q does nothing: records go to the sinks of the probe", n.text)
}

// noteKeys remembers the keys of several fields, for "%a-b" in texts.
func (b *builder) noteKeys(e *element) {
	for _, a := range e.attrs {
		switch a.name {
		case "primary-key", "vd_get", "vd_set", "vd_update", "vm_get", "vm_set", "vm_update", "key":
			parts := strings.Split(strings.TrimSpace(a.value.text), "-")
			good := len(parts) > 1
			for _, p := range parts {
				good = good && lookup(p) != nil
			}
			if good {
				b.composites[strings.Join(parts, "-")] = true
			}
		}
	}
	for _, c := range e.children {
		b.noteKeys(c)
	}
}

// split decides which metrics are declared as two: those whose detector is asked
// or fed without the monitor, or cleared when one key is reset.
func (b *builder) split() {
	quiet := *b
	quiet.diags = &diag.List{} // they are read again, aloud
	walk(b.root, func(e *element) {
		switch e.name {
		case "use-metric":
			if u := quiet.use(e); u != nil && u.isDetector && u.isMonitor && u.kind != "" && !u.together() {
				b.apart(u.metric)
			}
		case "condition", "post-condition-action":
			for _, n := range []string{"action", "do"} {
				if v := e.text(n); v != nil {
					b.resetsApart(v.text)
				}
			}
		}
	})
}

// resetsApart looks for m.reset(key) of metrics with both parts.
func (b *builder) resetsApart(s string) {
	for _, n := range b.metrics.names {
		m := b.metrics.byName[n]
		if i := strings.Index(s, n+".reset("); i >= 0 && m.isDetector && m.isMonitor && !strings.HasPrefix(strings.TrimSpace(s[i+len(n)+7:]), ")") {
			b.apart(m)
		}
	}
}

func (b *builder) apart(m *metric) {
	if m.detector == "" {
		m.detector = unique(b.values, m.ident+"_seen")
	}
}

func walk(e *element, f func(*element)) {
	f(e)
	for _, c := range e.children {
		walk(c, f)
	}
}

// client declares the parameter that stands for the file in which the prototype
// kept the name of the probe.
func (b *builder) client(at source.Span) string {
	if b.clientName == "" {
		b.clientName, b.clientAt = unique(b.values, "client_id"), at
	}
	return b.clientName
}

// assemble puts the declarations together.
func (b *builder) assemble(f *ast.File) {
	at := b.root.span
	base := path.Base(strings.ReplaceAll(b.places.file.Name, `\`, "/"))
	f.Program = &ast.ProgramDecl{Place: ast.At(at), Name: ident(clean(strings.TrimSuffix(base, ".xml")), b.root.tag), Match: "first"}
	add := func(list ...ast.Decl) { f.Decls = append(f.Decls, list...) }
	if b.clientName != "" {
		add(&ast.ParamDecl{Place: ast.At(b.clientAt), Name: ident(b.clientName, b.clientAt), Value: textLit("-", b.clientAt)})
	}
	for _, e := range b.entities.list {
		add(e.decl(b.entityAt(e)))
	}
	var features []ast.Decl
	for _, m := range b.metrics.list {
		for _, d := range b.declMetric(m) {
			if fd, ok := d.(*ast.FeatureDecl); ok {
				features = append(features, fd)
				continue
			}
			add(d)
		}
	}
	for _, t := range b.tables.list {
		add(b.declTable(t))
	}
	add(features...)
	for _, ft := range b.features.list {
		add(&ast.FeatureDecl{Place: ast.At(ft.el.whole()), Name: ident(ft.ident, ft.el.tag), Value: ft.value})
	}
	for _, ev := range b.packets {
		add(ev.decl())
	}
	for _, t := range b.timeouts.list {
		add(t.timeoutDecls()...)
	}
	add(b.inDecls()...)
	for _, s := range b.states.list {
		add(b.declState(s))
	}
	b.keep(f)
}

// entityAt is the place of an entity: the key of the first event for it.
func (b *builder) entityAt(e *entity) source.Span {
	if e.key != nil {
		return e.key.span
	}
	return b.packets[0].el.tag
}

func (b *builder) declTable(t *table) *ast.TableDecl {
	at := ast.At(t.el.whole())
	key := strings.Fields(orElse(t.keyTyp, "ip "))
	d := &ast.TableDecl{Place: at, Name: ident(t.ident, t.el.tag), Type: &ast.TypeName{Place: at, Name: t.typ}}
	if t.floor {
		d.Type.Name = "float"
	}
	for _, k := range key {
		d.Keys = append(d.Keys, &ast.TypeName{Place: at, Name: k})
	}
	return d
}

func (b *builder) declState(s *state) *ast.StateDecl {
	d := &ast.StateDecl{Place: ast.At(s.el.whole()), Name: ident(s.ident, s.el.tag)}
	for _, h := range s.handlers {
		d.Handlers = addHandler(d.Handlers, h)
	}
	if s.seconds > 0 {
		at := s.el.span
		d.For, d.Lazy, d.Then = duration(s.seconds, at), true, ident(s.next.ident, at)
	}
	if s.level != nil {
		if l := levelOf(s.level.text); l != "" {
			d.Level = ident(l, s.level.whole())
		}
	}
	if s.code != nil {
		d.Code = textLit(unescape(s.code.text), s.code.whole())
	}
	if s.text != nil {
		d.Doc = textLit(unescape(s.text.text), s.text.whole())
	}
	return d
}

// inDecls writes the handlers that states have alike, those for the same states
// in one block.
func (b *builder) inDecls() (out []ast.Decl) {
	var blocks []*ast.InDecl
	var of [][]*state
	for _, sh := range b.shared {
		i := slices.IndexFunc(of, func(s []*state) bool { return slices.Equal(s, sh.states) })
		if i < 0 {
			in := &ast.InDecl{Place: sh.handler.Place, Any: len(sh.states) == len(b.states.list)}
			if !in.Any {
				for _, s := range sh.states {
					in.States = append(in.States, ident(s.ident, sh.handler.Span()))
				}
			}
			i = len(blocks)
			blocks, of = append(blocks, in), append(of, sh.states)
		}
		blocks[i].Handlers = addHandler(blocks[i].Handlers, sh.handler)
	}
	for _, in := range blocks {
		out = append(out, in)
	}
	return out
}

// addHandler adds a handler to those of one block; it joins one that does the same
// on another event, unless it would then stand before others of its event.
func addHandler(list []*ast.Handler, h *ast.Handler) []*ast.Handler {
	for _, other := range slices.Backward(list) {
		if shareEvent(other, h) {
			break
		}
		if same(reflect.ValueOf(other.Body), reflect.ValueOf(h.Body)) {
			other.Events = append(other.Events, h.Events...)
			return list
		}
	}
	return append(list, h)
}

// shareEvent reports whether two handlers are for one event.
func shareEvent(x, y *ast.Handler) bool {
	return slices.ContainsFunc(x.Events, func(e *ast.Ident) bool {
		return slices.ContainsFunc(y.Events, func(f *ast.Ident) bool { return e.Name == f.Name })
	})
}

// same reports whether two trees say the same, wherever they stand.
func same(x, y reflect.Value) bool {
	if x.Type() != y.Type() {
		return false
	}
	switch x.Kind() {
	case reflect.Pointer, reflect.Interface:
		if x.IsNil() || y.IsNil() {
			return x.IsNil() == y.IsNil()
		}
		return same(x.Elem(), y.Elem())
	case reflect.Slice:
		if x.Len() != y.Len() {
			return false
		}
		for i := range x.Len() {
			if !same(x.Index(i), y.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		if x.Type() == reflect.TypeFor[ast.Place]() {
			return true
		}
		for i := range x.NumField() {
			if !x.Type().Field(i).IsExported() {
				return x.Interface() == y.Interface() // netip.Addr and the like
			}
			if !same(x.Field(i), y.Field(i)) {
				return false
			}
		}
		return true
	}
	return x.Interface() == y.Interface()
}
