package editor_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang"
)

// manifest is package.json, as far as ours goes: the keys and types that npm and the
// contribution points of VS Code know. It is read strictly, since editors pass over what they
// do not know.
type manifest struct {
	Name, DisplayName, Description, Version, Publisher, License, Main string
	Private                                                           bool
	Repository                                                        struct{ Type, URL string }
	Engines                                                           struct{ VSCode string }
	Categories, Keywords, ActivationEvents                            []string
	Scripts, Dependencies                                             map[string]string
	Contributes                                                       struct {
		Languages []struct {
			ID, Configuration   string
			Aliases, Extensions []string
		}
		Grammars []struct {
			Language, ScopeName, Path string
			EmbeddedLanguages         map[string]string
		}
		Snippets []struct{ Language, Path string }
		Commands []struct{ Command, Title, Category string }
		Menus    map[string][]struct{ Command, When string }

		Configuration struct {
			Title      string
			Properties map[string]struct {
				Type, Scope, Description, MarkdownDescription string
				Default                                       any
				Enum                                          []string
			}
		}
		ConfigurationDefaults map[string]map[string]any
	}
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if _, ok := v.(*manifest); ok {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(v); err != nil {
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
	for _, p := range m.Contributes.Grammars {
		paths = append(paths, p.Path)
		if p.Language != "smon" {
			t.Errorf("%s is for the language %q", p.Path, p.Language)
		}
	}
	for _, p := range m.Contributes.Snippets {
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

// TestManifestRefers checks that commands, settings and what uses them agree: menus and the
// client with package.json, and defaults with their types.
func TestManifestRefers(t *testing.T) {
	var m manifest
	readJSON(t, "vscode/package.json", &m)
	client, err := os.ReadFile("vscode/" + m.Main)
	if err != nil {
		t.Fatal(err)
	}
	commands := map[string]bool{}
	for _, c := range m.Contributes.Commands {
		commands[c.Command] = true
		if c.Title == "" || c.Category == "" {
			t.Errorf("the command %s has the title %q and the category %q, want both", c.Command, c.Title, c.Category)
		}
	}
	for name, items := range m.Contributes.Menus {
		for _, item := range items {
			if !commands[item.Command] {
				t.Errorf("the menu %s has the command %q, which is none of ours", name, item.Command)
			}
		}
	}
	settings := m.Contributes.Configuration.Properties
	for name, p := range settings {
		types := map[string]string{"string": "string", "bool": "boolean"}
		if got := types[fmt.Sprintf("%T", p.Default)]; got != p.Type {
			t.Errorf("%s is a %s, but %v is its default", name, p.Type, p.Default)
		}
		if p.Description+p.MarkdownDescription == "" || !strings.HasPrefix(name, "streamon.") {
			t.Errorf("%s is of another extension, or has no description", name)
		}
		if p.Scope != "" && !slices.Contains([]string{"application", "machine", "machine-overridable", "window", "resource", "language-overridable"}, p.Scope) {
			t.Errorf("%s has the scope %q, which VS Code does not know", name, p.Scope)
		}
		if p.Enum != nil && !slices.Contains(p.Enum, p.Default.(string)) {
			t.Errorf("%s is %v by default, which is none of %q", name, p.Default, p.Enum)
		}
	}
	for _, use := range regexp.MustCompile(`getConfiguration\("streamon"\)\.get\("(\w+)"\)|affectsConfiguration\("streamon\.(\w+)"\)`).FindAllSubmatch(client, -1) {
		if name := "streamon." + string(use[1]) + string(use[2]); settings[name].Type == "" {
			t.Errorf("the client reads %s, which is no setting", name)
		}
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
