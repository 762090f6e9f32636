package check

import (
	"fmt"
	"strconv"
	"time"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/types"
)

// policies are the words for what a full structure does with a new key.
var policies = []string{"evict", "reject"}

// argOption is how many keys a table or an entity is made for, and what then.
var argOptions = []types.KindArg{
	{Name: "capacity", Type: types.Int, Default: types.IntConst(types.DefaultCapacity), Min: 1, Max: types.MaxCapacity},
	{Name: "full"},
}

// arguments checks named arguments against what is known there; owner says of
// what. The result has a value for each argument that was given rightly, else
// its default. The word of "full" is a text.
func (c *checker) arguments(args []*ast.Arg, known []types.KindArg, owner string) map[string]types.Const {
	out := map[string]types.Const{}
	given := map[string]*ast.Arg{}
	for _, a := range args {
		spec := findArg(known, a.Name.Name)
		switch {
		case spec == nil:
			d := c.errorf(diag.UnknownArgument, a.Name, "%s has no argument %q", owner, a.Name.Name)
			d.Suggest(nearest(a.Name.Name, argNames(known)))
			d.Note(source.Span{}, "%s takes %s", owner, join(argNames(known), "and"))
		case given[spec.Name] != nil:
			c.errorf(diag.DuplicateArgument, a, "argument %q is given twice", spec.Name).
				Note(given[spec.Name].Span(), "the first one is here")
		default:
			given[spec.Name] = a
			if v, ok := c.argValue(a, spec); ok {
				out[spec.Name] = v
			}
		}
	}
	for _, spec := range known {
		if given[spec.Name] == nil && spec.Default.Type != types.Invalid {
			out[spec.Name] = spec.Default
		}
	}
	return out
}

// missing reports required arguments that are absent, unless a misspelt one was
// reported already.
func (c *checker) missing(args []*ast.Arg, known []types.KindArg, at ast.Node, owner string) {
	for _, spec := range known {
		given := !spec.Required
		for _, a := range args {
			given = given || a.Name.Name == spec.Name || nearest(a.Name.Name, argNames(known)) == spec.Name
		}
		if !given {
			c.errorf(diag.MissingArgument, at, "%s needs the argument %q: %s", owner, spec.Name, spec.Doc).
				Hintf("write %s(%s: …)", owner, spec.Name)
		}
	}
}

func findArg(known []types.KindArg, name string) *types.KindArg {
	for i := range known {
		if known[i].Name == name {
			return &known[i]
		}
	}
	return nil
}

func argNames(known []types.KindArg) []string {
	names := make([]string, len(known))
	for i, a := range known {
		names[i] = a.Name
	}
	return names
}

// argValue checks the value of one argument, which must be constant: it decides
// how memory is laid out.
func (c *checker) argValue(a *ast.Arg, spec *types.KindArg) (types.Const, bool) {
	none := types.Const{}
	if spec.Type == types.Invalid {
		return c.word(a, spec.Name)
	}
	t := c.typed(a.Value)
	if t == types.Invalid {
		return none, false
	}
	v, ok := c.fold(a.Value)
	if !ok {
		d := c.errorf(diag.NotConstant, a.Value, "the value of %q has to be fixed: memory is laid out by it", spec.Name)
		if n, isName := unparen(a.Value).(*ast.Name); isName {
			if p, isParam := c.info.Uses[n].(*Param); isParam {
				d.Hintf("parameters change when a program is loaded; write the value itself").
					Note(p.Decl.Span(), "%q is a parameter", p.Name)
			}
		}
		return none, false
	}
	if !Assignable(t, spec.Type) {
		d := c.errorf(diag.BadArgument, a.Value, "%q is %s, not %s", spec.Name, an(spec.Type), an(t))
		if lit, isInt := a.Value.(*ast.IntLit); isInt && spec.Type == types.Duration {
			d.Hintf("write the unit: %ss", lit.Text)
		} else if spec.Type == types.Duration {
			d.Hintf("write a time, as 60s")
		}
		return none, false
	}
	v = Convert(v, spec.Type)
	if x := v.Number(); x < spec.Min || x > spec.Max {
		c.errorf(diag.BadArgument, a.Value, "%q has to be between %s and %s", spec.Name, limit(spec, spec.Min), limit(spec, spec.Max))
		return none, false
	}
	return v, true
}

// word checks an argument that is a word of the language: full: evict.
func (c *checker) word(a *ast.Arg, name string) (types.Const, bool) {
	n, ok := a.Value.(*ast.Name)
	if ok {
		for _, w := range policies {
			if n.Name == w {
				return types.Const{Type: types.String, S: w}, true
			}
		}
	}
	d := c.errorf(diag.BadArgument, a.Value, "%q is %s", name, join(policies, "or"))
	if ok {
		d.Suggest(nearest(n.Name, policies))
	}
	return types.Const{}, false
}

// limit prints the bound of an argument.
func limit(spec *types.KindArg, x float64) string {
	switch spec.Type {
	case types.Duration:
		d := time.Duration(x)
		if d >= 24*time.Hour {
			return fmt.Sprintf("%dd", d/(24*time.Hour))
		}
		if d%time.Second == 1 { // "more than"
			return "more than " + (d - 1).String()
		}
		return d.String()
	case types.Int:
		return strconv.FormatInt(int64(x), 10)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
