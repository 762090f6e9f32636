package main

import (
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/format"
)

// trigger writes when an event happens: packet where udp for host = ip.src.
func trigger(d *ast.EventDecl) string {
	switch t := d.Trigger.(type) {
	case *ast.PacketTrigger:
		text := packetsWhere(*condition(d))
		if t.For != nil {
			text += " for " + t.For.Entity.Name + " = " + exprs(t.For.Key.Parts)
		}
		return text
	case *ast.TimeoutTrigger:
		return "timeout for " + t.Entity.Name
	case *ast.EveryTrigger:
		return "every " + format.Expr(t.Period)
	}
	return ""
}

// condition writes which packets an event accepts, "" for all; nil if it is of no packet.
func condition(d *ast.EventDecl) *string {
	t, ok := d.Trigger.(*ast.PacketTrigger)
	if !ok {
		return nil
	}
	text := ""
	if t.Where != nil {
		text = format.Expr(t.Where)
	}
	return &text
}

func packetsWhere(condition string) string {
	if condition == "" {
		return "packet"
	}
	return "packet where " + condition
}

// exprs writes a key: one value, or several in parentheses.
func exprs(list []ast.Expr) string {
	var out []string
	for _, x := range list {
		out = append(out, format.Expr(x))
	}
	if len(out) == 1 {
		return out[0]
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// keysOf lists the keys that the handlers of an event hash, that of its entity first.
func keysOf(p *check.Program, e *check.Event) (list []string) {
	add := func(key []ast.Expr) {
		if len(key) > 0 {
			text := exprs(key)
			if isEntity := e.Entity != nil && text == e.Entity.Name; !isEntity && !slices.Contains(list, text) {
				list = append(list, text)
			}
		}
	}
	if t, ok := e.Decl.Trigger.(*ast.PacketTrigger); ok && t.For != nil {
		add(t.For.Key.Parts)
	}
	for _, h := range p.Handlers {
		if !slices.Contains(h.Events, e) {
			continue
		}
		ast.Walk(h.Decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.MetricOp:
				add(n.Keys)
				if n.New != nil {
					add(n.New.Parts)
				}
			case *ast.Index:
				add(n.Keys)
			case *ast.Has:
				add(n.Keys)
			case *ast.AssignAction:
				add(n.Keys)
			case *ast.DeleteAction:
				add(n.Keys)
			case *ast.ResetAction:
				add(n.Keys)
			}
			return true
		})
	}
	return list
}
