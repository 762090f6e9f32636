package editor_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf16"
)

// node runs a script of testdata with packages from npm, and decodes what it prints. The
// test is skipped where they are not installed; make editor fetches them.
func node(t *testing.T, out any, stdin string, args []string, packages ...string) {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	for _, p := range packages {
		find := exec.CommandContext(t.Context(), path, "-e", "require.resolve(process.argv[1])", p)
		find.Dir = "testdata"
		if find.Run() != nil {
			t.Skipf("the package %s is not installed in testdata: make editor", p)
		}
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var errs strings.Builder
	cmd.Stderr = &errs
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, errs.String())
	}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, text)
	}
}

// TestTextMateOriginal compares the colours of every byte with what the compiler reads, as
// TestTextMate does, but with the tokenizer of VS Code in place of ours.
func TestTextMateOriginal(t *testing.T) {
	type token struct {
		From, To int
		Scopes   []string
	}
	texts := programs(t)
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	var lines map[string][][]token
	node(t, &lines, string(in), []string{"testdata/tokenize.cjs", "vscode/syntaxes/smon.tmLanguage.json"}, "vscode-textmate", "vscode-oniguruma/release/onig.wasm")
	for name, text := range texts {
		if got, want := len(lines[name]), strings.Count(text, "\n")+1; got != want {
			t.Fatalf("%s: %d lines have colours, want %d", name, got, want)
		}
		source := strings.Split(text, "\n")
		compare(t, name, text, func(line, column int) string {
			unit := len(utf16.Encode([]rune(source[line-1][:column])))
			for _, k := range lines[name][line-1] {
				if k.From <= unit && unit < k.To {
					return classOf(k.Scopes[len(k.Scopes)-1])
				}
			}
			return "no token"
		})
	}
}
