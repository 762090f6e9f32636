package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/format"
	"github.com/streamon/streamon/lang/smxml"
	"github.com/streamon/streamon/lang/types"
)

type fmtCmd struct {
	Files []string `arg:"" help:"Programs (.smon) to rewrite in place." predictor:"smon"`
	Check bool     `help:"Rewrite nothing; list the files that are not in the canonical form and exit with 1."`
}

// Run rewrites each program: layout, and aliases of fields to their canonical
// names. A program with syntax errors is left as it is.
func (c *fmtCmd) Run(std *stdio) error {
	code := exitFine
	for _, file := range c.Files {
		src, err := readProgram(file)
		if err != nil {
			return err
		}
		if smxml.Is(file, src) {
			return &build.UserError{Reason: file + " is XML, which has no canonical form", Hint: "smcc convert writes it as .smon"}
		}
		tree, diags := lang.Parse(file, src)
		if err := printDiagnostics(std, file, src, diags); err != nil {
			code = exitDiagnostics
			continue
		}
		out, err := format.Source(tree, format.Options{Canonical: types.CanonicalName})
		if err != nil {
			return err
		}
		switch {
		case bytes.Equal(out, src):
		case c.Check:
			fmt.Fprintln(std.out, file)
			code = exitDiagnostics
		default:
			if err := rewrite(file, out); err != nil {
				return &build.UserError{Reason: err.Error(), Hint: "is the file writable?"}
			}
		}
	}
	if code != exitFine {
		return exitError(code)
	}
	return nil
}

// rewrite replaces the text of a file and keeps its mode.
func rewrite(file string, text []byte) error {
	st, err := os.Stat(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, st.Mode().Perm())
}
