package lower

import (
	"fmt"
	"strings"

	"github.com/streamon/streamon/codegen/ir"
)

// keyText is the text of a key, by which equal reads are found.
func keyText(key []ir.Expr) string {
	parts := make([]string, len(key))
	for i, x := range key {
		parts[i] = exprText(x)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// exprText is equal for expressions that have the same value in one scope.
func exprText(x ir.Expr) string {
	switch x := x.(type) {
	case *ir.Lit:
		return fmt.Sprintf("%v", x.Const)
	case *ir.ParamRef:
		return fmt.Sprintf("$%d", x.Param)
	case *ir.Field:
		return x.Name
	case *ir.HasLayer:
		return "layer " + x.Layer
	case *ir.LocalRef:
		return fmt.Sprintf("%%%d", x.Local.ID)
	case *ir.EntityField:
		return fmt.Sprintf("@%d", x.Index)
	case *ir.Unary:
		return fmt.Sprintf("(%s %s)", x.Op, exprText(x.X))
	case *ir.Binary:
		return fmt.Sprintf("(%s %s %s)", x.Op, exprText(x.X), exprText(x.Y))
	case *ir.Convert:
		return fmt.Sprintf("(%s %s)", x.T, exprText(x.X))
	case *ir.Call:
		return fmt.Sprintf("(%s %s)", x.Func, keyText(x.Args))
	case *ir.In:
		return fmt.Sprintf("(in %s %d %v %v)", exprText(x.X), x.List, x.Items, x.Not)
	}
	return fmt.Sprintf("%p", x)
}
