package lower

import (
	"maps"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/types"
)

// scope is where an expression stands: what its names mean there, and where the
// statements go that it needs before it.
type scope struct {
	l     *lowerer
	event *check.Event // nil outside of handlers
	state *check.State // in which the handler runs; nil without entity
	after *check.State // that the entity is in after the present condition
	body  *ir.Body     // nil outside of handlers: no statements, no locals
	stmts *[]ir.Stmt   // receives reads

	// last is the local that holds the value of the last operation on a metric.
	last map[*check.Metric]*ir.Local
	// known holds what was read or computed before on every way to this place
	// and has not changed since, by its text.
	known map[string]known
	// loads counts reads of tables, to see whether an expression has any.
	loads *int
}

// known is the value of something that was read or computed before.
type known struct {
	x     ir.Expr
	table bool // it comes from a table
}

// outside is the scope of where clauses, event keys and constants.
func (l *lowerer) outside() *scope { return &scope{l: l} }

// into returns a scope that goes on where s is, with its own knowledge, and
// whose statements go to list.
func (s *scope) into(list *[]ir.Stmt) *scope {
	n := *s
	n.stmts, n.last, n.known = list, maps.Clone(s.last), maps.Clone(s.known)
	return &n
}

// emit adds a statement.
func (s *scope) emit(st ir.Stmt) { *s.stmts = append(*s.stmts, st) }

// changed forgets what was read and computed: a metric changed.
func (s *scope) changed() { s.known = map[string]known{} }

// stored forgets what comes from tables.
func (s *scope) stored() {
	maps.DeleteFunc(s.known, func(_ string, k known) bool { return k.table })
}

// recall returns what is known under an id.
func (s *scope) recall(id string) (ir.Expr, bool) {
	k, ok := s.known[id]
	if k.table {
		*s.loads++
	}
	return k.x, ok
}

// local makes a local of the body.
func (s *scope) local(name string, t types.Type) *ir.Local {
	v := &ir.Local{ID: len(s.body.Locals), Name: name, Type: t}
	s.body.Locals = append(s.body.Locals, v)
	return v
}

func ref(v *ir.Local) ir.Expr { return &ir.LocalRef{Typed: ir.Typed{T: v.Type}, Local: v} }
