package gogen

import (
	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
)

// emitExec writes a command: its arguments one after the other, and where each ends.
//
//	m.message = append(m.message[:0], "nft"...)
//	m.args[0] = program.Arg{End: len(m.message), Fixed: true}
//	m.message = program.AppendIP(m.message, p.Src)
//	m.args[1] = program.Arg{End: len(m.message), Fixed: false}
//	m.emit(program.Record{
//		Type:    program.ExecRecord,
//		Event:   "syn",
//		Message: m.message,
//		Args:    m.args[:2],
//	})
func (f *fn) emitExec(s *ir.Exec) {
	f.g.args = max(f.g.args, len(s.Args))
	buf := f.m("message").Index(jen.Op(":").Lit(0))
	for i, a := range s.Args {
		if i == 0 || len(a) > 0 {
			f.emitText(s.Pos, buf, a)
		}
		buf = f.m("message")
		isFixed := len(a) > 0 && a[0].X == nil
		f.add(f.m("args").Index(jen.Lit(i)).Op("=").Add(program("Arg")).Values(jen.Dict{
			jen.Id("End"): jen.Len(f.m("message")), jen.Id("Fixed"): jen.Lit(isFixed),
		}))
	}
	f.emitRecord(s.Pos, "ExecRecord", pair{"Message", f.m("message")}, pair{"Args", f.m("args").Index(jen.Op(":").Lit(len(s.Args)))})
}
