package check

import (
	"testing"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/types"
)

func TestOperate(t *testing.T) {
	const none = types.Invalid
	for _, c := range []struct {
		op           ast.Op
		x, y         types.Type
		ox, oy, want types.Type
	}{
		{ast.Add, types.Int, types.Int, types.Int, types.Int, types.Int},
		{ast.Add, types.Int, types.Float, types.Float, types.Float, types.Float},
		{ast.Add, types.Size, types.Int, types.Int, types.Int, types.Int},
		{ast.Add, types.Size, types.Size, types.Size, types.Size, types.Size},
		{ast.Add, types.Size, types.Duration, none, none, none},
		{ast.Add, types.Time, types.Duration, types.Time, types.Duration, types.Time},
		{ast.Sub, types.Time, types.Time, types.Time, types.Time, types.Duration},
		{ast.Add, types.Time, types.Time, none, none, none},
		{ast.Mul, types.Duration, types.Int, types.Duration, types.Int, types.Duration},
		{ast.Mul, types.Duration, types.Duration, none, none, none},
		{ast.Div, types.Int, types.Int, types.Float, types.Float, types.Float},
		{ast.Div, types.Duration, types.Duration, types.Float, types.Float, types.Float},
		{ast.Div, types.Duration, types.Float, types.Duration, types.Float, types.Duration},
		{ast.Div, types.Int, types.Duration, none, none, none},
		{ast.Mod, types.Float, types.Int, none, none, none},
		{ast.Gt, types.Duration, types.Int, none, none, none},
		{ast.Gt, types.IP, types.IP, none, none, none},
		{ast.Eq, types.IP, types.IP, types.IP, types.IP, types.Bool},
		{ast.Eq, types.Net, types.Net, none, none, none},
		{ast.Eq, types.Bool, types.Int, types.Int, types.Int, types.Bool},
		{ast.BitAnd, types.Bool, types.Bool, none, none, none},
		{ast.BitAnd, types.Int, types.Size, types.Int, types.Int, types.Int},
		{ast.And, types.Bool, types.Bool, types.Bool, types.Bool, types.Bool},
		{ast.And, types.Bool, types.Int, none, none, none},
		{ast.Contains, types.String, types.String, types.String, types.String, types.Bool},
	} {
		if got := Operate(c.op, c.x, c.y); got != (Operation{c.ox, c.oy, c.want}) {
			t.Errorf("Operate(%v, %v, %v) = %v, want %v", c.op, c.x, c.y, got, Operation{c.ox, c.oy, c.want})
		}
	}
}

// TestFold folds the values of parameters.
func TestFold(t *testing.T) {
	for text, want := range map[string]types.Const{
		"2 + 3 * 4":                           types.IntConst(14),
		"-(SYN|ACK) & 0xff":                   types.IntConst(0xee),
		"1 << 40":                             types.IntConst(1 << 40),
		"7 % 4":                               types.IntConst(3),
		"10 / 4":                              types.FloatConst(2.5),
		"2 * 0.5":                             types.FloatConst(1),
		"2 * 60s":                             {Type: types.Duration, I: 120e9},
		"1h / 1m":                             types.FloatConst(60),
		"90s / 2":                             {Type: types.Duration, I: 45e9},
		"1.5 * 10s":                           {Type: types.Duration, I: 15e9},
		"1KB + 1KB":                           {Type: types.Size, I: 2000},
		"1KB + 1":                             types.IntConst(1001),
		"not (3 < 2)":                         types.BoolConst(true),
		"1 < 2 and 2.0 == 2":                  types.BoolConst(true),
		"9007199254740993 > 9007199254740992": types.BoolConst(true),
		`"a{{b"`:                              {Type: types.String, S: "a{b"},
	} {
		p, diags := run("p.smon", "program p\nparam x = "+text+"\nevent e: packet\non e { log \"{x}\" }\n")
		if len(diags) > 0 || len(p.Params) != 1 || p.Params[0].Value != want {
			t.Errorf("the value of %s = %+v, %v, want %+v", text, p.Params[0].Value, diags, want)
		}
	}
	for _, text := range []string{"9223372036854775807 + 1", "9223372036854775807 * 2", "1 / 0", "1 << 64", "200000d * 1e9"} {
		if _, diags := run("p.smon", "program p\nparam x = "+text+"\n"); !diags.HasErrors() {
			t.Errorf("%s has a value", text)
		}
	}
}
