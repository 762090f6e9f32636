package editor_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/format"
)

// requireNode skips a test where node or packages from npm are not installed.
func requireNode(t *testing.T, packages ...string) {
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
}

// node runs a script and decodes what it prints.
func node(t *testing.T, out any, stdin string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", args...)
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
	requireNode(t, "vscode-textmate", "vscode-oniguruma/release/onig.wasm")
	node(t, &lines, string(in), "testdata/tokenize.cjs", "vscode/syntaxes/smon.tmLanguage.json")
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

// TestClientOriginal has the extension talk to smcc lsp through the client that VS Code has,
// with a stand-in for the editor only: a wrong program, the same corrected, and what is asked
// of it.
func TestClientOriginal(t *testing.T) {
	const good = `program a
entity host: ip
metric n { count cbf(window: 60s) }
event u: packet where tcp.flags == SYN for host = ip.src
state default { on u { set n[host]  when n > 3 { drop } } }
`
	type diagnostic struct {
		Line          int
		Message, Code string
	}
	var got struct {
		Providers, Hover, Completion, Symbols, Format, Messages []string
		Bad, Good                                               []diagnostic
		Definition                                              []int
	}
	in, err := json.Marshal(map[string]string{
		"path": filepath.Join(t.TempDir(), "a b", "a.smon"), // places with blanks are escaped on the way
		"bad":  strings.Replace(good, "tcp.flags", "tcp.flagz", 1), "good": good,
	})
	if err != nil {
		t.Fatal(err)
	}
	requireNode(t, "vscode-languageclient/node")
	smcc := filepath.Join(t.TempDir(), "smcc")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", smcc, "../cmd/smcc").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	node(t, &got, string(in), "testdata/talk.cjs", "vscode/extension.js", smcc)

	if len(got.Bad) != 1 || got.Bad[0].Line != 3 || got.Bad[0].Code != "unknown-field" || !strings.Contains(got.Bad[0].Message, `unknown packet field "tcp.flagz"`) {
		t.Errorf("the wrong program has the diagnostics %+v", got.Bad)
	}
	if len(got.Good) != 0 {
		t.Errorf("the corrected program has the diagnostics %+v", got.Good)
	}
	for _, want := range []string{"Hover", "Definition", "Reference", "DocumentHighlight", "CompletionItem", "Rename", "DocumentSymbol", "DocumentFormattingEdit", "CodeActions"} {
		if !slices.Contains(got.Providers, want+"Provider") {
			t.Errorf("the editor is not offered the provider %s, only %v", want, got.Providers)
		}
	}
	if len(got.Hover) != 1 || !strings.Contains(got.Hover[0], "all flags as bits") {
		t.Errorf("over tcp.flags it says %q", got.Hover)
	}
	if !slices.Contains(got.Completion, "tcp.flags.syn") {
		t.Errorf("behind tcp. it proposes %q", got.Completion)
	}
	if !slices.Equal(got.Definition, []int{2}) {
		t.Errorf("n is defined in line %v, from 0, want 2", got.Definition)
	}
	if !slices.Equal(got.Symbols, []string{"a", "host", "n", "u", "default"}) {
		t.Errorf("the outline is %q", got.Symbols)
	}
	tree, _ := lang.Parse("a.smon", []byte(good))
	want, err := format.Source(tree, format.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Format, []string{string(want)}) {
		t.Errorf("it is formatted as %q, want %q", got.Format, want)
	}
	if len(got.Messages) != 0 {
		t.Errorf("the user was told %q", got.Messages)
	}
}
