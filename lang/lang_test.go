package lang_test

import (
	"testing"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/diag"
)

func TestParse(t *testing.T) {
	f, diags := lang.Parse("a.smon", []byte("program a\nmetric m {\nevent e: packet"))
	if f.Program == nil || len(f.Decls) != 1 || len(f.Bad) != 1 {
		t.Errorf("Parse = %d declarations, %d bad, want 1, 1", len(f.Decls), len(f.Bad))
	}
	if len(diags) != 1 || diags[0].Code != diag.Syntax || diags[0].Span.String() != "a.smon:2:11" {
		t.Errorf("diagnostics = %v, want one at a.smon:2:11", diags)
	}
}
