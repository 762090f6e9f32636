package ir

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/streamon/streamon/lang/types"
)

// stmt returns a statement in the notation of its declaration.
func (w *writer) stmt(s Stmt) string {
	switch s := s.(type) {
	case *Let:
		return localText(s.Dst) + " = " + w.expr(s.X)
	case *Set:
		text := assign(s.Dst) + "set " + w.metricName(s.Metric) + w.key(s.Key, s.Distinct)
		if s.By != nil {
			text += " by " + w.expr(s.By)
		}
		return text
	case *Get:
		return assign(s.Dst) + "get " + w.metricName(s.Metric) + w.key(s.Key, s.Distinct)
	case *Reset:
		return "reset " + w.metricName(s.Metric) + w.key(s.Key, nil)
	case *Load:
		return assign(s.Dst) + "load " + w.tableName(s.Table) + w.key(s.Key, nil)
	case *Has:
		return assign(s.Dst) + "has " + w.tableName(s.Table) + w.key(s.Key, nil)
	case *Store:
		return "store " + w.tableName(s.Table) + w.key(s.Key, nil) + " = " + w.expr(s.X)
	case *Delete:
		return "delete " + w.tableName(s.Table) + w.key(s.Key, nil)
	case *Start:
		how := " after "
		if s.Every {
			how = " every "
		}
		text := "start " + w.eventName(s.Event) + how + w.expr(s.After)
		if s.Keep {
			text += " keep"
		}
		return text
	case *Stop:
		return "stop " + w.eventName(s.Event)
	case *Alert:
		return "alert " + s.Level + w.message(s.Message)
	case *Log:
		return "log" + w.message(s.Message)
	case *Publish:
		if s.Message != nil {
			return "publish " + s.Topic + w.message(s.Message)
		}
		return "publish " + s.Topic + " {" + w.named(s.Fields) + "}"
	case *Exec:
		text := "exec"
		for _, a := range s.Args {
			text += " (" + strings.TrimPrefix(w.message(a), " ") + ")"
		}
		return text
	case *Drop:
		return "drop"
	case *Block:
		return "block " + s.Name + " = " + w.expr(s.What) + " for " + w.expr(s.For)
	case *Capture:
		return "capture"
	}
	return fmt.Sprintf("?%T", s)
}

func assign(l *Local) string {
	if l == nil {
		return ""
	}
	return localText(l) + " = "
}

// localText returns %id.name: the id tells locals apart, the name is for people.
func localText(l *Local) string {
	if l == nil {
		return "%nil"
	}
	return "%" + strconv.Itoa(l.ID) + "." + l.Name
}

func (w *writer) key(key, distinct []Expr) string {
	text := ""
	if len(key) > 0 {
		text = " " + w.brackets(key)
	}
	if len(distinct) > 0 {
		text += " new " + w.brackets(distinct)
	}
	return text
}

func (w *writer) brackets(list []Expr) string { return "[" + w.join(list, ", ") + "]" }

// list returns one expression as it is and several in parentheses.
func (w *writer) list(list []Expr) string {
	if len(list) == 1 {
		return w.expr(list[0])
	}
	return "(" + w.join(list, ", ") + ")"
}

func (w *writer) join(list []Expr, sep string) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = w.expr(x)
	}
	return strings.Join(parts, sep)
}

func (w *writer) message(parts []Part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteByte(' ')
		if p.X == nil {
			b.WriteString(strconv.Quote(p.Text))
			continue
		}
		b.WriteString(w.expr(p.X))
		if p.Format != "" {
			b.WriteString(":" + p.Format)
		}
	}
	return b.String()
}

// expr returns an expression: operators and calls as (name operand …), fields by
// name, parameters as $name, entity fields as @name, locals as %id.name.
func (w *writer) expr(x Expr) string {
	switch x := x.(type) {
	case nil:
		return "nil"
	case *Lit:
		return constText(x.Const)
	case *ParamRef:
		if x.Param >= 0 && x.Param < len(w.p.Params) {
			return "$" + w.p.Params[x.Param].Name
		}
		return "$" + unknown(x.Param)
	case *Field:
		return x.Name
	case *HasLayer:
		return "(layer " + x.Layer + ")"
	case *LocalRef:
		return localText(x.Local)
	case *EntityField:
		return "@" + w.entityField(x.Index)
	case *Unary:
		return "(" + x.Op.String() + " " + w.expr(x.X) + ")"
	case *Binary:
		return "(" + x.Op.String() + " " + w.expr(x.X) + " " + w.expr(x.Y) + ")"
	case *Convert:
		return "(" + x.T.String() + " " + w.expr(x.X) + ")"
	case *Call:
		if len(x.Args) == 0 {
			return "(" + x.Func + ")"
		}
		return "(" + x.Func + " " + w.join(x.Args, " ") + ")"
	case *In:
		op := "in"
		if x.Not {
			op = "not-in"
		}
		set := setText(x.Items)
		if x.List >= 0 {
			set = unknown(x.List)
			if x.List < len(w.p.Lists) {
				set = w.p.Lists[x.List].Name
			}
		}
		return "(" + op + " " + w.expr(x.X) + " " + set + ")"
	case *TopList:
		return "(top " + w.metricName(x.Metric) + ")"
	}
	return fmt.Sprintf("?%T", x)
}

// entityField returns the name of a field of the current event's entity, after
// the entity's own name unless the two are the same.
func (w *writer) entityField(i int) string {
	if w.event == nil || w.event.Entity < 0 || w.event.Entity >= len(w.p.Entities) {
		return unknown(i)
	}
	e := w.p.Entities[w.event.Entity]
	switch {
	case i < 0 || i >= len(e.Fields):
		return e.Name + "." + unknown(i)
	case e.Fields[i].Name == e.Name || e.Fields[i].Name == "":
		return e.Name
	}
	return e.Name + "." + e.Fields[i].Name
}

func setText(items []SetItem) string {
	parts := make([]string, len(items))
	for i, it := range items {
		parts[i] = itemText(it)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func itemText(it SetItem) string {
	switch it.Type {
	case types.Net, types.IP:
		return prefixText(it.Addr, it.Bits)
	case types.MAC:
		return macText(it.MAC)
	case types.String:
		return strconv.Quote(it.Text)
	}
	if it.Lo == it.Hi {
		return strconv.FormatInt(it.Lo, 10)
	}
	return strconv.FormatInt(it.Lo, 10) + ".." + strconv.FormatInt(it.Hi, 10)
}

// constText returns a constant so that its type is seen: 5 is an int, 5.0 a
// float, 5B a size, 5s a duration, @5 a time in nanoseconds.
func constText(c Const) string {
	switch c.Type {
	case types.Bool:
		return strconv.FormatBool(c.I != 0)
	case types.Int:
		return strconv.FormatInt(c.I, 10)
	case types.Size:
		return strconv.FormatInt(c.I, 10) + "B"
	case types.Duration:
		return time.Duration(c.I).String()
	case types.Time:
		return "@" + strconv.FormatInt(c.I, 10)
	case types.Float:
		return floatText(c.F)
	case types.IP:
		return netip.AddrFrom16(c.Addr).Unmap().String()
	case types.Net:
		return prefixText(c.Addr, c.Bits)
	case types.MAC:
		return macText(c.MAC)
	case types.String:
		return strconv.Quote(c.S)
	}
	return "?" + c.Type.String()
}

func floatText(f float64) string {
	if math.IsNaN(f) {
		return "undefined"
	}
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".einf") {
		text += ".0"
	}
	return text
}

// prefixText returns a prefix: IPv4 ones, which are kept in mapped form, in their own.
func prefixText(addr [16]byte, bits int) string {
	a := netip.AddrFrom16(addr)
	switch {
	case a.Is4In6() && bits == 128, !a.Is4In6() && bits == 128:
		return a.Unmap().String()
	case a.Is4In6() && bits >= 96:
		return a.Unmap().String() + "/" + strconv.Itoa(bits-96)
	}
	return a.String() + "/" + strconv.Itoa(bits)
}

func macText(m [6]byte) string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}
