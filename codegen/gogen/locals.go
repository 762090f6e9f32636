package gogen

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/types"
)

// localVar is a local of a body as Go variables. A float says itself whether it is
// defined (NaN); any other has a second variable, unless it is defined wherever
// it is assigned.
type localVar struct {
	name, ok string // as it is read
	set      string // as it is assigned: name, or _ if only ok is read
	setOK    string
	used     bool
	dropped  bool // it turned out that it does not
	isFloat  bool
	atTop    bool // declared at the beginning of the body
	total    bool // always defined after its assignment; known once that is written
}

// unread says which of a local's variables nothing reads: what would have read
// them is constant.
type unread uint8

const (
	unreadNone unread = iota
	unreadName
	unreadOK
	unreadAll
)

// section is a part of a body that is run or skipped as a whole.
type section struct{ arm, part int }

const (
	partOps = iota
	partPre
	partThen
	partAlways
)

// planLocals decides how each local is declared: in place, if one assignment
// stands before all uses in one flow of control, else at the top. Locals that
// nothing reads are not computed.
func (f *fn) planLocals(b *ir.Body, unread map[*ir.Local]unread) {
	f.locals = map[*ir.Local]*localVar{}
	assigned := map[*ir.Local][]section{}
	each(b, func(at section, s ir.Stmt) {
		if dst := ir.Dst(s); dst != nil {
			assigned[dst] = append(assigned[dst], at)
		}
	})
	used := usedLocals(b, unread)
	for _, l := range b.Locals {
		v := &localVar{used: used[l] != nil, dropped: unread[l] == unreadAll, isFloat: l.Type == types.Float}
		if v.used {
			v.name = f.names.fresh(lower(l.Name))
			v.ok = v.name + "OK"
			v.set, v.setOK = v.name, v.ok
			switch unread[l] {
			case unreadName:
				v.set = "_"
			case unreadOK:
				v.setOK = "_"
			}
			f.names[v.ok] = 2
			v.atTop = !inPlace(assigned[l], used[l])
		}
		f.locals[l] = v
	}
}

// inPlace reports whether a local can be declared where it is assigned.
func inPlace(assigned, used []section) bool {
	if len(assigned) != 1 {
		return false
	}
	at := assigned[0]
	for _, u := range used {
		switch at.part {
		case partPre:
			if at.arm > 0 && u.part == partAlways || u.part == partOps {
				return false
			}
		case partThen:
			if u != at {
				return false
			}
		}
	}
	return true
}

// each calls f for every statement of a body, with its section.
func each(b *ir.Body, f func(at section, s ir.Stmt)) {
	list := func(at section, stmts []ir.Stmt) {
		for _, s := range stmts {
			f(at, s)
		}
	}
	list(section{part: partOps}, b.Ops)
	for i, a := range b.Arms {
		list(section{i, partPre}, a.Pre)
		list(section{i, partThen}, a.Then)
	}
	list(section{part: partAlways}, b.Always)
}

// isPure reports whether a statement does nothing but assign its target.
func isPure(s ir.Stmt) bool {
	switch s.(type) {
	case *ir.Let, *ir.Get, *ir.Load, *ir.Has:
		return true
	}
	return false
}

// usedLocals returns where each local is read that matters: reads by statements
// whose own result nobody reads do not.
func usedLocals(b *ir.Body, unread map[*ir.Local]unread) map[*ir.Local][]section {
	used := map[*ir.Local][]section{}
	for {
		before := len(used)
		next := map[*ir.Local][]section{}
		read := func(at section, e ir.Expr) {
			ir.Walk(e, func(x ir.Expr) bool {
				if l, ok := x.(*ir.LocalRef); ok && unread[l.Local] != unreadAll {
					next[l.Local] = append(next[l.Local], at)
				}
				return true
			})
		}
		each(b, func(at section, s ir.Stmt) {
			if isPure(s) && used[ir.Dst(s)] == nil {
				return
			}
			ir.Exprs(s, func(e ir.Expr) { read(at, e) })
		})
		for i, a := range b.Arms {
			read(section{i, partPre}, a.If)
			if alerts(a.Then) {
				for _, r := range a.Reads {
					read(section{i, partThen}, r.X)
				}
			}
		}
		used = next
		if len(used) == before {
			return used
		}
	}
}

// alerts reports whether a list has an alert.
func alerts(list []ir.Stmt) bool {
	for _, s := range list {
		if _, ok := s.(*ir.Alert); ok {
			return true
		}
	}
	return false
}

// local writes the value of a local: syns, guarded by synsOK if need be.
func (f *fn) local(l *ir.Local) val {
	v := f.locals[l]
	if v != nil && v.dropped {
		return primary(jen.Lit(0)) // in code that is not written
	}
	if v == nil || !v.used {
		f.fail(fmt.Errorf("local %s is read but not of this body", l.Name))
		return primary(jen.Lit(0))
	}
	r := primary(jen.Id(v.name))
	if !v.isFloat && !v.total {
		return r.also(jen.Id(v.ok))
	}
	return r
}

// declare writes the locals that need to exist before the body:
//
//	syns := program.Undefined()
//	var owner packet.MAC
//	ownerOK := false
func (f *fn) declare(b *ir.Body) {
	for _, l := range b.Locals {
		if v := f.locals[l]; v.used && v.atTop {
			f.declareLocal(l, v)
		}
	}
}

func (f *fn) declareLocal(l *ir.Local, v *localVar) {
	if v.isFloat {
		f.add(jen.Id(v.name).Op(":=").Add(call("Undefined")))
		return
	}
	if v.set != "_" {
		f.add(jen.Var().Id(v.name).Add(goType(l.Type)))
	}
	if v.setOK != "_" {
		f.add(jen.Id(v.ok).Op(":=").False())
	}
}

// result is what an operation yields: a value and, unless it is always defined
// or a float, whether it is defined. Both are Go expressions; two may be one call
// that returns both.
type result struct {
	value *jen.Statement
	ok    *jen.Statement // nil = defined
	pair  bool           // value is a call that returns value and ok
	typed bool           // value has the local's Go type without a conversion
	isNaN bool           // value may be an undefined float
}

// assign writes
//
//	dst = value
//
// under the guards of operands; compute writes what has to come before in the
// same block. If dst is not read, the value is dropped.
func (f *fn) assign(pos ir.Pos, dst *ir.Local, operands val, compute func(wanted bool) result) {
	v := f.locals[dst]
	if dst == nil || v == nil || !v.used {
		f.guard(pos, operands, func() {
			if r := compute(false); r.value != nil {
				f.user(pos, r.value)
			}
		})
		return
	}
	guarded := len(f.guards(operands)) > 0
	if !guarded && !v.atTop {
		f.define(pos, dst, v, compute(true))
		return
	}
	if !v.atTop {
		f.declareLocal(dst, v)
	} else if v.isFloat {
		f.add(jen.Id(v.name).Op("=").Add(call("Undefined")))
	} else {
		f.add(jen.Id(v.setOK).Op("=").False())
	}
	f.guard(pos, operands, func() {
		r := compute(true)
		switch {
		case r.pair:
			f.user(pos, jen.List(jen.Id(v.set), jen.Id(v.setOK)).Op("=").Add(r.value))
		case v.isFloat:
			f.user(pos, jen.Id(v.name).Op("=").Add(r.value))
		case r.ok != nil:
			f.user(pos, jen.List(jen.Id(v.set), jen.Id(v.setOK)).Op("=").List(r.value, r.ok))
		default:
			f.user(pos, jen.List(jen.Id(v.set), jen.Id(v.setOK)).Op("=").List(r.value, jen.True()))
		}
	})
}

// define writes dst := value.
func (f *fn) define(pos ir.Pos, dst *ir.Local, v *localVar, r result) {
	if !r.typed {
		r.value = conversion(dst.Type, r.value)
	}
	switch {
	case r.pair:
		f.user(pos, jen.List(jen.Id(v.set), jen.Id(v.setOK)).Op(":=").Add(r.value))
	case r.ok != nil && !v.isFloat:
		f.user(pos, jen.List(jen.Id(v.set), jen.Id(v.setOK)).Op(":=").List(r.value, r.ok))
	default:
		v.total = !r.isNaN
		f.user(pos, jen.Id(v.name).Op(":=").Add(r.value))
	}
}

// conversion writes a conversion of a constant to the Go type of t.
func conversion(t types.Type, code *jen.Statement) *jen.Statement {
	switch t {
	case types.Float:
		return jen.Float64().Parens(code)
	case types.Bool, types.IP, types.MAC, types.String:
		return code
	}
	return jen.Int64().Parens(code)
}

// readNames returns the names that a body of Go code reads. Names that are only
// assigned are not among them: Go refuses such variables.
func readNames(body []jen.Code) map[string]bool {
	file := jen.NewFile("body_") // names that no local has
	file.Func().Id("body_").Params().Block(body...)
	var src bytes.Buffer
	if file.Render(&src) != nil {
		return nil // Emit will meet the same error
	}
	tree, err := parser.ParseFile(token.NewFileSet(), "", src.Bytes(), parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	names := map[string]bool{}
	assigned := map[*ast.Ident]bool{}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok {
					assigned[id] = true
				}
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				assigned[id] = true
			}
		case *ast.Ident:
			if !assigned[n] {
				names[n.Name] = true
			}
		}
		return true
	})
	return names
}
