package ast

// Walk calls f for n and then, when f returns true, for all below n, in source
// order. A nil n is skipped.
func Walk(n Node, f func(Node) bool) {
	if n == nil || !f(n) {
		return
	}
	eachChild(n, func(c Node) { Walk(c, f) })
}

// Children returns the nodes directly below n in source order.
func Children(n Node) []Node {
	var list []Node
	eachChild(n, func(c Node) { list = append(list, c) })
	return list
}

// eachChild calls f for every node directly below n.
func eachChild(n Node, f func(Node)) {
	switch n := n.(type) {
	case *File:
		one(f, n.Program)
		many(f, n.Decls)
	case *ProgramDecl:
		one(f, n.Name)
		one(f, n.Doc)
	case *ParamDecl:
		one(f, n.Name)
		expr(f, n.Value)
	case *ListDecl:
		one(f, n.Name)
		one(f, n.Set)
		one(f, n.File)
	case *FileRef:
		one(f, n.Path)
	case *Arg:
		one(f, n.Name)
		expr(f, n.Value)
	case *EntityDecl:
		one(f, n.Name)
		many(f, n.Fields)
		many(f, n.Options)
	case *EntityField:
		one(f, n.Name)
		one(f, n.Type)
	case *MetricDecl:
		one(f, n.Name)
		many(f, n.Parts)
	case *MetricPart:
		one(f, n.Kind)
		many(f, n.Args)
	case *TableDecl:
		one(f, n.Name)
		many(f, n.Keys)
		one(f, n.Type)
		many(f, n.Options)
	case *FeatureDecl:
		one(f, n.Name)
		expr(f, n.Value)
	case *EventDecl:
		one(f, n.Name)
		if n.Trigger != nil {
			f(n.Trigger)
		}
	case *PacketTrigger:
		expr(f, n.Where)
		one(f, n.For)
	case *Binding:
		one(f, n.Entity)
		one(f, n.Key)
	case *Key:
		many(f, n.Parts)
	case *TimeoutTrigger:
		one(f, n.Entity)
	case *EveryTrigger:
		expr(f, n.Period)
	case *InDecl:
		many(f, n.States)
		many(f, n.Handlers)
	case *StateDecl:
		one(f, n.Name)
		expr(f, n.For)
		one(f, n.Then)
		one(f, n.Level)
		one(f, n.Code)
		one(f, n.Doc)
		many(f, n.Handlers)
	case Stmt:
		eachStmtChild(n, f)
	case *MetricOp:
		one(f, n.Metric)
		many(f, n.Keys)
		one(f, n.New)
		expr(f, n.By)
	case *Handler:
		many(f, n.Events)
		many(f, n.Body)
	case Expr:
		eachExprChild(n, f)
	case *StringPart:
		expr(f, n.Expr)
	}
}

func eachStmtChild(n Stmt, f func(Node)) {
	switch n := n.(type) {
	case *When:
		expr(f, n.Cond)
		one(f, n.To)
		many(f, n.Actions)
	case *Otherwise:
		one(f, n.To)
		many(f, n.Actions)
	case *Always:
		many(f, n.Actions)
	case *OpAction:
		many(f, n.Ops)
	case *ResetAction:
		one(f, n.Metric)
		many(f, n.Keys)
	case *AssignAction:
		one(f, n.Table)
		many(f, n.Keys)
		expr(f, n.Value)
	case *DeleteAction:
		one(f, n.Table)
		many(f, n.Keys)
	case *AlertAction:
		one(f, n.Level)
		one(f, n.Text)
	case *LogAction:
		one(f, n.Text)
	case *PublishAction:
		one(f, n.Topic)
		one(f, n.Text)
		many(f, n.Fields)
	case *BlockAction:
		expr(f, n.Field)
		expr(f, n.For)
	case *ExecAction:
		many(f, n.Args)
	case *StartAction:
		one(f, n.Event)
		expr(f, n.After)
		expr(f, n.Every)
	case *StopAction:
		one(f, n.Event)
	}
}

func eachExprChild(n Expr, f func(Node)) {
	switch n := n.(type) {
	case *Index:
		one(f, n.Name)
		many(f, n.Keys)
	case *Has:
		one(f, n.Table)
		many(f, n.Keys)
	case *Call:
		one(f, n.Func)
		many(f, n.Args)
	case *Unary:
		expr(f, n.X)
	case *Binary:
		expr(f, n.X)
		expr(f, n.Y)
	case *Range:
		expr(f, n.Lo)
		expr(f, n.Hi)
	case *Paren:
		expr(f, n.X)
	case *SetLit:
		many(f, n.Elems)
	case *StringLit:
		many(f, n.Parts)
	}
}

// one calls f unless n is a nil pointer.
func one[T any, P interface {
	*T
	Node
}](f func(Node), n P) {
	if n != nil {
		f(n)
	}
}

func expr(f func(Node), n Expr) {
	if n != nil {
		f(n)
	}
}

func many[N Node](f func(Node), list []N) {
	for _, n := range list {
		f(n)
	}
}
