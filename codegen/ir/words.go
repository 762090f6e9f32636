package ir

import (
	"strconv"
	"strings"
	"time"

	"github.com/streamon/streamon/lang/types"
)

// Words prints expressions and statements of a program in the words of the language,
// for people: (gt %0.syns $limit) is "syns > limit". What lowering has written out
// stays written out, so that the text need not be that of the source.
type Words struct {
	Program *Program
	// Event is the one whose handler is printed, for the names of entity fields.
	Event *Event
	// Names replaces subexpressions by names: those of features, for instance.
	Names []NamedValue
	// Note, if not nil, returns what is to be printed behind a name, its value for
	// instance; "" is nothing. It is not asked for constants.
	Note func(x Expr) string
}

// Expr returns an expression.
func (w *Words) Expr(x Expr) string { return w.expr(x, 0) }

// Exprs returns several, with commas.
func (w *Words) Exprs(list []Expr) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = w.Expr(x)
	}
	return strings.Join(parts, ", ")
}

// binding says how tight operators bind; operators of the language, loosest first.
var binding = [...]struct {
	word  string
	level int
}{
	Or: {"or", 1}, And: {"and", 2},
	Eq: {"==", 4}, Ne: {"!=", 4}, Lt: {"<", 4}, Le: {"<=", 4}, Gt: {">", 4}, Ge: {">=", 4}, Contains: {"contains", 4},
	BitOr: {"|", 5}, BitXor: {"^", 6}, BitAnd: {"&", 7}, Shl: {"<<", 8}, Shr: {">>", 8},
	Add: {"+", 9}, Sub: {"-", 9}, Mul: {"*", 10}, Div: {"/", 10}, Mod: {"%", 10},
	Not: {"not ", 3}, Neg: {"-", 11}, Inv: {"~", 11},
}

// expr returns x, in parentheses if it binds less than level.
func (w *Words) expr(x Expr, level int) string {
	for _, n := range w.Names {
		if Same(n.X, x) {
			return w.noted(n.Name, x)
		}
	}
	switch x := x.(type) {
	case *Lit:
		return wordOf(x.Const)
	case *ParamRef:
		return w.noted(w.Program.Params[x.Param].Name, x)
	case *Field:
		return w.noted(x.Name, x)
	case *HasLayer:
		return x.Layer
	case *LocalRef:
		return w.noted(x.Local.Name, x)
	case *EntityField:
		return w.noted((&writer{p: w.Program, event: w.Event}).entityField(x.Index), x)
	case *Convert:
		return w.expr(x.X, level)
	case *Unary:
		op := binding[x.Op]
		return enclose(op.word+w.expr(x.X, op.level), op.level < level)
	case *Binary:
		op := binding[x.Op]
		text := w.expr(x.X, op.level) + " " + op.word + " " + w.expr(x.Y, op.level+1)
		return enclose(text, op.level < level)
	case *Call:
		if len(x.Args) == 0 {
			return w.noted(x.Func, x)
		}
		return x.Func + "(" + w.Exprs(x.Args) + ")"
	case *In:
		op := " in "
		if x.Not {
			op = " not in "
		}
		set := setText(x.Items)
		if x.List >= 0 {
			set = w.Program.Lists[x.List].Name
		}
		return enclose(w.expr(x.X, 5)+op+set, 4 < level)
	case *TopList:
		return w.Program.Metrics[x.Metric].Name
	}
	return "?"
}

func (w *Words) noted(name string, x Expr) string {
	if w.Note != nil {
		if note := w.Note(x); note != "" {
			return name + " " + note
		}
	}
	return name
}

func enclose(text string, yes bool) string {
	if yes {
		return "(" + text + ")"
	}
	return text
}

// wordOf prints a constant as a program has it.
func wordOf(c Const) string {
	switch c.Type {
	case types.Float:
		return strconv.FormatFloat(c.F, 'g', -1, 64)
	case types.Duration:
		return types.DurationText(time.Duration(c.I))
	}
	return constText(c)
}

// Stmt returns a statement without its result: "set syns[server] by 2".
func (w *Words) Stmt(s Stmt) string {
	p := w.Program
	switch s := s.(type) {
	case *Let:
		return s.Dst.Name + " = " + w.Expr(s.X)
	case *Set:
		text := "set " + p.Metrics[s.Metric].Name + w.key(s.Key, s.Distinct)
		if s.By != nil {
			text += " by " + w.Expr(s.By)
		}
		return text
	case *Get:
		return "get " + p.Metrics[s.Metric].Name + w.key(s.Key, s.Distinct)
	case *Reset:
		return "reset " + p.Metrics[s.Metric].Name + w.key(s.Key, nil)
	case *Load:
		return p.Tables[s.Table].Name + w.key(s.Key, nil)
	case *Has:
		return "has " + p.Tables[s.Table].Name + w.key(s.Key, nil)
	case *Store:
		return p.Tables[s.Table].Name + w.key(s.Key, nil) + " = " + w.Expr(s.X)
	case *Delete:
		return "delete " + p.Tables[s.Table].Name + w.key(s.Key, nil)
	case *Start:
		how := " after "
		if s.Every {
			how = " every "
		}
		return "start " + p.Events[s.Event].Name + how + w.Expr(s.After)
	case *Stop:
		return "stop " + p.Events[s.Event].Name
	case *Alert:
		return "alert " + s.Level
	case *Log:
		return "log"
	case *Publish:
		return "publish " + s.Topic
	case *Exec:
		return "exec"
	case *Drop:
		return "drop"
	case *Block:
		return "block " + s.Name + " for " + w.Expr(s.For)
	case *Capture:
		return "capture"
	}
	return "?"
}

func (w *Words) key(key, distinct []Expr) string {
	text := ""
	if len(key) > 0 {
		text = "[" + w.Exprs(key) + "]"
	}
	if len(distinct) > 0 {
		text += " new (" + w.Exprs(distinct) + ")"
	}
	return text
}

// Same reports whether two expressions of one body are the same: same operators,
// same places, same constants.
func Same(a, b Expr) bool {
	switch a := a.(type) {
	case *Lit:
		b, ok := b.(*Lit)
		return ok && a.Const == b.Const
	case *ParamRef:
		b, ok := b.(*ParamRef)
		return ok && a.Param == b.Param
	case *Field:
		b, ok := b.(*Field)
		return ok && a.Name == b.Name
	case *HasLayer:
		b, ok := b.(*HasLayer)
		return ok && a.Layer == b.Layer
	case *LocalRef:
		b, ok := b.(*LocalRef)
		return ok && a.Local == b.Local
	case *EntityField:
		b, ok := b.(*EntityField)
		return ok && a.Index == b.Index
	case *Unary:
		b, ok := b.(*Unary)
		return ok && a.Op == b.Op && Same(a.X, b.X)
	case *Binary:
		b, ok := b.(*Binary)
		return ok && a.Op == b.Op && Same(a.X, b.X) && Same(a.Y, b.Y)
	case *Convert:
		b, ok := b.(*Convert)
		return ok && a.T == b.T && Same(a.X, b.X)
	case *Call:
		b, ok := b.(*Call)
		if !ok || a.Func != b.Func || len(a.Args) != len(b.Args) {
			return false
		}
		for i := range a.Args {
			if !Same(a.Args[i], b.Args[i]) {
				return false
			}
		}
		return true
	}
	return a == b
}
