package main

import (
	"context"
	"path/filepath"

	"github.com/streamon/streamon/internal/sdk"
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/diag"
)

type checkCmd struct {
	input
	JSON   bool       `name:"json" xor:"form" help:"Print diagnostics as JSON to standard output."`
	SARIF  bool       `name:"sarif" xor:"form" help:"Print diagnostics as a SARIF 2.1.0 log to standard output."`
	Strict bool       `help:"Warnings are errors: exit with 1 if there is one."`
	Memory memorySize `placeholder:"SIZE" help:"Warn of structures, and of a program, that take more than SIZE, for instance 64MB."`
}

// Run checks the program.
func (c *checkCmd) Run(ctx context.Context, std *stdio) error {
	keepSmall()
	src, list, err := c.diagnostics(ctx)
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		_, err = std.out.Write(list.JSON())
	case c.SARIF:
		_, err = std.out.Write(list.SARIF(version()))
	default:
		err = printDiagnostics(std, c.File, src, list)
	}
	if err == nil && (list.HasErrors() || c.Strict && len(list) > 0) {
		return exitError(exitDiagnostics)
	}
	return err
}

// diagnostics reads the program and returns what there is to say of it. What comes after
// the checker has nothing to say, so it is not run but for the size of structures.
func (c *checkCmd) diagnostics(ctx context.Context) ([]byte, diag.List, error) {
	if c.Memory == 0 {
		src, err := readProgram(c.File)
		if err != nil {
			return nil, nil, err
		}
		_, list := lang.Check(c.File, src, listReader(filepath.Dir(c.File)))
		return src, list, nil
	}
	p, src, list, err := c.compile(ctx, true)
	if err == nil && p != nil {
		checkMemory(&list, p, int64(c.Memory))
		list.Sort()
	}
	return src, list, err
}

// version returns the version of this binary, or "" if it does not know it.
func version() string {
	d, err := sdk.Self()
	if err != nil {
		return ""
	}
	return d.Version
}
