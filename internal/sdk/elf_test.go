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

// TestFingerprintNames: names are found by where they begin, behind one too long to be read at
// once, and as the end of a longer one too.
func TestFingerprintNames(t *testing.T) {
	long := strings.Repeat("x", 3*pieceBytes/2) + "\x00"
	table := "\x00main.main\x00" + fingerprintPrefix + "a/b\x00" + long + fingerprintPrefix + "c\x00x" + fingerprintPrefix + "d\x00" + fingerprintPrefix + "cut"
	names, err := fingerprintNames(strings.NewReader(table))
	if err != nil || len(names) != 3 {
		t.Fatalf("%v, %v, want three", names, err)
	}
	for at, name := range names {
		if want := fingerprintPrefix + name + "\x00"; !strings.HasPrefix(table[at:], want) {
			t.Errorf("%q at %d", name, at)
		}
	}
}
