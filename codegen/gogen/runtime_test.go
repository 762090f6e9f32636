package gogen

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// exported returns the names that the package-level declarations of a runtime
// package export.
func exported(t *testing.T, pkg string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, _ := filepath.Glob("../../runtime/" + pkg + "/*.go")
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					names[d.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						names[s.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range s.Names {
							names[n.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}

// TestRuntimeNames checks that every name of a runtime package that stands in
// this package as a string exists: generated code compiles only by what the
// goldens happen to use.
func TestRuntimeNames(t *testing.T) {
	have := map[string]map[string]bool{}
	for _, pkg := range runtimePackages {
		have[pkg] = exported(t, pkg)
		if len(have[pkg]) == 0 {
			t.Errorf("no package runtime/%s", pkg)
		}
	}
	checked := 0
	check := func(where, pkg, name string) {
		checked++
		if !have[pkg][name] {
			t.Errorf("%s: runtime/%s has no %s", where, pkg, name)
		}
	}
	files, _ := filepath.Glob("*.go")
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			where := fset.Position(c.Pos()).String()
			id, _ := c.Fun.(*ast.Ident)
			switch {
			case id == nil:
			case id.Name == "rt" && literal(c, 0) != "" && literal(c, 1) != "":
				check(where, literal(c, 0), literal(c, 1))
			case (id.Name == "program" || id.Name == "call") && literal(c, 0) != "":
				check(where, "program", literal(c, 0))
			}
			return true
		})
	}
	for _, l := range layerNames {
		check("layerNames", "packet", l)
	}
	for _, l := range flagBits {
		check("flagBits", "packet", l)
	}
	for _, l := range levelNames {
		check("levelNames", "program", l)
	}
	for _, l := range valueNames {
		check("valueNames", "program", l)
	}
	for _, m := range monitorMakers {
		check("monitorMakers", m[0], m[1])
		check("monitorMakers", "metric", m[2])
	}
	for _, n := range []string{"Bloom", "CBF", "TBF", "TEWMA", "DLeft", "HLL", "TopK"} {
		check("spec", "metric", n)
	}
	for _, n := range append(oddNames[1:], "OfIP", "OfMAC", "OfBool", "OfString", "OfInt", "OfText") {
		check("key", "flow", n)
	}
	for _, n := range []string{"AlertRecord", "LogRecord", "PublishRecord", "ExecRecord", "Arg"} {
		check("emitRecord", "program", n)
	}
	if checked < 100 {
		t.Errorf("only %d names were found: the test no longer sees them", checked)
	}
}

func literal(c *ast.CallExpr, i int) string {
	if i >= len(c.Args) {
		return ""
	}
	l, ok := c.Args[i].(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	return strings.Trim(l.Value, `"`)
}
