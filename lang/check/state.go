package check

import (
	"maps"
	"slices"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/types"
)

// stateHeads finds the default state and checks what is said about each state.
//
// The default state is "default"; if the program does not declare it, it exists
// all the same as soon as a transition or an in block names it, or if there is no
// other; else the first declared state is the default.
func (c *checker) stateHeads() {
	def := c.states["default"]
	if def == nil && (len(c.p.States) == 0 || c.namesDefault()) {
		def = &State{Name: "default"}
		c.states["default"] = def
		c.p.States = append(c.p.States, def)
	}
	if def == nil {
		def = c.p.States[0]
	}
	i := slices.Index(c.p.States, def)
	c.p.States = slices.Insert(slices.Delete(c.p.States, i, i+1), 0, def)
	for i, s := range c.p.States {
		s.Index = i
		if s.Decl != nil {
			c.stateHead(s)
		}
	}
}

// namesDefault reports whether anything refers to a state "default".
func (c *checker) namesDefault() bool {
	found := false
	is := func(id *ast.Ident) { found = found || id != nil && id.Name == "default" }
	handlers := func(list []*ast.Handler) {
		for _, h := range list {
			for _, s := range h.Body {
				switch s := s.(type) {
				case *ast.When:
					is(s.To)
				case *ast.Otherwise:
					is(s.To)
				}
			}
		}
	}
	for _, d := range c.p.File.Decls {
		switch d := d.(type) {
		case *ast.StateDecl:
			is(d.Then)
			handlers(d.Handlers)
		case *ast.InDecl:
			for _, s := range d.States {
				is(s)
			}
			handlers(d.Handlers)
		case *ast.Handler:
			handlers([]*ast.Handler{d})
		}
	}
	return found
}

func (c *checker) stateHead(s *State) {
	d := s.Decl
	if d.For != nil {
		c.constant(d.For, types.Duration, "the duration of a state", false)
		if s.Index == 0 {
			c.errorf(diag.Misplaced, d.For, "the default state cannot have a duration: nothing is kept about entities in it").
				Hintf("give the duration to another state")
		}
		s.Next = c.state(d.Then)
		if s.Next == s && s != nil {
			c.warnf(diag.NoExit, d.Then, "state %q is followed by itself", s.Name)
		}
	}
	if d.Level != nil {
		s.Level = c.level(d.Level)
	}
	s.Code = c.text(d.Code)
	s.Doc = c.text(d.Doc)
}

// level checks the word for how bad something is.
func (c *checker) level(id *ast.Ident) string {
	if slices.Contains(types.Levels, id.Name) {
		return id.Name
	}
	c.errorf(diag.UnknownLevel, id, "unknown level %q", id.Name).
		Suggest(nearest(id.Name, slices.Clone(types.Levels))).
		Note(source.Span{}, "levels are %s", join(types.Levels, "and"))
	return types.DefaultLevel
}

// state finds the state that an identifier names; nil after an error.
func (c *checker) state(id *ast.Ident) *State {
	s := c.states[id.Name]
	if s == nil {
		if !c.bad[id.Name] {
			d := c.errorf(diag.UnknownState, id, "unknown state %q", id.Name)
			d.Suggest(nearest(id.Name, slices.Collect(maps.Keys(c.states))))
			if _, isEvent := c.events[id.Name]; isEvent {
				d.Hintf("%q is an event", id.Name)
			} else if d.Hint == "" {
				d.Formf("declare it: state %s { … }", id.Name)
			}
		}
		return nil
	}
	c.info.Uses[id] = s
	return s
}
