package format_test

import (
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/format"
	"github.com/streamon/streamon/lang/smon"
	"github.com/streamon/streamon/lang/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// canonical is a small stand-in for the catalogue of fields.
func canonical(name string) string {
	switch name {
	case "tcp.sport":
		return "tcp.srcport"
	case "ip_src", "src":
		return "ip.src"
	}
	return name
}

func formatText(t *testing.T, src []byte) []byte {
	t.Helper()
	f, diags := smon.Parse(source.NewFile("in.smon", src))
	if len(diags) > 0 {
		t.Fatalf("Parse: %v\n%s", diags, src)
	}
	out, err := format.Source(f, format.Options{Canonical: canonical})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Each archive holds in.smon and out.smon, its canonical form, of which the
// canonical form is itself.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out := formatText(t, ar.Files[0].Data)
			if again := formatText(t, out); string(again) != string(out) {
				t.Errorf("formatting twice gives\n%s\nonce gives\n%s", again, out)
			}
			if *update {
				ar.Files = []txtar.File{ar.Files[0], {Name: "out.smon", Data: out}}
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(ar.Files) != 2 || string(ar.Files[1].Data) != string(out) {
				t.Errorf("%s: the canonical form is now\n%s", name, out)
			}
		})
	}
}

func TestSourceRefusesBrokenTrees(t *testing.T) {
	f, _ := smon.Parse(source.NewFile("in.smon", []byte("program p metric m count")))
	if _, err := format.Source(f, format.Options{}); !errors.Is(err, format.ErrBroken) {
		t.Errorf("Source of a broken tree = %v, want %v", err, format.ErrBroken)
	}
}

// Trees that were not parsed from .smon have no spelling and no parentheses.
func TestExprWithoutSource(t *testing.T) {
	name := func(n string) ast.Expr { return &ast.Name{Name: n} }
	bin := func(x ast.Expr, op ast.Op, y ast.Expr) ast.Expr { return &ast.Binary{Op: op, X: x, Y: y} }
	a, b, c := name("a"), name("b"), name("c")
	tests := []struct {
		x    ast.Expr
		want string
	}{
		{bin(bin(a, ast.Or, b), ast.And, c), "(a or b) and c"},
		{bin(a, ast.Sub, bin(b, ast.Sub, c)), "a - (b - c)"},
		{bin(bin(a, ast.Sub, b), ast.Sub, c), "a - b - c"},
		{bin(bin(a, ast.Lt, b), ast.Eq, c), "(a < b) == c"},
		{bin(a, ast.Eq, &ast.Unary{Op: ast.Not, X: b}), "a == (not b)"},
		{&ast.Unary{Op: ast.Not, X: bin(a, ast.Eq, b)}, "not a == b"},
		{&ast.Unary{Op: ast.Not, X: bin(a, ast.And, b)}, "not (a and b)"},
		{&ast.Unary{Op: ast.Neg, X: bin(a, ast.Add, b)}, "-(a + b)"},
		{bin(name("SYN"), ast.BitOr, name("ACK")), "SYN|ACK"},
		{bin(a, ast.BitOr, b), "a | b"},
		{bin(a, ast.In, &ast.Range{Lo: bin(a, ast.Lt, b), Hi: c}), "a in (a < b)..c"},
		{&ast.IntLit{Value: 5}, "5"},
		{&ast.FloatLit{Value: 2}, "2.0"},
		{&ast.FloatLit{Value: 1e21}, "1e+21"},
		{&ast.DurationLit{Value: 90 * time.Minute}, "90m"},
		{&ast.DurationLit{Value: time.Minute}, "1m"},
		{&ast.DurationLit{Value: 1500 * time.Millisecond}, "1s500ms"},
		{&ast.DurationLit{}, "0s"},
		{&ast.SizeLit{Value: 2048}, "2KiB"},
		{&ast.SizeLit{Value: 1001}, "1001B"},
		{&ast.IPLit{Value: netip.MustParseAddr("::1")}, "::1"},
		{&ast.NetLit{Value: netip.MustParsePrefix("10.0.0.0/8")}, "10.0.0.0/8"},
		{&ast.MACLit{Value: [6]byte{0, 1, 2, 3, 4, 0xff}}, "00:01:02:03:04:ff"},
		{&ast.StringLit{Parts: []*ast.StringPart{{Text: "a\"{\n"}, {Expr: a, Format: "d"}}}, `"a\"{{\n{a:d}"`},
	}
	for _, tt := range tests {
		got := format.Expr(tt.x)
		if got != tt.want {
			t.Errorf("Expr(%T) = %q, want %q", tt.x, got, tt.want)
		}
		if _, diags := smon.Parse(source.NewFile("x", []byte("program p feature f = "+got))); len(diags) > 0 {
			t.Errorf("%q does not parse: %v", got, diags)
		}
	}
}
