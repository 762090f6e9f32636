package main

import (
	"context"
	"fmt"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/internal/lsp"
	"github.com/streamon/streamon/internal/sdk"
	"github.com/streamon/streamon/lang/check"
)

type lspCmd struct {
	Stdio bool `help:"Speak over standard input and output, as is always done; editors say so."`
}

// Run answers an editor until it is done.
func (c *lspCmd) Run(ctx context.Context, std *stdio) error {
	d, err := sdk.Self()
	if err != nil {
		return err
	}
	return lsp.Serve(ctx, std.in, std.out, lsp.Options{Version: d.Version, ReadFile: listReader, Structures: describeStructures})
}

// describeStructures says what each structure of a program takes and promises.
func describeStructures(p *check.Program) (map[string][]string, error) {
	lowered, err := codegen.Lower(p, p.Name)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, s := range structures(lowered) {
		out[s.Name] = append(out[s.Name], fmt.Sprintf("%s of (%s), up to %d: %d bytes; %s", s.Kind, s.Key, s.Capacity, s.Bytes, s.Bound))
	}
	return out, nil
}
