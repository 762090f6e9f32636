package ast_test

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/smon"
	"github.com/streamon/streamon/lang/source"
)

func allConstructs(t *testing.T) *ast.File {
	ar, err := txtar.ParseFile("../smon/testdata/all.txtar")
	if err != nil {
		t.Fatal(err)
	}
	f, diags := smon.Parse(source.NewFile("all.smon", ar.Files[0].Data))
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	f.Comments = nil // Dump shows them, Walk leaves them out
	return f
}

// Walk is written out by hand and Dump finds fields by reflection: both must
// meet the same nodes in the same order.
func TestWalkMeetsWhatDumpMeets(t *testing.T) {
	f := allConstructs(t)
	var dump strings.Builder
	if err := ast.Dump(&dump, f); err != nil {
		t.Fatal(err)
	}
	var walked []string
	ast.Walk(f, func(n ast.Node) bool {
		var b strings.Builder
		if err := ast.Dump(&b, n); err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(b.String(), "\n")
		walked = append(walked, first)
		return true
	})
	lines := strings.Split(strings.TrimSpace(dump.String()), "\n")
	if len(lines) != len(walked) {
		t.Errorf("Dump shows %d nodes, Walk meets %d", len(lines), len(walked))
	}
	for i := range min(len(lines), len(walked)) {
		if !strings.HasSuffix(strings.TrimSpace(lines[i]), walked[i]) {
			t.Fatalf("node %d: Dump shows %q, Walk meets %q", i, lines[i], walked[i])
		}
	}
}

// Every node lies within the one above it and has a length.
func TestSpansNest(t *testing.T) {
	var check func(parent ast.Node)
	check = func(parent ast.Node) {
		for _, c := range ast.Children(parent) {
			p, s := parent.Span(), c.Span()
			if s.Len() <= 0 || s.Start.Offset < p.Start.Offset || s.End.Offset > p.End.Offset {
				t.Errorf("%T at %v to %v does not lie in %T at %v to %v", c, s.Start, s.End, parent, p.Start, p.End)
			}
			check(c)
		}
	}
	check(allConstructs(t))
}

func TestWalkStops(t *testing.T) {
	n := 0
	ast.Walk(allConstructs(t), func(ast.Node) bool { n++; return false })
	if n != 1 {
		t.Errorf("Walk met %d nodes, want 1", n)
	}
	ast.Walk(nil, func(ast.Node) bool { t.Error("Walk(nil) calls"); return true })
}

func TestOps(t *testing.T) {
	seen := map[string]bool{}
	for op := ast.Or; op.String() != "?"; op++ {
		name := op.String()
		if name == "" || seen[name] && op != ast.Neg {
			t.Errorf("operator %d has the name %q, which is empty or another's", int(op), name)
		}
		seen[name] = true
		if op.Prec() == 0 {
			t.Errorf("%v.Prec() = 0", op)
		}
	}
	if !seen["~"] || len(seen) < 20 {
		t.Errorf("only %d operators have names", len(seen))
	}
}
