// Package check decides whether a program means something: it resolves names,
// gives every expression a type and applies the rules of metrics, events and the
// state machine. It reads the frozen tree of lang/ast and writes its findings
// beside it, into [Program] and [Info], from which codegen/lower works.
//
// The algorithm, one pass each:
//
//  1. declare: every name that the program declares, so that order of
//     declaration never matters.
//  2. resolve declarations: parameters, lists, entities, metrics and tables get
//     their types and sizes; features are typed when first met, so that cycles
//     show as a feature met again while it is being typed.
//  3. events and handlers: expressions are typed bottom-up. While one is typed,
//     everything that it asks of its surroundings (a packet, an entity, a metric)
//     is noted as a need; a handler is then held against each of its events.
//  4. handlers merged by event and state: is a metric's value there when it is
//     read, is a condition ever looked at?
//  5. lints, as warnings, and only if there is no error: an error makes most of
//     them guesses.
//
// An expression with an error has type types.Invalid, about which nothing
// further is said, so that one mistake gives one message.
//
//	p, list := check.Check(file, check.Options{ReadFile: read})
//	if !list.HasErrors() { … lower.Program(p) … }
package check

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/types"
)

// Options says what the checker may look at besides the tree.
type Options struct {
	// ReadFile returns the content of a list's file; path is as the program has
	// it, usually relative to the program's directory. Nil means that no file
	// can be read, which is an error only if the program has one.
	ReadFile func(path string) ([]byte, error)
}

// Info holds what was found out about nodes. Nodes that belong to a mistake may
// be missing.
type Info struct {
	Types map[ast.Expr]types.Type // of every expression that is a value
	Uses  map[ast.Node]Object     // what an *ast.Name or *ast.Ident refers to

	// Consts holds the value of expressions that are known at compile time;
	// parameters are not.
	Consts map[ast.Expr]types.Const

	// Sets holds the members of the right side of in, unless it is a list.
	Sets map[ast.Expr][]types.SetItem
}

// Check checks a program. The returned program is whole only if the list has no
// errors; the list is sorted. f is not changed, and kept.
func Check(f *ast.File, opt Options) (*Program, diag.List) {
	c := &checker{
		opt: opt,
		p:   &Program{File: f},
		info: &Info{
			Types: map[ast.Expr]types.Type{}, Uses: map[ast.Node]Object{},
			Consts: map[ast.Expr]types.Const{}, Sets: map[ast.Expr][]types.SetItem{},
		},
		values: map[string]Object{}, events: map[string]*Event{}, states: map[string]*State{},
		bad: map[string]bool{}, said: map[string]bool{},
	}
	c.p.Info = c.info
	c.header()
	c.declare()
	c.params()
	c.lists()
	c.entities()
	c.metrics()
	c.tables()
	c.features()
	c.eventHeads()
	c.stateHeads()
	c.handlers()
	c.merged()
	if !c.diags.HasErrors() {
		c.unused()
		c.timers()
		c.reach()
		c.firstMatch()
		c.quantities()
		c.firstPacket()
	}
	c.diags.Sort()
	return c.p, c.diags
}

// checker is the state of one run.
type checker struct {
	opt   Options
	p     *Program
	info  *Info
	diags diag.List

	values map[string]Object // parameters, lists, entities, metrics, tables, features
	events map[string]*Event
	states map[string]*State
	bad    map[string]bool // names of declarations that did not parse

	needs  []need          // of the expression being typed
	either ast.Expr        // the name that may be an either field: operand of a comparison
	quotes bool            // a text is expected: an unknown name may lack its quotes
	said   map[string]bool // warnings that would come once for each event and state
}

func (c *checker) errorf(code diag.Code, at ast.Node, format string, args ...any) *diag.Diagnostic {
	return c.diags.Errorf(code, at.Span(), format, args...)
}

func (c *checker) warnf(code diag.Code, at ast.Node, format string, args ...any) *diag.Diagnostic {
	return c.diags.Warnf(code, at.Span(), format, args...)
}

// once reports whether this is the first time that it is called for a place
// and a topic.
func (c *checker) once(at source.Span, topic string) bool {
	key := at.Start.String() + " " + topic
	if c.said[key] {
		return false
	}
	c.said[key] = true
	return true
}

// header takes over what stands after "program".
func (c *checker) header() {
	h := c.p.File.Program
	if h == nil {
		return
	}
	c.p.Name = h.Name.Name
	c.p.Doc = c.text(h.Doc)
	c.p.MatchFirst = h.Match == "first"
}

// text returns the value of a string that must be fixed; the front-end has refused it if
// it is not.
func (c *checker) text(s *ast.StringLit) string {
	text, _ := s.Text()
	return text
}
