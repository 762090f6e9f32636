package smon

import (
	"fmt"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// parseOne parses text as the value of a feature.
func parseOne(text string) (ast.Expr, diag.List) {
	f, diags := parse("program p feature f = " + text)
	if len(f.Decls) != 1 {
		return nil, diags
	}
	return f.Decls[0].(*ast.FeatureDecl).Value, diags
}

// nested writes an expression with its structure in brackets.
func nested(x ast.Expr) string {
	list := func(xs []ast.Expr) string {
		var out []string
		for _, x := range xs {
			out = append(out, nested(x))
		}
		return strings.Join(out, " ")
	}
	switch x := x.(type) {
	case *ast.Name:
		return x.Name
	case *ast.IntLit:
		return x.Text
	case *ast.BoolLit:
		return fmt.Sprint(x.Value)
	case *ast.Unary:
		return "[" + x.Op.String() + " " + nested(x.X) + "]"
	case *ast.Binary:
		return "[" + nested(x.X) + " " + x.Op.String() + " " + nested(x.Y) + "]"
	case *ast.Range:
		return "[" + nested(x.Lo) + ".." + nested(x.Hi) + "]"
	case *ast.Paren:
		return "(" + nested(x.X) + ")"
	case *ast.SetLit:
		return "{" + list(x.Elems) + "}"
	case *ast.Index:
		return "[" + x.Name.Name + " at " + list(x.Keys) + "]"
	case *ast.Has:
		return "[has " + x.Table.Name + " at " + list(x.Keys) + "]"
	case *ast.Call:
		return "[call " + x.Func.Name + " " + list(x.Args) + "]"
	}
	return fmt.Sprintf("%T", x)
}

func TestPrecedence(t *testing.T) {
	tests := []struct{ src, want string }{
		{"a or b and c", "[a or [b and c]]"},
		{"a and b or c", "[[a and b] or c]"},
		{"a || b && !c", "[a or [b and [not c]]]"},
		{"not a and b", "[[not a] and b]"},
		{"not a == b", "[not [a == b]]"},
		{"not not a", "[not [not a]]"},
		{"a and not b in c", "[a and [not [b in c]]]"},
		{"a not in {1, 2}", "[a not in {1 2}]"},
		{"a in 1..5", "[a in [1..5]]"},
		{"a in {1..5|6, -1..2}", "{"}, // filled below
		{"a contains b or c", "[[a contains b] or c]"},
		{"f & (S|A) == S", "[[f & ([S | A])] == S]"},
		{"f == S|A", "[f == [S | A]]"},
		{"a | b ^ c & d", "[a | [b ^ [c & d]]]"},
		{"a & b << c + d", "[a & [b << [c + d]]]"},
		{"a << b << c", "[[a << b] << c]"},
		{"a - b - c", "[[a - b] - c]"},
		{"a + b * c % d / e", "[a + [[[b * c] % d] / e]]"},
		{"-a * ~b", "[[- a] * [~ b]]"},
		{"- -a", "[- [- a]]"},
		{"a - -b", "[a - [- b]]"},
		{"-t[a] + f(b)", "[[- [t at a]] + [call f b]]"},
		{"has t[a, b] and c", "[[has t at a b] and c]"},
		{"has + 1", "[has + 1]"},
		{"(a or b) and c", "[([a or b]) and c]"},
		{"a < b and b < c", "[[a < b] and [b < c]]"},
		{"f(a)(b)", ""}, // an error
		{"f() + 1", "[[call f ] + 1]"},
		{"true and false", "[true and false]"},
		{"x in {}", "[x in {}]"},
		{"a > b == c", ""},
		{"1 + not a", ""},
		{"a not b", ""},
	}
	tests[9].want = "[a in {[1..[5 | 6]] [[- 1]..2]}]"
	for _, tt := range tests {
		x, diags := parseOne(tt.src)
		switch {
		case tt.want == "" && len(diags) == 0:
			t.Errorf("parse(%q) = %s, want an error", tt.src, nested(x))
		case tt.want != "" && (len(diags) > 0 || nested(x) != tt.want):
			t.Errorf("parse(%q) = %s, %v, want %s", tt.src, nested(x), diags, tt.want)
		}
	}
}

func TestLiterals(t *testing.T) {
	tests := []struct{ src, want string }{
		{"0", "int 0"}, {"65_536", "int 65536"}, {"0x1F", "int 31"}, {"0xff_ff", "int 65535"},
		{"9223372036854775807", "int 9223372036854775807"},
		{"0.25", "float 0.25"}, {"1e6", "float 1e+06"}, {"2.5e-3", "float 0.0025"}, {"1_0.5", "float 10.5"},
		{"60s", "duration 1m0s"}, {"10m", "duration 10m0s"}, {"1h30m", "duration 1h30m0s"}, {"500ms", "duration 500ms"},
		{"2d", "duration 48h0m0s"}, {"1w", "duration 168h0m0s"}, {"1.5s", "duration 1.5s"}, {"3us", "duration 3µs"}, {"7ns", "duration 7ns"},
		{"0.1s", "duration 100ms"},
		{"1MB", "size 1000000"}, {"10KB", "size 10000"}, {"1GiB", "size 1073741824"}, {"5B", "size 5"}, {"1.5kb", "size 1500"}, {"2TiB", "size 2199023255552"},
		{"10.0.0.1", "ip 10.0.0.1"}, {"2001:db8::1", "ip 2001:db8::1"}, {"::1", "ip ::1"}, {"::", "ip ::"}, {"fe80::", "ip fe80::"},
		{"::ffff:10.0.0.1", "ip ::ffff:10.0.0.1"}, {"1:2:3:4:5:6:7:8", "ip 1:2:3:4:5:6:7:8"}, {"abcd::ef", "ip abcd::ef"},
		{"10.0.0.0/8", "net 10.0.0.0/8"}, {"2001:db8::/32", "net 2001:db8::/32"}, {"::/0", "net ::/0"},
		{"00:11:22:33:44:55", "mac 001122334455"}, {"aa:bb:cc:dd:ee:ff", "mac aabbccddeeff"},
		{`"a\"b\n\t\\{{}}"`, `string "a\"b\n\t\\{}"`}, {`""`, `string ""`}, {`"ä}"`, `string "ä}"`},
		{"true", "bool true"},
		{"ip.len", "name ip.len"}, {"frame.time", "name frame.time"}, {"dns.qry.name", "name dns.qry.name"}, {"x.in.not", "name x.in.not"}, {"_a1", "name _a1"},
		{"abc", "name abc"}, {"e1", "name e1"}, {"fade", "name fade"},
	}
	for _, tt := range tests {
		x, diags := parseOne(tt.src)
		if got := literalText(x); got != tt.want || len(diags) > 0 {
			t.Errorf("parse(%q) = %s, %v, want %s", tt.src, got, diags, tt.want)
		}
		if x != nil && x.Span().Len() != len(tt.src) {
			t.Errorf("parse(%q) spans %d bytes, want %d", tt.src, x.Span().Len(), len(tt.src))
		}
	}
}

func literalText(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.IntLit:
		return fmt.Sprint("int ", x.Value)
	case *ast.FloatLit:
		return fmt.Sprint("float ", x.Value)
	case *ast.DurationLit:
		return fmt.Sprint("duration ", x.Value)
	case *ast.SizeLit:
		return fmt.Sprint("size ", x.Value)
	case *ast.IPLit:
		return fmt.Sprint("ip ", x.Value)
	case *ast.NetLit:
		return fmt.Sprint("net ", x.Value)
	case *ast.MACLit:
		return fmt.Sprintf("mac %x", x.Value)
	case *ast.BoolLit:
		return fmt.Sprint("bool ", x.Value)
	case *ast.Name:
		return "name " + x.Name
	case *ast.StringLit:
		text, ok := x.Text()
		return fmt.Sprintf("string %q", text) + map[bool]string{true: "", false: " with values"}[ok]
	}
	return fmt.Sprintf("%T", x)
}

// Ranges of every kind of literal are cut at the two points.
func TestRanges(t *testing.T) {
	for _, src := range []string{"20..25", "1.5..2.5", "10.0.0.1..10.0.0.9", "::1..::9", "fe80::..fe80::9", "a..b", "ip.src..x", "1s..2s", "1MB..2MB"} {
		x, diags := parseOne(src)
		lo, hi, _ := strings.Cut(src, "..")
		r, ok := x.(*ast.Range)
		if !ok || len(diags) > 0 || r.Lo.Span().Len() != len(lo) || r.Hi.Span().Len() != len(hi) {
			t.Errorf("parse(%q) = %T, %v, want a range of %s and %s", src, x, diags, lo, hi)
		}
	}
}

// Every part of a string has the span of its own text, in columns of runes.
func TestInterpolationSpans(t *testing.T) {
	src := "program p on e { log \"ä {host} {{x}} {a[b] + 1:.2f}{in_use:d}\\n{fe80::1:x}\" }"
	f, diags := parse(src)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	lit := f.Decls[0].(*ast.Handler).Body[0].(*ast.LogAction).Text
	var got []string
	for _, p := range lit.Parts {
		span := p.Span()
		line := fmt.Sprintf("%d-%d %q", span.Start.Column, span.End.Column, src[span.Start.Offset:span.End.Offset])
		if p.Expr != nil {
			e := p.Expr.Span()
			line += fmt.Sprintf(" expr %d %q format %q", e.Start.Column, src[e.Start.Offset:e.End.Offset], p.Format)
		} else {
			line += fmt.Sprintf(" text %q", p.Text)
		}
		got = append(got, line)
	}
	want := []string{
		`23-25 "ä " text "ä "`,
		`25-31 "{host}" expr 26 "host" format ""`,
		`31-38 " {{x}} " text " {x} "`,
		`38-52 "{a[b] + 1:.2f}" expr 39 "a[b] + 1" format ".2f"`,
		`52-62 "{in_use:d}" expr 53 "in_use" format "d"`,
		`62-64 "\\n" text "\n"`,
		`64-75 "{fe80::1:x}" expr 65 "fe80::1" format "x"`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("parts are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
