package main

import (
	"bytes"
	"context"
	"errors"
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
	"github.com/streamon/streamon/lang/types"
)

// input is the program file of a command.
type input struct {
	File string `arg:"" help:"Program (.smon or .xml)." predictor:"program"`

	noFiles bool // lists cannot be read
}

// load reads and compiles the program and prints its diagnostics. The error is
// an exitError when the program has errors.
func (in input) load(ctx context.Context, std *stdio) (*codegen.Program, []byte, error) {
	return in.loadWith(ctx, std, false)
}

// loadWith is load; keep asks for the checked program too.
func (in input) loadWith(ctx context.Context, std *stdio, keep bool) (*codegen.Program, []byte, error) {
	p, src, list, err := in.compile(ctx, keep)
	if err != nil {
		return nil, src, err
	}
	if err := printDiagnostics(std, in.File, src, list); err != nil {
		return nil, src, err
	}
	return p, src, nil
}

// compile reads and compiles the program, and keeps what it was made from if asked to. It
// is nil if the list has errors.
func (in input) compile(ctx context.Context, keep bool) (*codegen.Program, []byte, diag.List, error) {
	src, err := readProgram(in.File)
	if err != nil {
		return nil, nil, nil, err
	}
	read := listReader(filepath.Dir(in.File))
	if in.noFiles {
		read = func(string) ([]byte, error) {
			return nil, errors.New("files are not read here: write the entries into the program")
		}
	}
	p, list, err := codegen.Compile(ctx, in.File, src, codegen.Options{ReadFile: read, KeepChecked: keep})
	return p, src, list, err
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

func readProgram(path string) ([]byte, error) {
	const hint = "give the path of a .smon or .xml file"
	f, err := os.Open(path)
	if err != nil {
		return nil, &build.UserError{Reason: err.Error(), Hint: hint}
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, types.MaxProgramBytes+1))
	switch {
	case err != nil:
		return nil, &build.UserError{Reason: err.Error(), Hint: hint}
	case len(src) > types.MaxProgramBytes:
		return nil, &build.UserError{Reason: fmt.Sprintf("%s: more than the %d MiB a program may have", path, types.MaxProgramBytes>>20), Hint: hint}
	case bytes.IndexByte(src, 0) >= 0: // a binary has an error in every byte, and none of them helps
		return nil, &build.UserError{Reason: path + ": is not a text", Hint: hint}
	}
	return src, nil
}

// printDiagnostics writes list to stderr and returns exitError(1) if it has an error.
func printDiagnostics(std *stdio, file string, src []byte, list diag.List) error {
	if err := list.Print(std.err, source.NewFile(file, src), wantsColour(std.err)); err != nil {
		return err
	}
	if list.HasErrors() {
		return exitError(exitDiagnostics)
	}
	return nil
}

// wantsColour reports whether w is a terminal whose user did not ask for plain
// text (no-color.org).
func wantsColour(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// writeOut writes a file that flag names.
func writeOut(path string, text []byte, flag string) error {
	if err := os.WriteFile(path, text, 0o666); err != nil {
		return &build.UserError{Reason: err.Error(), Hint: "give a file that can be written: " + flag}
	}
	return nil
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
	p, _, err := c.load(ctx, std)
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
	return writeOut(path, text, "-o DIR")
}
