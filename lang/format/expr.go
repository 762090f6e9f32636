package format

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/types"
)

// expr returns an expression that stands where operators must bind at least as
// tightly as prec; parentheses that the tree lacks are added.
func (p *printer) expr(x ast.Expr, prec int) string {
	switch x := x.(type) {
	case *ast.Name:
		if p.opt.Canonical != nil && !p.declared[x.Name] {
			return p.opt.Canonical(x.Name)
		}
		return x.Name
	case *ast.Index:
		return x.Name.Name + p.keys(x.Keys)
	case *ast.Has:
		return "has " + x.Table.Name + p.keys(x.Keys)
	case *ast.Call:
		return x.Func.Name + "(" + strings.Join(p.exprs(x.Args), ", ") + ")"
	case *ast.Paren:
		return "(" + p.expr(x.X, 0) + ")"
	case *ast.SetLit:
		return "{" + strings.Join(p.exprs(x.Elems), ", ") + "}"
	case *ast.Unary:
		op := x.Op.String()
		if x.Op == ast.Not {
			op += " "
		}
		return parens(x.Op.Prec() < prec, op+p.expr(x.X, x.Op.Prec()))
	case *ast.Range:
		return parens(ast.PrecRange < prec, p.expr(x.Lo, ast.PrecRange)+".."+p.expr(x.Hi, ast.PrecRange+1))
	case *ast.Binary:
		return p.binary(x, prec)
	}
	return p.literal(x)
}

func (p *printer) exprs(list []ast.Expr) []string {
	var out []string
	for _, x := range list {
		out = append(out, p.expr(x, 0))
	}
	return out
}

func parens(needed bool, text string) string {
	if needed {
		return "(" + text + ")"
	}
	return text
}

// binary returns a binary expression: left operands may bind as tightly as the
// operator, right ones must bind more tightly; comparisons never chain.
func (p *printer) binary(x *ast.Binary, prec int) string {
	own := x.Op.Prec()
	left := own
	if own == ast.PrecCompare {
		left++
	}
	between := " " + x.Op.String() + " "
	if x.Op == ast.BitOr && isFlags(x.X) && isFlags(x.Y) {
		between = "|" // SYN|ACK
	}
	return parens(own < prec, p.expr(x.X, left)+between+p.expr(x.Y, own+1))
}

// isFlags reports whether x is a constant in capitals, or several joined by |.
func isFlags(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Name:
		return x.Name == strings.ToUpper(x.Name)
	case *ast.Binary:
		return x.Op == ast.BitOr && isFlags(x.X) && isFlags(x.Y)
	}
	return false
}

// literal returns a literal as it was written, or from its value when the tree
// was not made from .smon text.
func (p *printer) literal(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.IntLit:
		return orElse(x.Text, strconv.FormatInt(x.Value, 10))
	case *ast.FloatLit:
		return orElse(x.Text, floatText(x.Value))
	case *ast.BoolLit:
		return strconv.FormatBool(x.Value)
	case *ast.DurationLit:
		return orElse(x.Text, types.DurationText(x.Value))
	case *ast.SizeLit:
		return orElse(x.Text, sizeText(x.Value))
	case *ast.IPLit:
		return orElse(x.Text, x.Value.String())
	case *ast.NetLit:
		return orElse(x.Text, x.Value.String())
	case *ast.MACLit:
		m := x.Value
		return orElse(x.Text, fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]))
	case *ast.StringLit:
		return p.str(x)
	}
	return ""
}

func orElse(text, other string) string {
	if text != "" {
		return text
	}
	return other
}

// floatText returns v so that it reads as a float again.
func floatText(v float64) string {
	text := strconv.FormatFloat(v, 'g', -1, 64)
	if strings.Trim(text, "-0123456789") == "" {
		text += ".0"
	}
	return text
}

// sizeText returns v bytes in the largest unit that it is a multiple of.
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

var stringEscapes = strings.NewReplacer(
	`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`, "{", "{{", "}", "}}",
)

// str returns a string with its interpolated values formatted.
func (p *printer) str(s *ast.StringLit) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, part := range s.Parts {
		if part.Expr == nil {
			b.WriteString(stringEscapes.Replace(part.Text))
			continue
		}
		b.WriteString("{" + p.expr(part.Expr, 0))
		if part.Format != "" {
			b.WriteString(":" + part.Format)
		}
		b.WriteString("}")
	}
	b.WriteByte('"')
	return b.String()
}
