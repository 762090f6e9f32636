package graph

import (
	"strings"

	"github.com/streamon/streamon/codegen/graph/draw"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/format"
)

// target returns the state that a statement leads to, or nil.
func target(st ast.Stmt) *ast.Ident {
	switch st := st.(type) {
	case *ast.When:
		return st.To
	case *ast.Otherwise:
		return st.To
	}
	return nil
}

// guard returns the condition of a statement; isFirst says whether no condition
// comes before an otherwise, which then is none.
func guard(st ast.Stmt, isFirst func(*ast.Otherwise) bool) string {
	switch st := st.(type) {
	case *ast.When:
		return format.Expr(st.Cond)
	case *ast.Otherwise:
		if !isFirst(st) {
			return draw.Otherwise
		}
	}
	return ""
}

// placeOf is where a node stands.
func placeOf(n ast.Node) []draw.Place {
	at := n.Span().Start
	return []draw.Place{{Line: at.Line, Column: at.Column}}
}

// actions returns what a statement does.
func actions(st ast.Stmt) (list []draw.Action) {
	var nodes []ast.Action
	switch st := st.(type) {
	case *ast.When:
		nodes = st.Actions
	case *ast.Otherwise:
		nodes = st.Actions
	case *ast.Always:
		nodes = st.Actions
	case ast.Action:
		nodes = []ast.Action{st}
	}
	var text format.Parts
	for _, n := range nodes {
		short, keeps := short(n)
		list = append(list, draw.Action{Short: short, Full: text.Action(n), Keeps: keeps})
	}
	return list
}

// rules returns what a handler does without a transition: one rule for each
// condition, and one for all that is done always.
func rules(h *check.Handler, names []string, isFirst func(*ast.Otherwise) bool) (list []*draw.Rule) {
	always := &draw.Rule{Events: names}
	for _, st := range h.Decl.Body {
		if target(st) != nil {
			continue
		}
		switch st.(type) {
		case *ast.When, *ast.Otherwise:
			list = append(list, &draw.Rule{Events: names, Guard: guard(st, isFirst), Actions: actions(st), Places: placeOf(st)})
		default:
			always.Actions = append(always.Actions, actions(st)...)
		}
	}
	if len(always.Actions) > 0 {
		list = append(list, always)
	}
	return list
}

// short returns an action in a few words, and whether it only keeps the books.
func short(a ast.Action) (text string, keeps bool) {
	switch a := a.(type) {
	case *ast.OpAction:
		if a.Verb == "get" {
			return "", true
		}
		text = "set "
		for i, op := range a.Ops {
			if i > 0 {
				text += ", "
			}
			text += op.Metric.Name
		}
		return text, true
	case *ast.ResetAction:
		return "reset " + a.Metric.Name, true
	case *ast.AssignAction:
		return "set " + a.Table.Name, true
	case *ast.DeleteAction:
		return "delete " + a.Table.Name, true
	case *ast.AlertAction:
		if a.Level == nil {
			return "alert", false
		}
		return "alert " + a.Level.Name, false
	case *ast.LogAction:
		return "log", false
	case *ast.PublishAction:
		return "publish " + a.Topic.Name, false
	case *ast.DropAction:
		return "drop", false
	case *ast.BlockAction:
		return "block " + format.Expr(a.Field), false
	case *ast.CaptureAction:
		return "capture", false
	case *ast.ExecAction:
		if len(a.Args) == 0 {
			return "exec", false
		}
		return "exec " + strings.Trim(a.Args[0].Raw, `"`), false
	case *ast.StartAction:
		if a.Every != nil {
			return "start " + a.Event.Name + " every " + format.Expr(a.Every), false
		}
		return "start " + a.Event.Name + " after " + format.Expr(a.After), false
	case *ast.StopAction:
		return "stop " + a.Event.Name, false
	}
	return "", true
}
