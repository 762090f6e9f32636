package main

import (
	"bytes"
	"context"
	"fmt"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// input is the program file of a command.
type input struct {
	File string `arg:"" help:"Program (.smon or .xml)." predictor:"program"`
}

// load reads and compiles the program and prints its diagnostics. The error is
// an exitError when the program has errors.
func (in input) load(ctx context.Context, std *stdio, asJSON bool) (*codegen.Program, []byte, error) {
	src, err := readProgram(in.File)
	if err != nil {
		return nil, nil, err
	}
	p, list, err := codegen.Compile(ctx, in.File, src, codegen.Options{ReadFile: listReader(filepath.Dir(in.File))})
	if err != nil {
		return nil, src, err
	}
	if err := printDiagnostics(std, in.File, src, list, asJSON); err != nil {
		return nil, src, err
	}
	return p, src, nil
}

// listReader returns what reads the files of lists, by paths relative to dir.
func listReader(dir string) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return os.ReadFile(name)
	}
}

// maxProgramBytes bounds the text of a program; lists have files of their own.
const maxProgramBytes = 4 << 20

func readProgram(path string) ([]byte, error) {
	const hint = "give the path of a .smon or .xml file"
	f, err := os.Open(path)
	if err != nil {
		return nil, &build.UserError{Reason: err.Error(), Hint: hint}
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxProgramBytes+1))
	switch {
	case err != nil:
		return nil, &build.UserError{Reason: err.Error(), Hint: hint}
	case len(src) > maxProgramBytes:
		return nil, &build.UserError{Reason: fmt.Sprintf("%s: more than the %d MiB a program may have", path, maxProgramBytes>>20), Hint: hint}
	case bytes.IndexByte(src, 0) >= 0: // a binary has an error in every byte, and none of them helps
		return nil, &build.UserError{Reason: path + ": is not a text", Hint: hint}
	}
	return src, nil
}

// printDiagnostics writes list to stderr, or as JSON to stdout, and returns
// exitError(1) if it has an error.
func printDiagnostics(std *stdio, file string, src []byte, list diag.List, asJSON bool) error {
	var err error
	if asJSON {
		_, err = std.out.Write(list.JSON())
	} else {
		err = list.Print(std.err, source.NewFile(file, src), wantsColour(std.err))
	}
	if err != nil {
		return err
	}
	if list.Count(diag.Error) > 0 {
		return exitError(exitDiagnostics)
	}
	return nil
}

// wantsColour reports whether w is a terminal whose user did not ask for plain
// text (no-color.org).
func wantsColour(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(f.Fd()))
}

// unit turns a compiled program into what the builder takes.
func unit(p *codegen.Program, file string, src []byte) build.Unit {
	return build.Unit{Name: p.Name(), Source: filepath.Base(file), Text: src, Emit: p.Go}
}

// outputName returns the default output for a program file: its base name with
// another ending, in the current directory.
func outputName(file, ending string) string {
	base := filepath.Base(file)
	return strings.TrimSuffix(base, filepath.Ext(base)) + ending
}

type checkCmd struct {
	input
	JSON bool `name:"json" help:"Print diagnostics as JSON."`
}

// Run checks the program.
func (c *checkCmd) Run(ctx context.Context, std *stdio) error {
	defer keepSmall()()
	_, _, err := c.load(ctx, std, c.JSON)
	return err
}

type genCmd struct {
	input
	Out     string `short:"o" help:"Directory to write NAME.go to; without it the source goes to standard output." type:"path" predictor:"dir"`
	Package string `default:"main" help:"Package name of the generated file."`
	IR      bool   `name:"ir" help:"Print the intermediate representation instead."`
}

// Run writes the generated source.
func (c *genCmd) Run(ctx context.Context, std *stdio) error {
	if !token.IsIdentifier(c.Package) {
		return &build.UserError{Reason: fmt.Sprintf("%q cannot be the name of a Go package", c.Package), Hint: "give a Go identifier: --package NAME"}
	}
	p, _, err := c.load(ctx, std, false)
	if err != nil {
		return err
	}
	if c.IR {
		_, err := fmt.Fprint(std.out, p.IR.String())
		return err
	}
	text, err := p.Go(c.Package, "")
	if err != nil {
		return err
	}
	if c.Out == "" {
		_, err := std.out.Write(text)
		return err
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return &build.UserError{Reason: err.Error(), Hint: "give a directory: -o DIR"}
	}
	path := filepath.Join(c.Out, p.Name()+".go")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return &build.UserError{Reason: err.Error(), Hint: "give a directory that can be written to: -o DIR"}
	}
	return nil
}

type explainCmd struct {
	What string `arg:"" optional:"" help:"A program (.smon or .xml), or the code of a diagnostic, as it stands in brackets behind it; without it, all codes." predictor:"explain"`
	JSON bool   `name:"json" help:"Of a program: JSON."`
}

// Run explains a program: what it reads, the memory it takes, how it is run on
// several workers; or prints when a diagnostic occurs and a program that provokes it.
func (c *explainCmd) Run(ctx context.Context, std *stdio) error {
	if c.What == "" {
		for _, code := range diag.Codes() {
			fmt.Fprintf(std.out, "%s\n", code)
		}
		return nil
	}
	if ext := filepath.Ext(c.What); ext == ".smon" || ext == ".xml" {
		return explainProgram(ctx, std, input{c.What}, c.JSON)
	}
	code, ok := diag.CodeByName(strings.Trim(c.What, "[]"))
	if !ok {
		return &build.UserError{Reason: fmt.Sprintf("no diagnostic has the code %q", c.What), Hint: "smcc explain lists them all"}
	}
	_, err := fmt.Fprintf(std.out, "%s\n\n%s\n\nFor example:\n\n%s\n", code, code.Doc(), code.Example())
	return err
}
