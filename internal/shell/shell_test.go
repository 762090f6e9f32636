package shell

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// cli is a command line with one of everything.
type cli struct {
	Draw struct {
		File  string   `arg:"" help:"What to draw." predictor:"program"`
		More  []string `arg:"" optional:"" help:"More."`
		Kind  string   `short:"k" enum:"svg,dot" default:"svg" help:"Kind of \"drawing\" - that's it."`
		Out   string   `type:"path" help:"Where to. .hidden begins a line that is long enough to be broken into several, so that .hidden may be first."`
		Loud  bool     `help:"Say more."`
		Where string   `env:"WHERE" placeholder:"PLACE" help:"A place."`
	} `cmd:"" help:"Draw it."`
	Drop   struct{} `cmd:"" help:"Drop it."`
	Secret struct{} `cmd:"" hidden:"" help:"Nobody knows."`
}

func parser(t *testing.T) *kong.Kong {
	t.Helper()
	k, err := kong.New(&cli{}, kong.Name("draw"), kong.Description("Draw things.\n\nExample: draw draw x.smon"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var words = map[string]Words{"program": Files(".smon")}

func TestComplete(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"sub/c.smon", "sub/deep/d.smon", "a.smon", "b.txt", ".hidden.smon"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll("with space", 0o755); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ line, want string }{
		{"draw draw w", "with space/"},
		{"draw ", "draw drop"},
		{"draw dro", "drop"},
		{"draw sec", ""},
		{"draw draw ", "a.smon sub/ with space/"},
		{"draw draw s", "sub/"},
		{"draw draw sub/", "sub/c.smon sub/deep/"},
		{"draw draw .", ".hidden.smon"},
		{"draw draw " + dir + "/a", dir + "/a.smon"},
		{"draw draw nowhere/", ""},
		{"draw draw --", "--help --kind --loud --out --where"},
		{"draw draw --kind ", "dot svg"},
		{"draw draw -k d", "dot"},
		{"draw draw --kind=s", "svg"},
		{"draw draw --loud ", "a.smon sub/ with space/"},
		{"draw draw --out ", ""},
		{"draw draw a.smon ", ""},
	}
	for _, tt := range tests {
		t.Setenv("COMP_LINE", tt.line)
		t.Setenv("COMP_POINT", "999")
		var out strings.Builder
		asked, err := Complete(parser(t), words, &out)
		if got := strings.Join(strings.Split(strings.TrimSpace(out.String()), "\n"), " "); !asked || err != nil || got != tt.want {
			t.Errorf("Complete(%q) = %v, %v, %q, want %q", tt.line, asked, err, got, tt.want)
		}
	}
	t.Setenv("COMP_LINE", "draw dr")
	t.Setenv("COMP_POINT", "")
	if asked, err := Complete(parser(t), words, nil); asked || err != nil {
		t.Errorf("Complete without COMP_POINT = %v, %v, want that nobody asks", asked, err)
	}
}

func TestSub(t *testing.T) {
	f, err := Sub(parser(t), "draw", words)
	if err != nil {
		t.Fatal(err)
	}
	if got := f([]string{"x.smon", "--kind"}, "d"); !slices.Contains(got, "dot") {
		t.Errorf("after --kind = %v, want dot among it", got)
	}
	if _, err := Sub(parser(t), "nope", words); err == nil {
		t.Error("Sub of a command that is not there gives no error")
	}
}

// TestSyntax has each shell read its script without running it.
func TestSyntax(t *testing.T) {
	for _, name := range Shells {
		t.Run(name, func(t *testing.T) {
			text, err := Script(name)
			if err != nil {
				t.Fatal(err)
			}
			path, err := exec.LookPath(name)
			if err != nil {
				t.Skipf("%s is not installed", name)
			}
			cmd := exec.Command(path, "-n")
			cmd.Stdin = strings.NewReader(string(text))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	if _, err := Script("cmd"); err == nil {
		t.Error("Script(cmd) gives no error")
	}
}

// TestBash completes a line as bash does: with a function, of a command in PATH.
func TestBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	dir := t.TempDir()
	answer := "#!/bin/sh\n[ \"$COMP_LINE|$COMP_POINT\" = 'smcc check exa|14' ] && printf 'examples/\\nexam ple.smon\\n'\n"
	if err := os.WriteFile(filepath.Join(dir, "smcc"), []byte(answer), 0o755); err != nil {
		t.Fatal(err)
	}
	script, err := Script("bash")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bash, "--norc", "-c", string(script)+`
compopt() { printf 'compopt %s\n' "$*"; }
COMP_LINE='smcc check exa' COMP_POINT=14 COMP_WORDS=(smcc check exa) COMP_CWORD=2
_streamon smcc exa check
printf '<%s>\n' "${COMPREPLY[@]}"`)
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if want := "compopt -o nospace\n<examples/>\n<exam\\ ple.smon>\n"; err != nil || string(out) != want {
		t.Errorf("bash = %q, %v, want %q", out, err, want)
	}
}

// TestFish completes a line as fish does.
func TestFish(t *testing.T) {
	fish, err := exec.LookPath("fish")
	if err != nil {
		t.Skip("fish is not installed")
	}
	dir := t.TempDir()
	answer := "#!/bin/sh\n[ \"$COMP_POINT\" = \"${#COMP_LINE}\" ] || exit\ncase $COMP_LINE in 'smcc ch') echo check ;; 'smcc x --to=') printf 'xml\\nsmon\\n' ;; esac\n"
	if err := os.WriteFile(filepath.Join(dir, "smcc"), []byte(answer), 0o755); err != nil {
		t.Fatal(err)
	}
	script, err := Script("fish")
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{"smcc ch": "check\n", "smcc x --to=": "--to=smon\n--to=xml\n"} {
		cmd := exec.Command(fish, "--no-config", "-c", string(script)+"\ncomplete -C '"+line+"'")
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "HOME="+dir)
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != want {
			t.Errorf("fish completes %q as %q, %v, want %q", line, out, err, want)
		}
	}
}

var page = Page{
	Name:     "draw things",
	Sections: []Section{{"Examples", "Do it:\n\tdraw draw 'x' \\n", [][2]string{{"0", ".so it was fine"}}}},
	SeeAlso:  "smcc(1)",
}

func TestMan(t *testing.T) {
	text := Man(parser(t), page)
	for _, want := range []string{
		".TH DRAW 1", "draw \\- draw things", ".SS \\fBdraw\\fR \\fIfile\\fR [\\fImore\\fR \\&...] [\\fIflags\\fR]",
		"\\fB\\-k\\fR, \\fB\\-\\-kind\\fR=\\fIsvg\\fR", "=\\fIPATH\\fR", "Without it, the value is that of $WHERE.", ".SH EXAMPLES", "\\&.so it was fine", "\\en",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has no %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "Nobody") {
		t.Error("the page has a hidden command")
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, ".hidden") || strings.HasPrefix(line, ".so") {
			t.Errorf("the line %q is a request", line)
		}
	}
	if text != Man(parser(t), page) {
		t.Error("a second page differs")
	}
	lint(t, text)
}

// lint has mandoc look at a page; without it man formats it. Only a date is missing.
func lint(t *testing.T, text string) {
	t.Helper()
	if path, err := exec.LookPath("mandoc"); err == nil {
		cmd := exec.Command(path, "-T", "lint")
		cmd.Stdin = strings.NewReader(text)
		out, _ := cmd.Output() // it fails on every message
		for line := range strings.Lines(string(out)) {
			if !strings.Contains(line, "missing date") {
				t.Errorf("%s", line)
			}
		}
		return
	}
	path, err := exec.LookPath("man")
	if err != nil {
		t.Log("neither mandoc nor man is installed: nobody formats the page")
		return
	}
	cmd := exec.Command(path, "--warnings", "-l", "-")
	cmd.Stdin, cmd.Env = strings.NewReader(text), append(os.Environ(), "LC_ALL=C.UTF-8", "MANPAGER=cat")
	if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "warning:") {
		t.Errorf("man: %v\n%s", err, out)
	}
}
