package gogen

import "github.com/streamon/streamon/codegen/ir"

// emitLet writes
//
//	rate := program.Div(failures, queries)
func (f *fn) emitLet(s *ir.Let) {
	x := f.value(s.X)
	guards := x
	if s.Dst.Type != s.X.Type() && f.locals[s.Dst].isFloat {
		x = asFloat(s.X.Type(), x)
	}
	f.assign(s.Pos, s.Dst, guards, func(bool) result {
		if x.isText {
			return result{value: f.bytes(x), typed: true}
		}
		return result{value: wide(x).code, typed: !x.lit, isNaN: f.mayBeNaN(s.X)}
	})
}

// stmts writes operations and actions in order.
func (f *fn) stmts(list []ir.Stmt) {
	for _, s := range list {
		if isPure(s) && (f.locals[ir.Dst(s)] == nil || !f.locals[ir.Dst(s)].used) {
			continue
		}
		if f.travels(s) {
			f.emitTravel(s)
			continue
		}
		f.stmt(s)
	}
}

func (f *fn) stmt(s ir.Stmt) {
	switch s := s.(type) {
	case *ir.Let:
		f.emitLet(s)
	case *ir.Set:
		f.emitSet(s)
	case *ir.Get:
		f.emitGet(s)
	case *ir.Reset:
		f.emitReset(s)
	case *ir.Load:
		f.emitLoad(s)
	case *ir.Has:
		f.emitHas(s)
	case *ir.Store:
		f.emitStore(s)
	case *ir.Delete:
		f.emitDelete(s)
	case *ir.Start:
		f.emitStart(s)
	case *ir.Stop:
		f.emitStop(s)
	default:
		f.emitAction(s)
	}
}
