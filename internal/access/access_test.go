package access

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestKeys(t *testing.T) {
	token, word := Make()
	other, otherWord := Make()
	if token == other || len(token) != 4+43 {
		t.Fatalf("tokens %q and %q", token, other)
	}
	path := writeFile(t, "# who may\n\n"+word+" acme read # grafana\n"+otherWord+"\t*  write\ncert:dash acme write\n")
	k, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := k.Token(token); err != nil || c != (Caller{Tenant: "acme"}) {
		t.Errorf("Token = %+v, %v", c, err)
	}
	if c, err := k.Token(other); err != nil || c != Operator {
		t.Errorf("Token = %+v, %v", c, err)
	}
	cert := func(name string) *x509.Certificate {
		return &x509.Certificate{Subject: pkix.Name{CommonName: name}}
	}
	if c, err := k.Certificate(cert("dash")); err != nil || c != (Caller{Tenant: "acme", MayWrite: true}) {
		t.Errorf("Certificate = %+v, %v", c, err)
	}
	// A hash is no token, and the name of a certificate none either.
	for _, bad := range []string{"", "x", word, strings.TrimPrefix(word, "sha256:"), "cert:dash", token + " ", token[:len(token)-1]} {
		if _, err := k.Token(bad); !errors.Is(err, ErrUnknown) {
			t.Errorf("Token(%q) = %v, want ErrUnknown", bad, err)
		}
	}
	for _, bad := range []string{"", "dash2", "DASH"} {
		if _, err := k.Certificate(cert(bad)); !errors.Is(err, ErrUnknown) {
			t.Errorf("Certificate(%q) = %v, want ErrUnknown", bad, err)
		}
	}

	// A token that is taken out of the file is refused; while the file is broken, all are.
	change := func(text string) {
		os.WriteFile(path, []byte(text), 0o600)
		k.look(k.looked.Add(2 * time.Second))
	}
	change(otherWord + " * write\n")
	if _, err := k.Token(token); !errors.Is(err, ErrUnknown) {
		t.Errorf("a revoked token: %v", err)
	}
	change("nonsense\n")
	if _, err := k.Token(other); err == nil || errors.Is(err, ErrUnknown) {
		t.Errorf("with a broken file: %v", err)
	}
	change(otherWord + " * write\n")
	if _, err := k.Token(other); err != nil {
		t.Errorf("with a mended file: %v", err)
	}
	os.Remove(path)
	k.look(k.looked.Add(2 * time.Second))
	if _, err := k.Token(other); err == nil {
		t.Error("without the file the token is taken")
	}
}

func TestBadFiles(t *testing.T) {
	_, word := Make()
	tests := []struct{ text, want string }{
		{word + " acme\n", ":1: 2 words, expected three"},
		{"# x\n" + word + " acme read write\n", ":2: \"write\": expected net:NETWORK or vlan:NUMBER"},
		{word + " acme read vlan:x\n", "expected vlan:NUMBER"},
		{word + " acme read vlan:4095\n", "slice: VLAN 4095"},
		{word + " acme read net:10.0.0.0/33\n", "expected a network or an address"},
		{word + " * read net:10.0.0.0/8\n", "the operator sees all traffic"},
		{"sha256:12 acme read\n", "expected 64 hexadecimal digits"},
		{"md5:12 acme read\n", "expected sha256:HASH or cert:NAME"},
		{"cert: acme read\n", "has no name"},
		{word + " a/b read\n", "expected a name"},
		{word + " acme admin\n", "expected read or write"},
		{word + " acme read\n" + word + " other write\n", ":2: is there twice"},
		{strings.Repeat("#", maxFileBytes+1), "may have"},
	}
	for _, tt := range tests {
		if _, err := Open(writeFile(t, tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.60q: %v, want %q", tt.text, err, tt.want)
		}
	}
	path := writeFile(t, "")
	os.Chmod(path, 0o620)
	var owner *OwnerError
	if _, err := Open(path); !errors.As(err, &owner) || !strings.HasPrefix(owner.Hint(), "chmod go-w ") {
		t.Errorf("a file that its group may write to: %v", err)
	}
	if _, err := Open(t.TempDir()); err == nil {
		t.Error("a directory is taken")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("sha256:00 acme read")
	f.Add("cert:a * write")
	f.Fuzz(func(t *testing.T, line string) {
		words := strings.Fields(line)
		key, c, err := parse(words)
		if err == nil && (key == "" || c.IsOperator != (words[1] == "*") || !c.IsOperator && c.Tenant == "") {
			t.Errorf("parse(%q) = %q, %+v", line, key, c)
		}
	})
}
