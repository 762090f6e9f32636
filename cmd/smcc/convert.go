package main

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/format"
	"github.com/streamon/streamon/lang/smxml"
	"github.com/streamon/streamon/lang/types"
)

type convertCmd struct {
	File string `arg:"" help:"Program (.smon or .xml)." predictor:"program"`
	To   string `enum:"smon,xml," default:"" help:"What to write: smon or xml; without it the one that FILE is not."`
	Out  string `short:"o" help:"File to write; without it the program goes to standard output." type:"path"`
}

// Run writes a program in XML as .smon, or one in .smon as XML.
func (c *convertCmd) Run(ctx context.Context, std *stdio) error {
	keepSmall()
	src, err := readProgram(c.File)
	if err != nil {
		return err
	}
	from, to := "smon", "xml"
	if smxml.Is(c.File, src) {
		from, to = to, from
	}
	if c.To == from {
		return &build.UserError{Reason: fmt.Sprintf("%s is %s already", c.File, formats[from]), Hint: "leave out --to, or write --to " + to}
	}
	if c.Out != "" && sameFile(c.File, c.Out) {
		return &build.UserError{Reason: c.Out + " is the program that is converted", Hint: "give another file: -o FILE"}
	}
	var text []byte
	var diags diag.List
	if to == "smon" {
		text, diags, err = convert(c.File, src)
	} else {
		text, diags, err = convertToXML(ctx, c.File, src)
	}
	if failed := printDiagnostics(std, c.File, src, diags); failed != nil {
		return failed
	}
	if err != nil {
		return err
	}
	if c.Out == "" {
		_, err := std.out.Write(text)
		return err
	}
	return writeOut(c.Out, text, "-o FILE")
}

// formats are what programs are written in.
var formats = map[string]string{"smon": ".smon", "xml": "XML"}

// convert returns a program in XML as .smon text, and what is to be said about
// it. There is no text if that has errors.
//
// The tree is printed without its places, which are those of another text, and
// read again: what the nodes of both trees have in common is their order. That tells
// on which line each comment belongs: above what it stood above.
func convert(name string, src []byte) ([]byte, diag.List, error) {
	tree, diags := lang.Parse(name, src)
	if diags.HasErrors() {
		return nil, diags, nil
	}
	lines := lineNodes(tree)
	above := map[int][]string{} // node → comments
	for _, c := range tree.Comments {
		i := anchor(src, c, lines)
		above[i] = append(above[i], commentLines(c.Text)...)
	}
	tree.Comments = nil
	forgetPlaces(reflect.ValueOf(tree))
	opt := format.Options{Canonical: types.CanonicalName}
	text, err := format.Source(tree, opt)
	if err != nil {
		return nil, diags, err
	}
	again, more := lang.Parse("converted.smon", text)
	placed := lineNodes(again)
	if more.HasErrors() || len(placed) != len(lines) {
		return nil, diags, fmt.Errorf("the converted program is not the one that was read: %d nodes of %d: %w", len(placed), len(lines), more.Err())
	}
	text = insert(text, placed, above)
	if again, more = lang.Parse("converted.smon", text); more.HasErrors() {
		return nil, diags, fmt.Errorf("the converted program cannot be read: %w", more.Err())
	}
	text, err = format.Source(again, opt)
	return text, diags, err
}

// lineNodes are the nodes that begin a line when they are printed, in order.
func lineNodes(tree *ast.File) (out []ast.Node) {
	ast.Walk(tree, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ProgramDecl, ast.Decl, ast.Stmt:
			out = append(out, n)
		case ast.Expr:
			return false
		}
		return true
	})
	return out
}

// anchor returns the index of the node that a comment belongs to: one that begins
// on its line, before it; else the next one in the file; else len(nodes).
func anchor(src []byte, c *ast.Comment, nodes []ast.Node) int {
	from := bytes.LastIndexByte(src[:c.Pos.Offset], '\n') + 1
	behind := len(bytes.TrimSpace(src[from:c.Pos.Offset])) > 0
	best, same := len(nodes), -1
	for i, n := range nodes {
		at := n.Span().Start
		switch {
		case behind && at.Line == c.Pos.Line && at.Offset < c.Pos.Offset && same < 0:
			same = i
		case at.Offset >= c.EndPos.Offset && (best == len(nodes) || at.Offset < nodes[best].Span().Start.Offset):
			best = i
		}
	}
	if same >= 0 {
		return same
	}
	return best
}

// commentLines returns a comment as lines of ours.
func commentLines(text string) (out []string) {
	for line := range strings.Lines(text) {
		line = strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return ' '
			}
			return r
		}, line)
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, "# "+line)
		}
	}
	return out
}

// insert puts comments above the nodes, and a blank line where another kind of
// declaration begins.
func insert(text []byte, nodes []ast.Node, above map[int][]string) []byte {
	before := map[int][]string{} // line → lines
	kind := reflect.Type(nil)
	last := 0
	for i, n := range nodes {
		line := n.Span().Start.Line
		if _, isDecl := n.(ast.Decl); isDecl && n.Span().Start.Column == 1 {
			if t := reflect.TypeOf(n); t != kind && line > last {
				before[line] = append(before[line], "")
				kind = t
			}
		}
		last = line
		before[line] = append(before[line], above[i]...)
	}
	var out []string
	for i, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		for _, l := range before[i+1] {
			out = append(out, strings.TrimRight(indent+l, " "))
		}
		out = append(out, line)
	}
	return []byte(strings.Join(slices.Concat(out, above[len(nodes)]), "\n") + "\n")
}

var placeType = reflect.TypeFor[ast.Place]()

// forgetPlaces clears the places of a tree.
func forgetPlaces(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			forgetPlaces(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			forgetPlaces(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == placeType {
			v.SetZero()
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				forgetPlaces(v.Field(i))
			}
		}
	}
}
