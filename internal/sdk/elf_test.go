package sdk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Why a binary cannot load plugins is told apart: what somebody may not read need not be wrong.
func TestHostPackages(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("no binary"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ path, whyNot, mend string }{
		{filepath.Join(dir, "none"), "cannot be read: no such file", "chmod a+r " + filepath.Join(dir, "none")},
		{text, "not an ELF binary", ""},
	} {
		pkgs, whyNot, mend := hostPackages(tt.path)
		if pkgs != nil || !strings.Contains(whyNot, tt.whyNot) || !strings.HasSuffix(mend, tt.mend) || (mend == "") != (tt.mend == "") {
			t.Errorf("hostPackages(%s) = %d packages, %q, %q", tt.path, len(pkgs), whyNot, mend)
		}
	}
}
