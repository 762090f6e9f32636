package smon

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func parse(src string) (*ast.File, diag.List) {
	return Parse(source.NewFile("t.smon", []byte(src)))
}

func TestGoldenGrammar(t *testing.T) {
	golden(t, "grammar.ebnf", Grammar())
}

// golden compares got with a file, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; with -update it becomes\n%s", path, got)
	}
}

// Each archive in testdata holds in.smon, or names a shared program in its
// comment, and out/ast, the dump of its tree.
func TestGoldenTrees(t *testing.T) {
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
			src := ar.Files[0].Data
			f := source.NewFile("in.smon", src)
			tree, diags := Parse(f)
			if len(diags) > 0 {
				t.Fatalf("Parse: %v", diags)
			}
			var b strings.Builder
			if err := ast.Dump(&b, tree); err != nil {
				t.Fatal(err)
			}
			ar.Files = []txtar.File{{Name: "in.smon", Data: src}, {Name: "out/ast", Data: []byte(b.String())}}
			golden(t, name, string(txtar.Format(ar)))
		})
	}
}

// The programs of the paper parse as they stand.
func TestPaperPrograms(t *testing.T) {
	for name, decls := range map[string]int{"conficker": 16, "p2p": 14, "ddos": 17} {
		src, err := os.ReadFile("../../testdata/lang/" + name + ".smon")
		if err != nil {
			t.Fatal(err)
		}
		f, diags := parse(string(src))
		if len(diags) > 0 || f.Program == nil || f.Program.Name.Name != name || len(f.Decls) != decls {
			t.Errorf("Parse(%s) = %d declarations, %v, want %d, none", name, len(f.Decls), diags, decls)
		}
	}
}

// Words of the grammar are names wherever the grammar wants a name.
func TestContextualKeywords(t *testing.T) {
	words := append([]string{}, declKeywords...)
	words = append(words, statementKeywords...)
	words = append(words, headWords...)
	words = append(words, "any", "packet", "timeout", "every", "after", "distinct", "count", "new", "by", "first", "all", "has", "file", "both")
	for _, w := range words {
		if w == "in" || w == "has" {
			continue // an operator, and one before a name
		}
		src := strings.ReplaceAll(`program W match first
param W = 1 list W = {W, W..W}
entity W: W entity e: (W: ip, x: ip) (W: W)
metric W { distinct W(W: W) count W }
table W[W, W]: W (W: W)
feature W = W feature a = W + W(W) * W[W] - W
feature c = not W and W or has W[W] and W contains W
event W: packet where W for W = W
event W: timeout for W event W: every W
event W: packet where W == W
in W, W { on W { drop } }
in W { on W, W { drop } } in any { on W { W[W] = W } }
on W { set W[W] new (W) by W get W, W by W  W[W] = W  reset W  W[W] = W  delete W[W] }
on W { when W -> W { W[W] = W } when W otherwise -> W always { start W after W start W every W stop W W[W] = W } }
on W { alert W "{W} {W:W}" log "W" publish W {W: W} block W for W drop capture W[W] = W }
state W for W then W level W code "W" "W" { on W {} }
state W {} state W "x" {}`, "W", w)
		if _, diags := parse(src); len(diags) > 0 {
			t.Errorf("%q as a name: %v", w, diags)
		}
	}
}

// A declaration may begin anywhere, on the line of another as well.
func TestNoSeparators(t *testing.T) {
	src := "program p param a = 1 param b = a list l = {1} feature f = a in default { on e { drop } } on e, g { drop } " +
		"state s { } state t for 1h then s { } event e: packet where tcp in any { on e { drop } } event g: packet for h = ip.src in s { on e {} } " +
		"feature x = b feature y = x in l feature z = 1"
	f, diags := parse(src)
	if len(diags) > 0 || len(f.Decls) != 15 {
		t.Errorf("Parse(%q) = %d declarations, %v, want 15, none", src, len(f.Decls), diags)
	}
	// The same with every space a line end.
	f, diags = parse(strings.ReplaceAll(src, " ", "\n"))
	if len(diags) > 0 || len(f.Decls) != 15 {
		t.Errorf("one word a line: %d declarations, %v, want 15, none", len(f.Decls), diags)
	}
}

func TestDepthIsLimited(t *testing.T) {
	for name, expr := range map[string]string{
		"parentheses": strings.Repeat("(", 20000),
		"prefixes":    strings.Repeat("-", 20000) + "1",
		"not":         strings.Repeat("not ", 20000) + "1",
		"calls":       strings.Repeat("f(", 20000),
		"indices":     strings.Repeat("a[", 20000),
		"sets":        strings.Repeat("{", 20000),
		"chain":       "1" + strings.Repeat("+1", 20000),
		"powers":      "1" + strings.Repeat(" or 1 and 1", 10000),
	} {
		_, diags := parse("program p feature f = " + expr)
		if len(diags) == 0 || diags[0].Code != diag.TooDeep {
			t.Errorf("%s: %.200v, want %v", name, diags, diag.TooDeep)
		}
	}
	fine := strings.Repeat("(", 200) + "1" + strings.Repeat(")", 200) + strings.Repeat("+1", 700)
	if _, diags := parse("program p feature f = " + fine); len(diags) > 0 {
		t.Errorf("200 parentheses and 700 sums: %v, want none", diags)
	}
	blocks := strings.Repeat("state s { on e { when x { ", 2000)
	if _, diags := parse("program p " + blocks); len(diags) == 0 {
		t.Errorf("open blocks: no diagnostics")
	}
}

func TestComments(t *testing.T) {
	f, diags := parse("# one\nprogram p // two\n\"# three\" #four\r\n# five")
	var texts []string
	for _, c := range f.Comments {
		texts = append(texts, fmt.Sprintf("%d %s", c.Pos.Line, c.Text))
	}
	if got, want := strings.Join(texts, "|"), "1 # one|2 // two|3 #four|4 # five"; got != want || len(diags) > 0 {
		t.Errorf("comments = %q, %v, want %q", got, diags, want)
	}
}

func TestBadDecls(t *testing.T) {
	f, _ := parse("program p\nmetric m count\nstate s { when }\nparam a = 1")
	if len(f.Bad) != 2 || f.Bad[0].Keyword != "metric" || f.Bad[0].Name != "m" || f.Bad[1].Name != "s" || len(f.Decls) != 1 {
		t.Errorf("Bad = %+v, %d declarations, want m and s, 1", f.Bad, len(f.Decls))
	}
}
