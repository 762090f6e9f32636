package codegen

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/streamon/streamon/codegen/gogen"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/pass"
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/diag"
)

// Program is a compiled program: its IR after all passes, from which Go is
// emitted on demand.
type Program struct {
	IR      *ir.Program
	Checked *check.Program // what it was made from, with [Options.KeepChecked]: it says more of the source
	Version string         // first 16 hex digits of the SHA-256 of the text
}

// Compile turns the text of a program into a Program. It is nil if the list has
// errors; the error is that of ctx, or wraps [ErrInternal].
func Compile(ctx context.Context, name string, src []byte, opt Options) (*Program, diag.List, error) {
	checked, p, diags, err := front(ctx, name, src, opt)
	if err != nil || p == nil {
		return nil, diags, err
	}
	if !opt.KeepChecked {
		checked = nil // the passes need the room
	}
	if _, err := pass.Run(p, pass.Options{Verify: true}); err != nil {
		return nil, diags, fmt.Errorf("%w: %s: %w", ErrInternal, name, err)
	}
	sum := sha256.Sum256(src)
	return &Program{IR: p, Checked: checked, Version: hex.EncodeToString(sum[:])[:16]}, diags, nil
}

// Name returns the name that the program gives itself.
func (p *Program) Name() string { return p.IR.Name }

// Go returns the generated source as a file of package pkg. id is the identity
// of the build that it is for; it only shows in the manifest.
func (p *Program) Go(pkg, id string) ([]byte, error) {
	text, err := gogen.Emit(p.IR, gogen.Options{Package: pkg, ID: id, Version: p.Version})
	if err != nil {
		return nil, fmt.Errorf("%w: emitting %s: %w", ErrInternal, p.IR.Name, err)
	}
	return text, nil
}

// Layout is one structure of a program's memory: see [gogen.Layout].
type Layout = gogen.Layout

// Layouts lists the structures that a new generation of the program inherits if it
// declares them alike.
func (p *Program) Layouts() []Layout { return gogen.Layouts(p.IR) }
