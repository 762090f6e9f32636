package check

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// featureState tells how far the typing of a feature got; a feature that is met
// while it is typed is defined by itself.
type featureState uint8

const (
	featureNew featureState = iota
	featureTyping
	featureDone
)

// features types all features, those that nothing uses included.
func (c *checker) features() {
	for _, f := range c.p.Features {
		c.feature(f, nil)
	}
}

// feature types f unless that was done. at is the name by which it was met.
func (c *checker) feature(f *Feature, at ast.Node) {
	switch f.state {
	case featureTyping:
		c.errorf(diag.Cycle, at, "feature %q is defined by itself", f.Name).
			Note(f.Decl.Name.Span(), "%q is defined here", f.Name)
		return
	case featureDone:
		return
	}
	f.state = featureTyping
	either, quotes := c.either, c.quotes
	c.either, c.quotes = nil, false
	var t types.Type
	f.needs = c.collect(func() { t = c.typed(f.Decl.Value) })
	c.either, c.quotes = either, quotes
	if t != types.Invalid && !isScalar(t) {
		c.errorf(diag.TypeMismatch, f.Decl.Value, "a feature cannot be %s", an(t))
		t = types.Invalid
	}
	f.Type, f.state = t, featureDone
	f.needs = compactNeeds(f.needs)
	f.weight = c.weigh(f.Decl.Value)
}

// isScalar reports whether a value of type t can be computed with, printed and
// published.
func isScalar(t types.Type) bool { return t > types.Invalid && t < types.Set && t != types.Net }

// compactNeeds keeps one need of each sort, so that features made of features
// stay small.
func compactNeeds(needs []need) []need {
	seen := map[need]bool{}
	var out []need
	for _, n := range needs {
		key := n
		key.span, key.via = need{}.span, nil
		if !seen[key] {
			seen[key] = true
			out = append(out, n)
		}
	}
	return out
}
