package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/streamon/streamon/lang/diag"
)

// File is a configuration file of the probe, in TOML. Its keys are the flags of
// `smprobe run`, by their long names; programs and sinks are tables, one each:
//
//	socket = "/run/smprobe/control"
//	dedup = "10m"
//
//	[[program]]
//	file = "/usr/lib/smprobe/ddos.so"
//	set = { threshold = 200 }
//
//	[[sink]]
//	to = "syslog:tls://logs.example"
//	ca = "/etc/ssl/ca.pem"
//
// doc/running.md describes it.
type File struct {
	Path string
	// Flags are the values of flags, by name: bool, text, number, or a list.
	Flags    map[string]any
	Programs []FileProgram
	Sinks    []FileSink

	keys []string // that may stand in it, but for tables
}

// FileProgram is a table [[program]].
type FileProgram struct {
	File  string         `toml:"file"` // plugin
	Set   map[string]any `toml:"set"`  // parameters
	Lists map[string]any `toml:"list"` // list files

	Budget  string `toml:"budget"`  // as after --budget
	Memory  string `toml:"memory"`  // as after --memory
	Restart string `toml:"restart"` // as after --restart
}

// IsKey reports whether a name is a key of the whole file, and no table.
func (f *File) IsKey(name string) bool { return slices.Contains(f.keys, name) }

// programKeys are the keys of a table [[program]].
var programKeys = []string{"file", "set", "list", "budget", "memory", "restart"}

// FileSink is a table [[sink]].
type FileSink struct {
	To      string            // as after --sink
	Options map[string]string // the rest of the table
}

// FileError is what is wrong with a configuration file, and where.
type FileError struct {
	Path         string
	Line, Column int // 0 = not known
	Reason       string
	Source       string // the line
}

// maxSource is how long a line may be to be shown.
const maxSource = 200

// Error returns the place and the reason in one line, and then the source line with a mark.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Path, e.Reason)
	}
	text := fmt.Sprintf("%s:%d:%d: %s", e.Path, e.Line, e.Column, e.Reason)
	if e.Source == "" || len(e.Source) > maxSource {
		return text
	}
	pad := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, e.Source[:min(max(e.Column-1, 0), len(e.Source))])
	return fmt.Sprintf("%s\n%5d | %s\n      | %s^", text, e.Line, e.Source, pad)
}

// ReadFile reads a configuration file. flags are the names that may stand in it. Errors are
// *FileError, or of the system.
func ReadFile(path string, flags []string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1)) // it may be a pipe, or /dev/zero
	if err != nil {
		return nil, err
	}
	if len(text) > maxFileBytes {
		return nil, &FileError{Path: path, Reason: fmt.Sprintf("more than the %d kB that a configuration may have", maxFileBytes>>10)}
	}
	return ParseFile(path, text, flags)
}

// maxFileBytes bounds a configuration file.
const maxFileBytes = 1 << 20

// ParseFile is ReadFile of a text.
func ParseFile(path string, text []byte, flags []string) (*File, error) {
	var whole map[string]any
	if err := toml.Unmarshal(text, &whole); err != nil {
		return nil, decodeError(path, text, err)
	}
	var tables struct {
		Programs []FileProgram    `toml:"program"`
		Sinks    []map[string]any `toml:"sink"`
	}
	f := &File{Path: path, Flags: map[string]any{}, keys: flags}
	if err := toml.Unmarshal(text, &tables); err != nil {
		return nil, decodeError(path, text, err)
	}
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, at(path, text, key, fmt.Sprintf(format, args...)))
	}
	for _, key := range slices.Sorted(maps.Keys(whole)) {
		switch {
		case key == "program" || key == "sink":
			if _, ok := whole[key].([]any); !ok {
				bad(key, "%s: expected [[%s]], with two brackets, for each", key, key)
			}
		case !slices.Contains(flags, key):
			bad(key, "unknown key %q: %s", key, expected(key, append([]string{"program", "sink"}, flags...), "program, sink or the long name of a flag of smprobe run"))
		case !isFlag(whole[key]):
			bad(key, "%s: expected a value or a list of values", key)
		default:
			f.Flags[key] = whole[key]
		}
	}
	for i, p := range tables.Programs {
		f.programs(i, p, whole, bad)
	}
	for i, s := range tables.Sinks {
		f.sinks(i, s, bad)
	}
	return f, errors.Join(errs...)
}

// expected says what a name should have been: the nearest one if it is near, else one of all.
func expected(name string, names []string, all string) string {
	if near := diag.Nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "expected " + all
}

// misplaced says what is wrong with a key in the table of a program. What follows a table in TOML belongs to it.
func (f *File) misplaced(key string) string {
	if f.IsKey(key) {
		return Misplaced
	}
	return expected(key, programKeys, "file, set, list, budget, memory or restart")
}

// Misplaced is what there is to say of a key of the whole file that stands in a table.
const Misplaced = "keys of the whole file stand before the first [[program]] or [[sink]]"

// programs takes over a table [[program]].
func (f *File) programs(i int, p FileProgram, whole map[string]any, bad func(key, format string, args ...any)) {
	if p.File == "" {
		bad("", "program %d has no file", i+1)
	}
	if list, ok := whole["program"].([]any); ok && i < len(list) {
		table, _ := list[i].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(table)) {
			if !slices.Contains(programKeys, key) {
				bad("", "program %d: unknown key %q: %s", i+1, key, f.misplaced(key))
			}
		}
	}
	check := func(name string, table map[string]any) {
		for _, key := range slices.Sorted(maps.Keys(table)) {
			if _, ok := scalar(table[key]); !ok {
				bad("", "program %d: %s: %s: expected a value", i+1, name, key)
			}
		}
	}
	check("set", p.Set)
	check("list", p.Lists)
	f.Programs = append(f.Programs, p)
}

// sinks takes over a table [[sink]].
func (f *File) sinks(i int, s map[string]any, bad func(key, format string, args ...any)) {
	k := FileSink{Options: map[string]string{}}
	for _, key := range slices.Sorted(maps.Keys(s)) {
		text, ok := scalar(s[key])
		switch {
		case !ok:
			bad("", "sink %d: %s: expected a value", i+1, key)
		case key == "to":
			k.To = text
		default:
			k.Options[key] = text
		}
	}
	if k.To == "" {
		bad("", "sink %d has no \"to\", as in to = \"file:/var/log/alerts.jsonl\"", i+1)
	}
	f.Sinks = append(f.Sinks, k)
}

// Settings returns the parameters and the list files of p as those of program name.
func (p *FileProgram) Settings(name string) (set, lists []Setting) {
	take := func(m map[string]any) (list []Setting) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			text, _ := scalar(m[key])
			list = append(list, Setting{name, key, text})
		}
		return list
	}
	return take(p.Set), take(p.Lists)
}

// scalar returns a value as it would stand on the command line.
func scalar(v any) (text string, ok bool) {
	switch v.(type) {
	case string, bool, int64, float64:
		return fmt.Sprint(v), true
	}
	return "", false
}

// isFlag reports whether v can be the value of a flag.
func isFlag(v any) bool {
	list, ok := v.([]any)
	if !ok {
		_, ok = scalar(v)
		return ok
	}
	return !slices.ContainsFunc(list, func(e any) bool { _, ok := scalar(e); return !ok })
}

// wrongKind is what package toml says of a value of another kind than that of the field of ours.
var wrongKind = regexp.MustCompile(`^cannot decode TOML (.*?) into .* of type (.*)$`)

// kinds are the words for kinds of values, of TOML and of Go.
var kinds = map[string]string{
	"string": "a text", "integer": "a number", "float": "a number", "boolean": "true or false", "array": "a list", "inline table": "a table",
}

// decodeError says where the TOML is wrong.
func decodeError(path string, text []byte, err error) error {
	e := &FileError{Path: path, Reason: strings.TrimPrefix(err.Error(), "toml: ")}
	if m := wrongKind.FindStringSubmatch(e.Reason); m != nil {
		e.Reason = "found " + cmp.Or(kinds[m[1]], m[1]) + ", expected " + cmp.Or(kinds[m[2]], "a table")
	}
	var d *toml.DecodeError
	if errors.As(err, &d) {
		e.Line, e.Column = d.Position()
		e.Source = line(text, e.Line)
	}
	return e
}

// at finds the place of a key of the whole file: the first line that begins with it. Keys of a
// table have none: another table may have the same.
func at(path string, text []byte, key, reason string) error {
	e := &FileError{Path: path, Reason: reason}
	n := 0
	for l := range strings.Lines(string(text)) {
		n++
		bare := strings.TrimLeft(l, " \t[\"")
		if rest, ok := strings.CutPrefix(bare, key); key != "" && ok && strings.IndexAny(rest, "= \t.]\"") == 0 {
			e.Line, e.Column, e.Source = n, len(l)-len(bare)+1, strings.TrimRight(l, "\r\n")
			break
		}
	}
	return e
}

func line(text []byte, n int) string {
	lines := strings.Split(string(text), "\n")
	if n < 1 || n > len(lines) {
		return ""
	}
	return strings.TrimRight(lines[n-1], "\r")
}
