package xmlformat

import (
	"strconv"
	"strings"
	"time"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/types"
)

// scope is what names are written as at a place. A nil one has neither entity nor
// protocol.
type scope struct {
	proto  string            // that the selector of the event tells: tcp, udp or ""
	keys   map[string]bool   // fields of the dialect that the reader takes for the entity
	entity map[string]string // the entity or a part of it → the field that it is
	inText bool              // within the text of an action
}

// The precedences of C++, loosest first, as the reader has them.
var precedence = map[ast.Op]int{
	ast.Or: 1, ast.And: 2, ast.BitOr: 3, ast.BitXor: 4, ast.BitAnd: 5, ast.Eq: 6, ast.Ne: 6,
	ast.Lt: 7, ast.Gt: 7, ast.Le: 7, ast.Ge: 7, ast.In: 7, ast.NotIn: 7, ast.Contains: 7,
	ast.Shl: 8, ast.Shr: 8, ast.Add: 9, ast.Sub: 9, ast.Mul: 10, ast.Div: 10, ast.Mod: 10,
}

const precUnary = 11

// value returns an expression as a value.
func (w *writer) value(x ast.Expr, s *scope) string { return w.whole(x, s, false) }

// condition returns an expression where its truth is asked for, which makes a
// difference for tables.
func (w *writer) condition(x ast.Expr, s *scope) string { return w.whole(x, s, true) }

func (w *writer) whole(x ast.Expr, s *scope, truth bool) string {
	if s == nil {
		s = &scope{}
	}
	if depth, n := measure(x); depth > maxNesting || n > maxTokens {
		w.refuse(x, "in XML this expression is too long")
		return ""
	}
	return w.expr(x, s, 0, truth)
}

// measure returns how deep an expression is nested, and about how many tokens it
// has.
func measure(x ast.Expr) (depth, tokens int) {
	tokens = 3
	if n, ok := x.(*ast.Name); ok {
		tokens = 2 * (1 + strings.Count(n.Name, "."))
	}
	for _, c := range ast.Children(x) {
		d, n := 0, 4
		if c, ok := c.(ast.Expr); ok {
			d, n = measure(c)
		}
		depth, tokens = max(depth, d), tokens+n
	}
	return depth + 1, tokens
}

// expr returns an expression that stands where operators must bind at least as
// tightly as prec.
func (w *writer) expr(x ast.Expr, s *scope, prec int, truth bool) string {
	switch x := x.(type) {
	case *ast.Paren:
		return w.expr(x.X, s, prec, truth)
	case *ast.Name:
		return w.name(x, s)
	case *ast.Index:
		if truth && w.tables[x.Name.Name] {
			w.refuse(x, "in XML a table read alone in a condition is whether it has the entry")
		}
		return x.Name.Name + "(" + w.key(x.Keys, s) + ")"
	case *ast.Has:
		if !truth {
			w.refuse(x, "in XML %q can only be a condition, not a value", "has")
		}
		return x.Table.Name + "(" + w.key(x.Keys, s) + ")"
	case *ast.Call:
		if w.tables[x.Func.Name] || w.metrics[x.Func.Name] {
			w.refuse(x.Func, "in XML this reads %q, which is declared", x.Func.Name).Hintf("give that another name")
		}
		var args []string
		for _, a := range x.Args {
			args = append(args, w.expr(a, s, 0, false))
		}
		return x.Func.Name + "(" + strings.Join(args, ", ") + ")"
	case *ast.Unary:
		return w.unary(x, s)
	case *ast.Binary:
		return w.binary(x, s, prec)
	case *ast.SetLit:
		var elems []string
		for _, e := range x.Elems {
			elems = append(elems, w.expr(e, s, 0, false))
		}
		return "{" + strings.Join(elems, ", ") + "}"
	case *ast.Range:
		return w.rangeText(x, s)
	}
	return w.literal(x, s)
}

func (w *writer) unary(x *ast.Unary, s *scope) string {
	if x.Op != ast.Not {
		return x.Op.String() + w.expr(x.X, s, precUnary, false)
	}
	if _, isHas := unparen(x.X).(*ast.Has); isHas {
		return "!" + w.expr(x.X, s, precUnary, true)
	}
	return "not " + w.expr(x.X, s, precUnary, true)
}

func (w *writer) binary(x *ast.Binary, s *scope, prec int) string {
	own := precedence[x.Op]
	left, right := own, own+1
	if x.Op.IsComparison() { // C++ joins them in a way that few remember
		left, right = precedence[ast.Shl], precedence[ast.Shl]
	}
	truth := x.Op == ast.And || x.Op == ast.Or
	text := w.expr(x.X, s, left, truth) + " " + x.Op.String() + " " + w.expr(x.Y, s, right, truth)
	if own < prec {
		return "(" + text + ")"
	}
	return text
}

// rangeText returns a range: the reader takes two literals with points between.
func (w *writer) rangeText(x *ast.Range, s *scope) string {
	for _, end := range []ast.Expr{x.Lo, x.Hi} {
		switch unparen(end).(type) {
		case *ast.IntLit, *ast.IPLit, *ast.DurationLit, *ast.SizeLit:
		default:
			w.refuse(end, "in XML a range is from one number to another")
			return ""
		}
	}
	return w.literal(unparen(x.Lo), s) + ".." + w.literal(unparen(x.Hi), s)
}

// literal returns a literal; hexadecimal numbers stay so.
func (w *writer) literal(x ast.Expr, s *scope) string {
	switch x := x.(type) {
	case *ast.IntLit:
		if strings.HasPrefix(x.Text, "0x") && !strings.Contains(x.Text, "_") {
			return x.Text
		}
		return strconv.FormatInt(x.Value, 10)
	case *ast.FloatLit:
		text := strconv.FormatFloat(x.Value, 'g', -1, 64)
		if strings.Trim(text, "-0123456789") == "" {
			text += ".0"
		}
		return text
	case *ast.BoolLit:
		return strconv.FormatBool(x.Value)
	case *ast.DurationLit:
		return durationText(x)
	case *ast.SizeLit:
		return sizeText(x.Value)
	case *ast.IPLit:
		if !x.Value.Is4() {
			w.refuse(x, "the dialect has no IPv6 addresses")
		}
		return x.Value.String()
	case *ast.NetLit:
		if !x.Value.Addr().Is4() {
			w.refuse(x, "the dialect has no IPv6 networks")
		}
		return x.Value.String()
	case *ast.MACLit:
		w.refuse(x, "the dialect has no link-layer addresses")
	case *ast.StringLit:
		return w.quoted(x, s)
	}
	return ""
}

// quoted returns a text as a value of an expression, which has no escapes.
func (w *writer) quoted(x *ast.StringLit, s *scope) string {
	text, ok := x.Text()
	switch {
	case !ok:
		w.refuse(x, "in XML a text among values has to be fixed")
	case !isXML(text, "\n\t\r") || strings.ContainsAny(text, ";"):
		w.refuse(x, "in XML this text cannot stand in an expression")
	case s.inText && strings.ContainsAny(text, "{}:"):
		w.refuse(x, "in XML this text cannot stand within another")
	case strings.Contains(text, `"`) && strings.Contains(text, "'"):
		w.refuse(x, "in XML a text in an expression has one kind of quotes")
	case strings.Contains(text, "'"):
		return `"` + text + `"`
	}
	return "'" + text + "'"
}

// isXML reports whether a text may stand in XML; of control characters it may have
// those allowed.
func isXML(text, allowed string) bool {
	for _, r := range text {
		if r < ' ' && !strings.ContainsRune(allowed, r) || r == 0xFFFD || r == 0xFFFE || r == 0xFFFF {
			return false
		}
	}
	return true
}

// durationText returns a duration with its units.
func durationText(d *ast.DurationLit) string {
	if text := strings.ReplaceAll(d.Text, "_", ""); text != "" && len(text) < 40 {
		return text
	}
	if d.Value%time.Second == 0 {
		return strconv.FormatInt(int64(d.Value/time.Second), 10) + "s"
	}
	return strconv.FormatInt(int64(d.Value), 10) + "ns"
}

func sizeText(v int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1 << 30, "GiB"}, {1e9, "GB"}, {1 << 20, "MiB"}, {1e6, "MB"}, {1 << 10, "KiB"}, {1e3, "KB"}} {
		if v > 0 && v%u.size == 0 {
			return strconv.FormatInt(v/u.size, 10) + u.name
		}
	}
	return strconv.FormatInt(v, 10) + "B"
}

// seconds returns a duration as the dialect has it, a number of seconds, if it is a
// whole one; any other expression as it is.
func (w *writer) seconds(x ast.Expr, s *scope) string {
	if d, ok := unparen(x).(*ast.DurationLit); ok && d.Value > 0 && d.Value%time.Second == 0 {
		return strconv.FormatInt(int64(d.Value/time.Second), 10)
	}
	return w.value(x, s)
}

// key returns a key: expressions joined with "-", in parentheses those that could
// have one of their own.
func (w *writer) key(list []ast.Expr, s *scope) string {
	if s == nil {
		s = &scope{}
	}
	var parts []string
	for _, x := range list {
		text := w.whole(x, s, false)
		switch unparen(x).(type) {
		case *ast.Binary, *ast.Unary:
			text = "(" + text + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "-")
}

// name returns what a name is written as: the entity as the field that it is, a
// field by the dialect's name where that means it, else as the language has it.
func (w *writer) name(x *ast.Name, s *scope) string {
	if field := s.entity[x.Name]; field != "" {
		return field
	}
	if base, _, dotted := strings.Cut(x.Name, "."); w.declared[x.Name] || dotted && w.entities[base] != nil {
		return x.Name
	}
	f := types.LookupField(x.Name)
	if f == nil {
		return x.Name
	}
	if own := dialectName(f.Name, s.proto); own != "" && !s.keys[own] && !w.declared[own] {
		return own
	}
	return f.Name
}

func unparen(x ast.Expr) ast.Expr {
	for {
		p, ok := x.(*ast.Paren)
		if !ok {
			return x
		}
		x = p.X
	}
}
