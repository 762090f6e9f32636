package ir

// Walk calls f for x and, if f returns true, for each of its operands, outside
// in and left to right. A nil x is skipped.
func Walk(x Expr, f func(Expr) bool) {
	if x == nil || !f(x) {
		return
	}
	switch x := x.(type) {
	case *Unary:
		Walk(x.X, f)
	case *Binary:
		Walk(x.X, f)
		Walk(x.Y, f)
	case *Convert:
		Walk(x.X, f)
	case *Call:
		for _, arg := range x.Args {
			Walk(arg, f)
		}
	case *In:
		Walk(x.X, f)
	}
}

// Map returns x with f applied to every node, operands first. A node whose
// operands changed is copied: x itself is never written to, because lowering
// may use one expression in several places.
func Map(x Expr, f func(Expr) Expr) Expr {
	switch old := x.(type) {
	case nil:
		return nil
	case *Unary:
		if y := Map(old.X, f); y != old.X {
			n := *old
			n.X, x = y, &n
		}
	case *Binary:
		l, r := Map(old.X, f), Map(old.Y, f)
		if l != old.X || r != old.Y {
			n := *old
			n.X, n.Y, x = l, r, &n
		}
	case *Convert:
		if y := Map(old.X, f); y != old.X {
			n := *old
			n.X, x = y, &n
		}
	case *Call:
		if args, changed := mapList(old.Args, f); changed {
			n := *old
			n.Args, x = args, &n
		}
	case *In:
		if y := Map(old.X, f); y != old.X {
			n := *old
			n.X, x = y, &n
		}
	}
	return f(x)
}

func mapList(list []Expr, f func(Expr) Expr) ([]Expr, bool) {
	var out []Expr
	for i, x := range list {
		y := Map(x, f)
		if y != x && out == nil {
			out = append([]Expr(nil), list...)
		}
		if out != nil {
			out[i] = y
		}
	}
	if out == nil {
		return list, false
	}
	return out, true
}

// Exprs calls f for every expression that s holds, in the order of evaluation.
// f sees whole expressions: use Walk for their parts.
func Exprs(s Stmt, f func(Expr)) {
	MapStmt(s, func(x Expr) Expr { f(x); return x })
}

// MapStmt returns s with every expression that it holds replaced by f's answer;
// f gets whole expressions, not their parts. If one changed the result is a
// copy: s itself is never written to.
func MapStmt(s Stmt, f func(Expr) Expr) Stmt {
	changed := false
	one := func(x Expr) Expr {
		if x == nil {
			return nil
		}
		y := f(x)
		changed = changed || y != x
		return y
	}
	list := func(xs []Expr) []Expr {
		if xs == nil {
			return nil
		}
		out := make([]Expr, len(xs))
		for i, x := range xs {
			out[i] = one(x)
		}
		return out
	}
	named := func(vs []NamedValue) []NamedValue { return mapNamed(vs, one) }
	parts := func(ps []Part) []Part {
		out := append([]Part(nil), ps...)
		for i := range out {
			out[i].X = one(out[i].X)
		}
		return out
	}
	var out Stmt
	switch s := s.(type) {
	case *Let:
		n := *s
		n.X, out = one(s.X), &n
	case *Set:
		n := *s
		n.Key, n.Distinct, n.By, out = list(s.Key), list(s.Distinct), one(s.By), &n
	case *Get:
		n := *s
		n.Key, n.Distinct, out = list(s.Key), list(s.Distinct), &n
	case *Reset:
		n := *s
		n.Key, out = list(s.Key), &n
	case *Load:
		n := *s
		n.Key, out = list(s.Key), &n
	case *Has:
		n := *s
		n.Key, out = list(s.Key), &n
	case *Store:
		n := *s
		n.Key, n.X, out = list(s.Key), one(s.X), &n
	case *Delete:
		n := *s
		n.Key, out = list(s.Key), &n
	case *Start:
		n := *s
		n.After, out = one(s.After), &n
	case *Alert:
		n := *s
		n.Message, out = parts(s.Message), &n
	case *Log:
		n := *s
		n.Message, out = parts(s.Message), &n
	case *Publish:
		n := *s
		if s.Message != nil {
			n.Message = parts(s.Message)
		}
		n.Fields, out = named(s.Fields), &n
	case *Exec:
		n := *s
		n.Args, out = make([][]Part, len(s.Args)), &n
		for i, a := range s.Args {
			n.Args[i] = parts(a)
		}
	case *Block:
		n := *s
		n.What, n.For, out = one(s.What), one(s.For), &n
	}
	if !changed {
		return s
	}
	return out
}

func mapNamed(vs []NamedValue, f func(Expr) Expr) []NamedValue {
	out := append([]NamedValue(nil), vs...)
	for i := range out {
		out[i].X = f(out[i].X)
	}
	return out
}

// Dst returns the local that s assigns, or nil.
func Dst(s Stmt) *Local {
	switch s := s.(type) {
	case *Let:
		return s.Dst
	case *Set:
		return s.Dst
	case *Get:
		return s.Dst
	case *Load:
		return s.Dst
	case *Has:
		return s.Dst
	}
	return nil
}

// Stmts calls f for every statement of b, in the order of the text form.
func (b *Body) Stmts(f func(Stmt)) {
	each := func(list []Stmt) {
		for _, s := range list {
			f(s)
		}
	}
	each(b.Ops)
	for _, a := range b.Arms {
		each(a.Pre)
		each(a.Then)
	}
	each(b.Always)
}

// Exprs calls f for every whole expression of b: those of its statements, the
// conditions and the reads.
func (b *Body) Exprs(f func(Expr)) {
	b.Map(func(x Expr) Expr { f(x); return x })
}

// Map returns b with every whole expression replaced by f's answer, in order of
// evaluation. b itself and what it holds are not written to; the locals are the
// same.
func (b *Body) Map(f func(Expr) Expr) *Body {
	stmts := func(list []Stmt) []Stmt {
		out := append([]Stmt(nil), list...)
		for i, s := range out {
			out[i] = MapStmt(s, f)
		}
		return out
	}
	n := &Body{Locals: b.Locals, Ops: stmts(b.Ops)}
	for _, a := range b.Arms {
		m := *a
		m.Pre = stmts(a.Pre)
		if a.If != nil {
			m.If = f(a.If)
		}
		m.Reads, m.Then = mapNamed(a.Reads, f), stmts(a.Then)
		n.Arms = append(n.Arms, &m)
	}
	n.Always = stmts(b.Always)
	return n
}

// Exprs calls f for every whole expression of p.
func (p *Program) Exprs(f func(Expr)) {
	some := func(list ...Expr) {
		for _, x := range list {
			if x != nil {
				f(x)
			}
		}
	}
	for _, s := range p.States {
		some(s.For)
	}
	for _, e := range p.Events {
		some(e.Where)
		some(e.Bind...)
		some(e.Period)
		for _, h := range e.Handlers {
			h.Body.Exprs(f)
		}
	}
}

// Copy returns p with its own events and handlers, so that passes over the copy
// leave p alone. Declarations and bodies, which nobody writes to, are shared.
func (p *Program) Copy() *Program {
	n := *p
	n.States = append([]*State(nil), p.States...)
	n.Events = nil
	for _, e := range p.Events {
		f := *e
		f.Handlers = nil
		for _, h := range e.Handlers {
			g := *h
			f.Handlers = append(f.Handlers, &g)
		}
		n.Events = append(n.Events, &f)
	}
	return &n
}

// WithDst returns a copy of s that assigns l instead; s itself if it assigns
// nothing.
func WithDst(s Stmt, l *Local) Stmt {
	switch s := s.(type) {
	case *Let:
		n := *s
		n.Dst = l
		return &n
	case *Set:
		n := *s
		n.Dst = l
		return &n
	case *Get:
		n := *s
		n.Dst = l
		return &n
	case *Load:
		n := *s
		n.Dst = l
		return &n
	case *Has:
		n := *s
		n.Dst = l
		return &n
	}
	return s
}
