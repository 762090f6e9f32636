// Package codegen drives the compiler from the text of a program to its IR and
// on to Go. It owns the order of the phases; each phase is a package of its own.
package codegen

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/lower"
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/diag"
)

// Options are the settings of one compilation. The zero value compiles programs
// that read no files.
type Options struct {
	// Files holds the files that lists name, by paths relative to the program's
	// directory; usually os.DirFS of it. Nil means that there are none.
	Files fs.FS

	// ReadFile, if not nil, is used in place of Files; it gets the path as the
	// program has it.
	ReadFile func(path string) ([]byte, error)

	// KeepChecked asks for [Program.Checked], which is most of what a compilation holds
	// in memory.
	KeepChecked bool
}

// ErrInternal is wrapped by errors that are a mistake of ours, not of the program.
var ErrInternal = errors.New("codegen: internal error")

// Front turns the text of a program into IR that no pass has seen: parse, check,
// lower. name is the file's name as diagnostics show it. The program is nil if
// the list has errors; the error is that of ctx, or wraps [ErrInternal] if the IR
// is not valid.
func Front(ctx context.Context, name string, src []byte, opt Options) (*ir.Program, diag.List, error) {
	_, p, diags, err := front(ctx, name, src, opt)
	return p, diags, err
}

// front is Front with the checked program, which is nil where the IR is.
func front(ctx context.Context, name string, src []byte, opt Options) (*check.Program, *ir.Program, diag.List, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, nil, err
	}
	checked, diags := lang.Check(name, src, opt.reader())
	if diags.HasErrors() {
		return nil, nil, diags, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, diags, err
	}
	p, err := Lower(checked, name)
	if err != nil {
		return nil, nil, diags, err
	}
	return checked, p, diags, nil
}

// Lower turns a checked program without errors into IR that no pass has seen. The error
// wraps [ErrInternal].
func Lower(checked *check.Program, name string) (*ir.Program, error) {
	p := lower.Program(checked, name)
	if err := ir.Verify(p); err != nil {
		return nil, fmt.Errorf("%w: lowering %s: %w", ErrInternal, name, err)
	}
	return p, nil
}

// reader returns what lists are read with.
func (o Options) reader() func(string) ([]byte, error) {
	switch {
	case o.ReadFile != nil:
		return o.ReadFile
	case o.Files == nil:
		return nil
	}
	return func(name string) ([]byte, error) { return fs.ReadFile(o.Files, path.Clean(name)) }
}
