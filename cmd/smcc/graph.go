package main

import (
	"bytes"
	"io"
	"path/filepath"

	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/codegen/graph"
	"github.com/streamon/streamon/lang"
)

type graphCmd struct {
	input
	Format string `short:"f" enum:"svg,dot,mermaid" default:"svg" help:"What to write: svg, dot (Graphviz) or mermaid (Markdown)."`
	Out    string `short:"o" help:"File to write; without it the drawing goes to standard output." type:"path"`
}

// Run draws the state machines of the program.
func (c *graphCmd) Run(std *stdio) error {
	src, err := readProgram(c.File)
	if err != nil {
		return err
	}
	p, diags := lang.Check(c.File, src, listReader(filepath.Dir(c.File)))
	if err := printDiagnostics(std, c.File, src, diags); err != nil {
		return err
	}
	if c.Out != "" && sameFile(c.File, c.Out) {
		return &build.UserError{Reason: c.Out + " is the program that is drawn", Hint: "give another file: -o FILE"}
	}
	g := graph.Of(p)
	write := map[string]func(io.Writer) error{"svg": g.SVG, "dot": g.DOT, "mermaid": g.Mermaid}[c.Format]
	if c.Out == "" {
		return write(std.out)
	}
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	return writeOut(c.Out, text.Bytes(), "-o FILE")
}
