package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/xmlformat"
)

// convertToXML returns a program in .smon as XML. There is no text if the list,
// which says what is wrong with the program or what XML cannot say, has errors. The
// advice that smcc check gives is left to it.
//
// What comes out is read again and has to reach the same code: an error that is no
// diagnostic says that it does not, which is a mistake of ours.
func convertToXML(ctx context.Context, name string, src []byte) ([]byte, diag.List, error) {
	opt := codegen.Options{ReadFile: listReader(filepath.Dir(name)), KeepChecked: true}
	want, diags, err := codegen.Compile(ctx, name, src, opt)
	if err != nil || want == nil {
		return nil, diags, err
	}
	text, diags := xmlformat.Source(want.Checked.File)
	if diags.HasErrors() {
		return nil, diags, nil
	}
	opt.KeepChecked, want.Checked = false, nil
	got, again, err := codegen.Compile(ctx, "converted.xml", text, opt)
	switch {
	case err != nil:
		return nil, nil, err
	case got == nil:
		return nil, nil, fmt.Errorf("the converted program cannot be read: %w", again.Err())
	}
	got.IR.File, want.IR.File = "", ""
	if got.IR.String() != want.IR.String() {
		return nil, nil, fmt.Errorf("the converted program is not the one that was read:\n%s\nin place of\n%s", got.IR, want.IR)
	}
	return text, nil, nil
}
