package smxml

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// set is declarations of one kind by their name in the XML.
type set[T any] struct {
	byName map[string]*T
	names  []string
	list   []*T
}

func (s *set[T]) add(name string, d *T) {
	if s.byName == nil {
		s.byName = map[string]*T{}
	}
	s.byName[name] = d
	s.names = append(s.names, name)
	s.list = append(s.list, d)
}

// find returns the declaration that v names, or reports that there is none.
func find[T any](b *builder, s *set[T], v *value, code diag.Code, what string) *T {
	d := s.byName[v.text]
	if d == nil {
		b.errorf(code, v.whole(), "unknown %s %q", what, v.text).Suggest(b.near(v.text, s.names))
	}
	return d
}

// declare adds d unless its name is taken.
func declare[T any](b *builder, s *set[T], v *value, what string, d *T) {
	if s.byName[v.text] != nil {
		b.errorf(diag.Redeclared, v.whole(), "%s %q is declared twice", what, v.text)
		return
	}
	s.add(v.text, d)
}

// table is <table>.
type table struct {
	el     *element
	ident  string
	typ    string // int, float or bool
	floor  bool   // values are cut to whole numbers before they are stored
	keyAt  source.Span
	keyTyp string // "ip", "int", "string"
}

// valueTypes are the types of C++ that a table may hold.
var valueTypes = map[string]string{
	"int": "int", "unsigned": "int", "unsigned int": "int", "long": "int", "short": "int", "char": "int", "bool": "int",
	"int8_t": "int", "int16_t": "int", "int32_t": "int", "int64_t": "int", "size_t": "int", "uint": "int",
	"uint8_t": "int", "uint16_t": "int", "uint32_t": "int", "uint64_t": "int", "double": "float", "float": "float",
}

func (b *builder) table(e *element) {
	n, typ := b.need(e, "name"), b.need(e, "value_type")
	if kind := b.need(e, "type"); kind != nil && kind.text != "DLeft" && kind.text != "Map" {
		b.errorf(diag.BadValue, kind.whole(), "%q is no kind of table", kind.text).
			Suggest(b.near(kind.text, []string{"DLeft", "Map"})).Note(source.Span{}, "it is DLeft or Map")
	}
	for _, c := range e.children {
		b.warnf(diag.DeadPart, c.tag, "entries that a table begins with are left out, as the prototype did")
	}
	if n == nil {
		return
	}
	t := &table{el: e}
	if typ != nil {
		t.typ = valueTypes[typ.text]
	}
	if t.typ == "" && typ != nil {
		b.errorf(diag.BadValue, typ.whole(), "a table cannot hold %q", typ.text).Suggest(b.near(typ.text, slices.Sorted(maps.Keys(valueTypes)))).
			Note(source.Span{}, "it holds int, uint32_t, double and the like")
		t.typ = "float"
	}
	t.ident = b.declared(n)
	declare(b, &b.tables, n, "table", t)
}

// tableKey reads the key of a table, one field; nil after an error.
func (b *builder) tableKey(t *table, v *value, s *scope) []ast.Expr {
	trimmed := v.trim()
	k, good := b.key(&trimmed)
	if !good {
		return nil
	}
	if k == nil {
		b.errorf(diag.KeyMismatch, trimmed.whole(), "a table is read and written under a field").Hintf("write (ip_src)")
		return nil
	}
	sig := k.signature()
	if t.keyTyp != "" && t.keyTyp != sig {
		b.errorf(diag.KeyMismatch, k.span, "the key of this table was of type %s before, here it is %s",
			strings.TrimSpace(t.keyTyp), strings.TrimSpace(sig)).Note(t.keyAt, "here")
		return nil
	}
	t.keyTyp, t.keyAt = sig, k.span
	return b.keyExprs(k, s)
}

// keyExprs is a key as expressions: the entity where it stands for all its
// fields, else field by field.
func (b *builder) keyExprs(k *key, s *scope) []ast.Expr {
	var out []ast.Expr
	for i := 0; i < len(k.parts); i++ {
		if n := len(s.key); s.entity != nil && n > 1 && i+n <= len(k.parts) && sameNames(k.parts[i:i+n], s.key) {
			out = append(out, name(s.entity.ident, source.Join(k.parts[i].span, k.parts[i+n-1].span)))
			i += n - 1
			continue
		}
		out = append(out, b.fieldExpr(k.parts[i].field, k.parts[i].span, s))
	}
	return out
}

func sameNames(parts []keyPart, names []string) bool {
	if len(parts) != len(names) {
		return false
	}
	for i, p := range parts {
		if p.name != names[i] {
			return false
		}
	}
	return true
}

// feature is <feature>.
type feature struct {
	el    *element
	ident string
	value ast.Expr
	reads map[string]bool // metrics
}

func (b *builder) feature(e *element) {
	n := b.need(e, "name")
	if n == nil {
		return
	}
	f := &feature{el: e, ident: b.declared(n), reads: map[string]bool{}}
	declare(b, &b.features, n, "feature", f)
}

// featureBody reads the body, when all names are known.
func (b *builder) featureBody(f *feature) {
	body := b.need(f.el, "body")
	if body == nil {
		return
	}
	if f.value = b.expr(body, &scope{metric: true}); f.value == nil {
		return
	}
	ast.Walk(f.value, func(n ast.Node) bool {
		if id, ok := n.(*ast.Name); ok {
			f.reads[id.Name] = true
		}
		return true
	})
}

// state is <statedef>, and what the states of events say about it.
type state struct {
	el                *element
	ident             string
	seconds           int64    // 0 = stays
	life              ast.Expr // in the style of the paper, in place of seconds
	isLazy            bool     // there
	next              *state
	code, level, text *value // of the first event that gives them
	handlers          []*ast.Handler
}

func (b *builder) statedef(e *element) {
	id := b.need(e, "id")
	if id == nil {
		return
	}
	s := &state{el: e, ident: b.stateName(id.text)}
	declare(b, &b.states, id, "state", s)
}

// stateHeads reads durations, when all states are known.
func (b *builder) stateHeads() {
	if len(b.states.list) == 0 {
		return
	}
	first := b.states.list[0]
	for _, s := range b.states.list {
		next := s.el.text("next_state")
		s.next = first
		if next != nil {
			s.next = find(b, &b.states, next, diag.UnknownState, "state")
		}
		v := s.el.text("timeout")
		if v == nil {
			if next != nil {
				b.warnf(diag.DeadPart, next.whole(), "next_state without timeout does nothing")
			}
			continue
		}
		s.seconds = b.seconds(v)
		if s.seconds > 0 && s == first {
			b.warnf(diag.DefaultTimeout, v.whole(), "the initial state has no duration: its timeout is left out").
				Hintf("nothing is kept about keys in it")
			s.seconds = 0
		}
	}
}

// maxSeconds is about a year, the longest time that the language takes.
const maxSeconds = 366 * 24 * 3600

// seconds reads whole seconds, 0 after an error.
func (b *builder) seconds(v *value) int64 {
	n, err := strconv.ParseInt(v.text, 10, 64)
	if err != nil || n < 0 || n > maxSeconds {
		b.errorf(diag.BadValue, v.whole(), "%q is no number of seconds", v.text).Hintf("write whole seconds, up to a year")
		return 0
	}
	return n
}

// reserved are the words that no value may be called by: those of expressions, and
// the layers and constants that selectors are made of, which a value would hide.
var reserved = []string{
	"and", "or", "not", "in", "true", "false", "has", "new", "by", "now", "elapsed", "age", "state", "contains",
	"tcp", "udp", "TCP", "UDP", "SYN", "ACK", "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",
}

func reservedValues() names {
	taken := names{}
	for _, word := range reserved {
		taken[word] = 1
	}
	return taken
}

// clean makes a name of the language from one of the XML.
func clean(text string) string {
	if isName(text) {
		return text
	}
	var out strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case isWord(c) && !(i == 0 && isDigit(c)):
			out.WriteByte(c)
		case isDigit(c):
			out.WriteByte('_')
			out.WriteByte(c)
		case c < 0x80 && out.Len() > 0:
			out.WriteByte('_')
		}
	}
	if text := strings.TrimRight(out.String(), "_"); text != "" {
		return text
	}
	return "x"
}

// names are those taken in one name space, each with the number that the next of
// its kind gets.
type names map[string]int

// unique returns name, or name_2, name_3 … if that is taken, and takes it.
func unique(taken names, name string) string {
	out := name
	for n := max(2, taken[name]); taken[out] > 0; n++ {
		out = fmt.Sprintf("%s_%d", name, n)
		taken[name] = n + 1
	}
	taken[out] = max(taken[out], 1)
	return out
}

// declared takes a name for a value.
func (b *builder) declared(v *value) string { return unique(b.values, clean(v.text)) }

// stateName takes a name for a state. "default" is the initial state, wherever it
// is declared, so another state cannot have it.
func (b *builder) stateName(id string) string {
	if isDigit(id[0]) {
		id = "s" + id
	}
	text := clean(id)
	if text == "default" && len(b.states.list) > 0 {
		text = "default_state"
	}
	return unique(b.stateNames, text)
}
