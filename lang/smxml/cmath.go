package smxml

import (
	"math"
	"strconv"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// functions are those of <cmath> that the language has under some name.
var functions = map[string]string{
	"abs": "abs", "fabs": "abs", "log": "log", "log2": "log2", "exp": "exp", "sqrt": "sqrt",
	"floor": "floor", "ceil": "ceil", "min": "min", "fmin": "min", "max": "max", "fmax": "max",
}

// composed are those that are put together from others.
var composed = []string{"log10", "pow", "round", "trunc"}

// call reads the arguments of a function up to ")".
func (p *exprParser) call(t token) ast.Expr {
	var args []ast.Expr
	for !p.bad && !p.takeSign(")") {
		if len(args) > 0 && !p.takeSign(",") {
			p.unexpected(p.peek(), `"," or ")"`)
			break
		}
		args = append(args, p.binary(1))
	}
	if p.bad {
		return nil
	}
	at := p.v.span(t.from, p.toks[p.i-1].to)
	here := func(fn string, args ...ast.Expr) ast.Expr {
		return &ast.Call{Place: ast.At(at), Func: ident(fn, p.v.at(t)), Args: args}
	}
	if fn, ok := functions[t.text]; ok {
		return here(fn, args...)
	}
	float := func(v float64) ast.Expr { return &ast.FloatLit{Place: ast.At(at), Value: v} }
	var x ast.Expr
	var as string
	switch n := len(args); {
	case t.text == "log10" && n == 1:
		x, as = binary(ast.Div, at, here("log", args...), float(math.Ln10)), "log(x) / "+strconv.FormatFloat(math.Ln10, 'g', -1, 64)
	case t.text == "pow" && n == 2:
		x, as = p.power(args[0], args[1], here)
	case t.text == "round" && n == 1:
		x, as = here("floor", binary(ast.Add, at, args[0], float(0.5))), "floor(x + 0.5)"
	case t.text == "trunc" && n == 1:
		x, as = here("floor", args...), "floor(x)"
	default:
		p.unknownFunction(t, n)
		return nil
	}
	p.b.warnf(diag.Cmath, p.v.at(t), "%s is read as %s", t.text, as)
	return x
}

// power is x multiplied with itself for small whole exponents, else by logarithms.
func (p *exprParser) power(x, y ast.Expr, call func(string, ...ast.Expr) ast.Expr) (ast.Expr, string) {
	_, isName := x.(*ast.Name) // anything larger would stand there several times
	if lit, ok := y.(*ast.IntLit); ok && isName && lit.Value >= 1 && lit.Value <= 4 {
		product, text := x, "x"
		for range lit.Value - 1 {
			product, text = binary(ast.Mul, y.Span(), product, x), text+" * x"
		}
		return product, text
	}
	return call("exp", binary(ast.Mul, x.Span(), y, call("log", x))), "exp(y * log(x)), undefined for x at 0 and below"
}

func (p *exprParser) unknownFunction(t token, args int) {
	for _, known := range composed {
		if known == t.text {
			p.fail(diag.ArgumentCount, p.v.at(t), "%s does not take %d arguments", t.text, args)
			return
		}
	}
	names := append([]string(nil), p.b.tables.names...)
	names = append(names, "abs", "ceil", "exp", "floor", "log", "log10", "log2", "max", "min", "pow", "round", "sqrt")
	d := p.fail(diag.UnknownFunction, p.v.at(t), "unknown table or function %q", t.text).Suggest(p.b.near(t.text, names))
	if p.b.metrics.byName[t.text] != nil {
		d.Hintf("%q is a metric: its keys stand in <use-metric>", t.text)
	}
}
