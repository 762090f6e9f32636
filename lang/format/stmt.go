package format

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
)

// maxInline is how many actions may share a line.
const maxInline = 2

// handler writes a handler; one statement stays on its line.
func (p *printer) handler(n *ast.Handler, limit int) {
	head := "on " + idents(n.Events)
	text := head + " {}"
	if len(n.Body) == 1 {
		text = head + " { " + p.stmtText(n.Body[0]) + " }"
	}
	if len(n.Body) <= 1 && p.fits(text) && !p.commentWithin(n) {
		p.cells(n, "on", limit, head, strings.TrimPrefix(text, head+" "))
		return
	}
	block(p, n, head, n.Body, p.stmt, limit)
}

// stmt writes a statement; many or long actions get a line each.
func (p *printer) stmt(n ast.Stmt, limit int) {
	head, actions := p.condition(n)
	text := p.stmtText(n)
	if len(actions) == 0 || len(actions) <= maxInline && p.fits(text) && !p.commentWithin(n) {
		p.leaf(n, text, limit)
		return
	}
	block(p, n, head, actions, func(a ast.Action, limit int) {
		p.leaf(a, p.action(a), limit)
	}, limit)
}

// condition returns what stands before the actions of a statement, and them.
func (p *printer) condition(n ast.Stmt) (head string, actions []ast.Action) {
	var to *ast.Ident
	switch n := n.(type) {
	case *ast.When:
		head, to, actions = "when "+p.expr(n.Cond, 0), n.To, n.Actions
	case *ast.Otherwise:
		head, to, actions = "otherwise", n.To, n.Actions
	case *ast.Always:
		return "always", n.Actions
	}
	if to != nil {
		head += " -> " + to.Name
	}
	return head, actions
}

// stmtText returns a statement on one line.
func (p *printer) stmtText(n ast.Stmt) string {
	if a, ok := n.(ast.Action); ok {
		return p.action(a)
	}
	head, actions := p.condition(n)
	if len(actions) == 0 {
		if _, ok := n.(*ast.Always); ok {
			return head + " {}"
		}
		return head
	}
	var list []string
	for _, a := range actions {
		list = append(list, p.action(a))
	}
	return head + " { " + strings.Join(list, "  ") + " }"
}

// action returns an action on one line.
func (p *printer) action(n ast.Action) string {
	switch n := n.(type) {
	case *ast.OpAction:
		var ops []string
		for _, op := range n.Ops {
			ops = append(ops, p.op(op))
		}
		return n.Verb + " " + strings.Join(ops, ", ")
	case *ast.ResetAction:
		return "reset " + n.Metric.Name + p.keys(n.Keys)
	case *ast.AssignAction:
		return n.Table.Name + p.keys(n.Keys) + " = " + p.expr(n.Value, 0)
	case *ast.DeleteAction:
		return "delete " + n.Table.Name + p.keys(n.Keys)
	case *ast.AlertAction:
		if n.Level != nil {
			return "alert " + n.Level.Name + " " + p.str(n.Text)
		}
		return "alert " + p.str(n.Text)
	case *ast.LogAction:
		return "log " + p.str(n.Text)
	case *ast.PublishAction:
		if n.Text != nil {
			return "publish " + n.Topic.Name + " " + p.str(n.Text)
		}
		return "publish " + n.Topic.Name + " {" + strings.Join(p.args(n.Fields), ", ") + "}"
	case *ast.DropAction:
		return "drop"
	case *ast.BlockAction:
		return "block " + p.expr(n.Field, 0) + " for " + p.expr(n.For, 0)
	case *ast.CaptureAction:
		return "capture"
	case *ast.ExecAction:
		words := []string{"exec"}
		for _, a := range n.Args {
			words = append(words, p.str(a))
		}
		return strings.Join(words, " ")
	case *ast.StartAction:
		text := "start " + n.Event.Name
		if n.Every != nil {
			text += " every " + p.expr(n.Every, 0)
		} else {
			text += " after " + p.expr(n.After, 0)
		}
		if n.Keep {
			text += " keep"
		}
		return text
	case *ast.StopAction:
		return "stop " + n.Event.Name
	}
	return ""
}

func (p *printer) op(n *ast.MetricOp) string {
	text := n.Metric.Name + p.keys(n.Keys)
	if n.New != nil {
		text += " new (" + strings.Join(p.exprs(n.New.Parts), ", ") + ")"
	}
	if n.By != nil {
		text += " by " + p.expr(n.By, 0)
	}
	return text
}

// keys returns "[a, b]", or "" without any.
func (p *printer) keys(list []ast.Expr) string {
	if len(list) == 0 {
		return ""
	}
	return "[" + strings.Join(p.exprs(list), ", ") + "]"
}

// key returns a key: one part bare, several in parentheses. One part that
// itself begins with a parenthesis needs a pair around it.
func (p *printer) key(n *ast.Key) string {
	text := strings.Join(p.exprs(n.Parts), ", ")
	if len(n.Parts) > 1 || strings.HasPrefix(text, "(") {
		return "(" + text + ")"
	}
	return text
}
