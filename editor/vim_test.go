package editor_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/format"
)

// vimClass says which colour a group of the syntax file stands for.
var vimClass = map[string]string{
	"smonDeclaration": "keyword", "smonStatement": "keyword", "smonAction": "keyword", "smonOperator": "keyword",
	"smonLevel": "level", "smonBoolean": "boolean", "smonConstant": "constant", "smonType": "type", "smonBuiltin": "builtin", "smonLayer": "layer", "smonField": "field",
	"smonOldName": "old", "smonDotted": "plain", "smonNumber": "number", "smonAddress": "address", "smonString": "string", "smonComment": "comment",
}

// vim runs a script in a Vim without settings of its user, with our files.
func vim(t *testing.T, script string) {
	t.Helper()
	path, err := exec.LookPath("vim")
	if err != nil {
		t.Skip("vim is not installed: its files are not tried")
	}
	if out, _ := exec.Command(path, "--version").Output(); !strings.Contains(string(out), "+syntax") || !strings.Contains(string(out), "+eval") {
		t.Skip("this vim is a small one, without syntax files")
	}
	dir, err := filepath.Abs("vim")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "script.vim")
	head := "set nocompatible encoding=utf-8 runtimepath^=" + dir + "\nfiletype plugin indent on\nsyntax on\n"
	messages := filepath.Join(filepath.Dir(file), "messages")
	tail := "\ncall writefile([v:errmsg], '" + messages + "')\nqall!\n"
	if err := os.WriteFile(file, []byte(head+script+tail), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, "-e", "-s", "-u", "NONE", "-i", "NONE", "-n", "-S", file)
	cmd.Env = append(os.Environ(), "TERM=dumb", "LC_ALL=C.UTF-8", "HOME="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		text, _ := os.ReadFile(messages) // what it complained about last
		t.Fatalf("vim: %v\n%s%s", err, out, text)
	}
}

// TestVimSyntax compares the colours of every byte with what the compiler reads.
func TestVimSyntax(t *testing.T) {
	dir := t.TempDir()
	texts := programs(t)
	var script strings.Builder
	for name, text := range texts {
		name = strings.TrimSuffix(name, ".smon")
		if err := os.WriteFile(filepath.Join(dir, name+".smon"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		script.WriteString("edit " + filepath.Join(dir, name+".smon") + `
let out = [&filetype]
for l in range(1, line('$'))
  for c in range(1, col([l, '$']) - 1)
    call add(out, l . ' ' . (c - 1) . ' ' . synIDattr(synID(l, c, 1), 'name'))
  endfor
endfor
call writefile(out, '` + filepath.Join(dir, name+".out") + `')
`)
	}
	vim(t, script.String())
	for name, text := range texts {
		out, err := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(name, ".smon")+".out"))
		if err != nil {
			t.Fatal(err)
		}
		filetype, rest, _ := strings.Cut(string(out), "\n")
		if filetype != "smon" {
			t.Errorf("%s is of the type %q", name, filetype)
		}
		groups := map[string]string{}
		for line := range strings.Lines(rest) {
			place, group := line[:strings.LastIndexByte(line, ' ')], strings.TrimSpace(line[strings.LastIndexByte(line, ' '):])
			groups[place] = group
		}
		compare(t, name, text, func(line, column int) string {
			group := groups[place(line, column)]
			if class, ok := vimClass[group]; ok {
				return class
			}
			return group
		})
	}
}

// TestVimIndent has Vim indent programs that lost their indentation: it must come
// back as smcc fmt makes it.
func TestVimIndent(t *testing.T) {
	dir := t.TempDir()
	var script strings.Builder
	want := map[string]string{}
	for name, text := range programs(t) {
		tree, _ := lang.Parse(name, []byte(text))
		neat, err := format.Source(tree, format.Options{})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, strings.TrimSuffix(name, ".smon")+".smon")
		want[file] = string(neat)
		var flat strings.Builder
		for line := range strings.Lines(string(neat)) {
			flat.WriteString(strings.TrimLeft(line, " "))
		}
		if err := os.WriteFile(file, []byte(flat.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		script.WriteString("edit " + file + "\nnormal gg=G\nwrite\n")
	}
	vim(t, script.String())
	for file, neat := range want {
		if got, err := os.ReadFile(file); err != nil || string(got) != neat {
			t.Errorf("%s (%v): vim indents\n%s\nwant\n%s", filepath.Base(file), err, got, neat)
		}
	}
}
