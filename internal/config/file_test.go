package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseFile(t *testing.T) {
	text := `
workers = 2
quiet = true
read = ["a", "b"]

[[program]]
file = "x.so"
set = { rate = 0.5, name = "n", on = true, period = "30s" }
list = { bad = "bad.txt" }

[[sink]]
to = "file:x"
queue = 10
`
	f, err := ParseFile("c.toml", []byte(text), []string{"workers", "quiet", "read"})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(f.Flags); got != "map[quiet:true read:[a b] workers:2]" {
		t.Errorf("flags: %s", got)
	}
	set, lists := f.Programs[0].Settings("p")
	if got := fmt.Sprint(set, lists); got != "[p.name=n p.on=true p.period=30s p.rate=0.5] [p.bad=bad.txt]" {
		t.Errorf("settings: %s", got)
	}
	if k := f.Sinks[0]; k.To != "file:x" || fmt.Sprint(k.Options) != "map[queue:10]" {
		t.Errorf("sink: %+v", k)
	}
}

func TestFileErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"worker = 2", "c.toml:1:1: unknown key \"worker\": did you mean \"workers\"?\n    1 | worker = 2\n      | ^"},
		{"speed = 2", "c.toml:1:1: unknown key \"speed\": expected program, sink or the long name of a flag of smprobe run\n    1 | speed = 2\n      | ^"},
		{"[[programs]]\nfile = \"x\"", "c.toml:1:3: unknown key \"programs\": did you mean \"program\"?\n    1 | [[programs]]\n      |   ^"},
		{"a = 1\n\tworkers = = 2", "c.toml:2:12: unexpected character U+003D '=' at start of value\n    2 | \tworkers = = 2\n      | \t          ^"},
		{"workers = { a = 1 }", "c.toml:1:1: workers: expected a value or a list of values"},
		{"workers = [[1]]", "c.toml:1:1: workers: expected a value or a list of values"},
		{"[[program]]", "c.toml: program 1 has no file"},
		{"[[program]]\nfile = \"x\"\nset = 5", "c.toml:3:"},
		{"[[program]]\nfile = \"x\"\nfiel = 5", "c.toml: program 1: unknown key \"fiel\": did you mean \"file\"?"},
		{"[[program]]\nfile = \"x\"\nrate = 5", "c.toml: program 1: unknown key \"rate\": expected file, set, list, budget, memory or restart"},
		{"[[program]]\nfile = \"x\"\nworkers = 5", "c.toml: program 1: unknown key \"workers\": keys of the whole file stand before the first [[program]] or [[sink]]"},
		{"[[sink]]\nqueue = 1", "c.toml: sink 1 has no \"to\""},
		{"[[sink]]\nto = \"file:x\"\nqueue = [1]", "c.toml: sink 1: queue: expected a value"},
		{"[[program]]\nfile = \"x\"\n[[program]]\nfile = \"y\"\nset = { a = [1] }", "c.toml: program 2: set: a: expected a value"},
		{"[[program]]\nfile = \"x\"\nlist = { a = {} }", "c.toml: program 1: list: a: expected a value"},
		{"[sink]\nto = \"file:x\"", "c.toml:1:2: sink: expected [[sink]], with two brackets, for each"},
		{"program = [\"x.so\"]", "c.toml:1:12: found a text, expected a table\n"},
		{"program = 5", "c.toml:1:11: found a number, expected "},
		{"[[program]]\nfile = 5", "c.toml:2:8: found a number, expected a text\n"},
		{"[[program]]\nfile = \"x\"\nset = [1]", "c.toml:3:7: found a list, expected a table"},
		{"[[program]]\nfile = \"x\"\nbudget = true", "c.toml:3:10: found true or false, expected a text\n"},
		{"x\x00" + strings.Repeat("y", 3000), "c.toml:1:2: "},
		{"workers = 1\nworkers = 2", "c.toml:2:1: "},
	}
	for _, tt := range tests {
		_, err := ParseFile("c.toml", []byte(tt.text), []string{"workers"})
		if err == nil || !strings.HasPrefix(strings.ReplaceAll(err.Error(), "\n     ", "\n    "), strings.ReplaceAll(tt.want, "\n     ", "\n    ")) {
			t.Errorf("%q:\n got %v\nwant %s", tt.text, err, tt.want)
		}
	}
	for _, tt := range tests {
		if _, err := ParseFile("c.toml", []byte(tt.text), []string{"workers"}); len(err.Error()) > 500 || strings.Contains(err.Error(), "TOML") || strings.Contains(err.Error(), "struct") {
			t.Errorf("%.100q: %.600v", tt.text, err)
		}
	}
	if _, err := ReadFile("/dev/zero", nil); err == nil || !strings.Contains(err.Error(), "more than the 1024 kB") {
		t.Errorf("ReadFile without an end: %v", err)
	}
	if _, err := ParseFile("c.toml", []byte("a = 1\nb = 2"), nil); err == nil || strings.Count(err.Error(), "unknown key") != 2 {
		t.Errorf("two keys are unknown: %v", err)
	}
	if _, err := ReadFile(filepath.Join(t.TempDir(), "none"), nil); !os.IsNotExist(err) {
		t.Errorf("ReadFile = %v", err)
	}
}

func TestParseRate(t *testing.T) {
	if n, per, err := ParseRate("5/1m30s"); n != 5 || per != 90e9 || err != nil {
		t.Errorf("ParseRate = %d, %s, %v", n, per, err)
	}
	for _, text := range []string{"", "5", "5/", "/1m", "0/1m", "-1/1m", "5/0s", "5/1", "5 /1m", "99999999999/1m"} {
		if n, per, err := ParseRate(text); err == nil {
			t.Errorf("ParseRate(%q) = %d, %s", text, n, per)
		}
	}
}

// Whatever stands in a file, reading it ends, and its errors have a place in it.
func FuzzFile(f *testing.F) {
	for _, s := range []string{"a = 1", "[[sink]]\nto = \"x\"", "[[program]]\nfile = \"x\"\nset = {a=1}", "a.b = 2", "\"\" = 1", "\t[ a", "é = 1\n[[sink]]\né = [{}]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := ParseFile("c", []byte(text), []string{"a"})
		if err != nil && !strings.HasPrefix(err.Error(), "c:") {
			t.Errorf("ParseFile(%q) = %v", text, err)
		}
	})
}
