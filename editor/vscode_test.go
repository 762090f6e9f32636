package editor_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang"
)

// manifest is what the tests look at of package.json.
type manifest struct {
	Main        string
	Contributes struct {
		Languages []struct {
			ID, Configuration string
			Extensions        []string
		}
		Grammars, Snippets []struct{ Language, ScopeName, Path string }
		Commands           []struct{ Command string }
	}
	Dependencies map[string]string
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// TestManifest checks that what package.json names is there.
func TestManifest(t *testing.T) {
	var m manifest
	readJSON(t, "vscode/package.json", &m)
	paths := []string{m.Main}
	for _, l := range m.Contributes.Languages {
		paths = append(paths, l.Configuration)
		if l.ID != "smon" || !slices.Equal(l.Extensions, []string{".smon"}) {
			t.Errorf("the language is %q for %v", l.ID, l.Extensions)
		}
	}
	for _, p := range append(m.Contributes.Grammars, m.Contributes.Snippets...) {
		paths = append(paths, p.Path)
		if p.Language != "smon" {
			t.Errorf("%s is for the language %q", p.Path, p.Language)
		}
	}
	for _, p := range paths {
		if _, err := os.Stat(filepath.Join("vscode", p)); err != nil {
			t.Error(err)
		}
	}
	if m.Dependencies["vscode-languageclient"] == "" {
		t.Error("the client has no dependency vscode-languageclient")
	}
	var grammar struct{ ScopeName string }
	readJSON(t, "vscode/"+m.Contributes.Grammars[0].Path, &grammar)
	if got := m.Contributes.Grammars[0].ScopeName; got != grammar.ScopeName {
		t.Errorf("package.json calls the grammar %q, it calls itself %q", got, grammar.ScopeName)
	}
}

// TestSnippets fills in each snippet with what it proposes and parses it: alone or
// within a handler. The whole program must be without errors and warnings.
func TestSnippets(t *testing.T) {
	var snippets map[string]struct {
		Prefix, Description string
		Body                any // a line or lines
	}
	readJSON(t, "vscode/snippets/smon.json", &snippets)
	prefixes := map[string]bool{}
	for name, s := range snippets {
		if s.Prefix == "" || s.Description == "" || prefixes[s.Prefix] {
			t.Errorf("%s: prefix %q, description %q, want both, and a prefix of its own", name, s.Prefix, s.Description)
		}
		prefixes[s.Prefix] = true
		text := fillIn(t, s.Body)
		head := "program x\n"
		if name == "Program" {
			head = ""
		}
		_, alone := lang.Parse("x.smon", []byte(head+text))
		_, within := lang.Parse("x.smon", []byte(head+"state default { on syn {\n"+text+"\n} }"))
		if alone.HasErrors() && within.HasErrors() {
			t.Errorf("%s is neither a declaration (%v) nor a statement (%v):\n%s", name, alone.Err(), within.Err(), text)
		}
		if name == "Program" {
			if _, diags := lang.Check("x.smon", []byte(text), nil); len(diags) > 0 {
				t.Errorf("%s: %v\n%s", name, diags, text)
			}
		}
	}
}

var (
	placeholder = regexp.MustCompile(`\$\{(\d+)(?::([^{}]*)|\|([^,|]*)[^}]*)\}`)
	reference   = regexp.MustCompile(`\$(\d+)`)
)

// fillIn returns a snippet with its first proposals.
func fillIn(t *testing.T, body any) string {
	t.Helper()
	var lines []string
	switch body := body.(type) {
	case string:
		lines = append(lines, body)
	case []any:
		for _, l := range body {
			lines = append(lines, l.(string))
		}
	}
	text := strings.Join(lines, "\n")
	values := map[string]string{"0": ""}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		values[m[1]] = m[2] + m[3]
	}
	text = placeholder.ReplaceAllString(text, "$2$3")
	return reference.ReplaceAllStringFunc(text, func(ref string) string {
		value, ok := values[ref[1:]]
		if !ok {
			t.Errorf("%s refers to nothing in\n%s", ref, text)
		}
		return value
	})
}

// TestIndentation checks the rules for indentation on lines of programs.
func TestIndentation(t *testing.T) {
	var c struct {
		IndentationRules struct{ IncreaseIndentPattern, DecreaseIndentPattern string }
		WordPattern      string
	}
	readJSON(t, "vscode/language-configuration.json", &c)
	more, less := regexp.MustCompile(c.IndentationRules.IncreaseIndentPattern), regexp.MustCompile(c.IndentationRules.DecreaseIndentPattern)
	for line, want := range map[string][2]bool{
		"state default {":                    {true, false},
		"  on syn {   # {":                   {true, false},
		`    when x -> y { alert "{a} {" }`:  {false, false},
		`    when x == "}" -> y {`:           {true, false},
		"  }":                                {false, true},
		"list ports = {":                     {true, false},
		"# state default {":                  {false, false},
		"metric m { count cbf(window: 1s) }": {false, false},
	} {
		if got := [2]bool{more.MatchString(line), less.MatchString(line)}; got != want {
			t.Errorf("%q makes the indentation more, less: %v, want %v", line, got, want)
		}
	}
	if word := regexp.MustCompile(c.WordPattern).FindString("ip.src == x"); word != "ip.src" {
		t.Errorf("a word is %q, want ip.src", word)
	}
}

// TestClient runs the client with stand-ins for the editor.
func TestClient(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: the client is not tried")
	}
	out, err := exec.CommandContext(t.Context(), node, "testdata/activate.cjs", "vscode/extension.js").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var did struct {
		Commands []string
		Started  []struct {
			Command  string
			Args     []string
			Selector []struct{ Language string }
		}
		Stopped  int
		Warnings []string
	}
	if err := json.Unmarshal(out, &did); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(did.Started) != 3 || did.Stopped != 2 {
		t.Fatalf("started %d times and stopped %d times, want 3 and 2 (the third did not start)", len(did.Started), did.Stopped)
	}
	if s := did.Started[0]; s.Command != "/opt/smcc" || !slices.Equal(s.Args, []string{"lsp"}) || len(s.Selector) == 0 || s.Selector[0].Language != "smon" {
		t.Errorf("the server is started as %+v", s)
	}
	if len(did.Warnings) != 1 || !strings.Contains(did.Warnings[0], "does not start (spawn ENOENT)") {
		t.Errorf("warnings = %q, want one that it does not start", did.Warnings)
	}
	var m manifest
	readJSON(t, "vscode/package.json", &m)
	for _, c := range m.Contributes.Commands {
		if !slices.Contains(did.Commands, c.Command) {
			t.Errorf("nothing runs the command %s", c.Command)
		}
	}
}
