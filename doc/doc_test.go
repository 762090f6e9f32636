//go:build linux

// Package doc_test keeps the manual true: it generates the manual's tables from
// the catalogues, checks every program in it, and runs every command in it.
//
// A fenced block is understood by the words after its language:
//
//	```smon              a whole program; it must compile without a warning
//	```smon NAME.smon    the same, and it is written to NAME.smon for the commands below it
//	```smon decl         declarations: compiled below a program header
//	```smon body         statements: compiled inside on packet { … } of a program with declarations
//	```smon where        a condition a line: each compiled as that of a packet event
//	```smon wrong NAME.smon  a program with mistakes; it is only written
//	```console           commands, each behind "$ ", with what they write to the terminal below
//	```console nostderr  the same, without what they write to standard error
//
// Anything else (text, ebnf, sh …) is left alone. With -update the tables and the
// output of commands are rewritten:
//
//	go test ./doc -update
package doc_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

var update = flag.Bool("update", false, "rewrite generated tables and the output of commands")

// pages returns the files that this test owns, relative to this directory.
func pages(t *testing.T) []string {
	t.Helper()
	list := []string{"language.md"}
	for _, pattern := range []string{"note/*.md", "../examples/*/README.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, found...)
	}
	return list
}

// block is one fenced block.
type block struct {
	lang  string
	words []string // after the language
	text  string   // between the fences
	line  int      // of the opening fence, 1-based
	begin int      // byte offsets of text in the page
	end   int
}

func (b *block) has(word string) bool { return slices.Contains(b.words, word) }

// file returns the name that a program is written to, or "".
func (b *block) file() string {
	for _, w := range b.words {
		if strings.HasSuffix(w, ".smon") {
			return w
		}
	}
	return ""
}

// blocks cuts a page.
func blocks(t *testing.T, name, page string) (list []*block) {
	t.Helper()
	var open *block
	offset := 0
	for i, line := range strings.SplitAfter(page, "\n") {
		if strings.HasPrefix(line, "```") {
			if open != nil {
				open.text, open.end = page[open.begin:offset], offset
				list = append(list, open)
				open = nil
			} else {
				words := append(strings.Fields(strings.TrimPrefix(line, "```")), "")
				open = &block{lang: words[0], words: words[1:], line: i + 1, begin: offset + len(line)}
			}
		}
		offset += len(line)
	}
	if open != nil {
		t.Errorf("%s:%d: this block is not closed", name, open.line)
	}
	return list
}

// around are the declarations that stand around statements and conditions.
const around = `program fragment
param limit = 10  param period = 60s
list well_known = {20..25, 53}
list internal = {10.0.0.0/8, 2001:db8::/32}
entity host: ip
entity pair: (src: ip, dst: ip)
metric syns { count tbf(window: 60s) }
metric peers { distinct bloom(window: 60s) count cbf(window: 60s) }
metric seen { distinct bloom(window: 60s) }
metric sources { count hll(window: 60s) }
metric talkers { count topk(k: 10) }
table last[host]: float
table owner[ip]: mac
feature rate = syns
event check: timeout for host
event one: packet for host = ip.src
event other: packet for host = ip.dst
state default { on other { when syns > 1e300 -> watched } }
state watched for 1h then default {}
`

// sources returns the programs to compile for a block; what they are compiled
// with stands before the text of the page.
func (b *block) sources() (list []string) {
	switch {
	case b.has("decl"):
		return []string{"program fragment\n" + b.text}
	case b.has("body"):
		return []string{around + "on one {\n" + b.text + "}\n"}
	case b.has("where"):
		for line := range strings.Lines(b.text) {
			if strings.TrimSpace(line) != "" {
				list = append(list, around+"event two: packet where "+line)
			}
		}
		return list
	}
	return []string{b.text}
}

func (b *block) isFragment() bool { return b.has("decl") || b.has("body") || b.has("where") }

// readList stands for the files that lists name.
func readList(path string) ([]byte, error) { return []byte("# empty\n"), nil }

func TestPrograms(t *testing.T) {
	for _, name := range pages(t) {
		page := read(t, name)
		for _, b := range blocks(t, name, page) {
			if b.lang != "smon" || b.has("wrong") {
				continue
			}
			for _, src := range b.sources() {
				_, list := lang.Check("it", []byte(src), readList)
				for _, d := range list {
					if d.Severity == diag.Error || !b.isFragment() {
						t.Errorf("%s:%d: %v\n%s", name, b.line, d, numbered(src))
					}
				}
			}
		}
	}
}

func numbered(src string) string {
	var s strings.Builder
	for i, line := range strings.Split(src, "\n") {
		fmt.Fprintf(&s, "%4d  %s\n", i+1, line)
	}
	return s.String()
}

// TestTables compares the generated tables with the catalogues.
func TestTables(t *testing.T) {
	const name = "language.md"
	page := read(t, name)
	fresh := page
	for _, g := range generated {
		begin, end := "<!-- begin "+g.name+" -->\n", "<!-- end "+g.name+" -->"
		head, rest, ok := strings.Cut(fresh, begin)
		_, tail, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Errorf("%s has no %q … %q", name, strings.TrimSpace(begin), end)
			continue
		}
		fresh = head + begin + g.make() + end + tail
	}
	if fresh == page {
		return
	}
	if !*update {
		t.Fatalf("the tables of %s are not those of lang/types: go test ./doc -update", name)
	}
	write(t, name, fresh)
}

// generated are the tables, by the name in their markers.
var generated = []struct {
	name string
	make func() string
}{
	{"fields", fieldTable}, {"layers", layerTable}, {"constants", constantTable}, {"builtins", builtinTable}, {"kinds", kindTable},
}

func fieldTable() string {
	var s strings.Builder
	s.WriteString("| field | type | meaning | other names |\n|---|---|---|---|\n")
	for _, f := range types.Fields() {
		doc := f.Doc
		if f.IsEither() {
			doc += "; stands for " + code(f.Either, " and ")
		}
		if f.Group != "" {
			doc += " (constants: " + f.Group + ")"
		}
		other := code(f.Aliases, ", ")
		if len(f.Old) > 0 {
			if other != "" {
				other += "; "
			}
			other += "old: " + code(f.Old, ", ")
		}
		fmt.Fprintf(&s, "| `%s` | %v | %s | %s |\n", f.Name, f.Type, doc, other)
	}
	return s.String()
}

func code(names []string, sep string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "`" + n + "`"
	}
	return strings.Join(quoted, sep)
}

func layerTable() string {
	var s strings.Builder
	s.WriteString("| layer | true when the packet has |\n|---|---|\n")
	for _, l := range types.Layers() {
		fmt.Fprintf(&s, "| `%s` | %s |\n", l.Name, l.Doc)
	}
	return s.String()
}

func constantTable() string {
	var s strings.Builder
	s.WriteString("| constant | value | group | meaning |\n|---|---|---|---|\n")
	for _, c := range types.Constants("") {
		value := fmt.Sprint(c.Value)
		if c.Group == "flags" || c.Group == "tlsversion" {
			value = fmt.Sprintf("0x%x", c.Value)
		}
		fmt.Fprintf(&s, "| `%s` | %s | %s | %s |\n", c.Name, value, c.Group, c.Doc)
	}
	return s.String()
}

func builtinTable() string {
	var s strings.Builder
	s.WriteString("| builtin | takes | yields | meaning |\n|---|---|---|---|\n")
	for _, b := range types.Builtins() {
		takes, yields := "", b.Result.String()
		switch {
		case b.Name == "both":
			takes, yields = "two values of one type", "a key"
		case b.Call && b.Args == types.Invalid:
			takes, yields = "numbers of one unit", "the same"
		case b.Call:
			takes = b.Args.String()
		}
		fmt.Fprintf(&s, "| `%s` | %s | %s | %s |\n", b.Sign, takes, yields, b.Doc)
	}
	return s.String()
}

func kindTable() string {
	var s strings.Builder
	s.WriteString("| kind | after | reads | argument | type | default | allowed | meaning |\n|---|---|---|---|---|---|---|---|\n")
	for _, k := range types.Kinds("") {
		head := fmt.Sprintf("| `%s` | `%s` | %v ", k.Name, k.Role, k.Value)
		for _, a := range k.Args {
			typ, def := a.Type.String(), ""
			if a.Type == types.Invalid {
				typ, def = "word", "evict"
			}
			switch {
			case a.Required:
				def = "**required**"
			case a.Default.Type != types.Invalid:
				def = value(a.Default.Type, a.Default.Number())
			}
			fmt.Fprintf(&s, "%s| `%s` | %s | %s | %s | %s |\n", head, a.Name, typ, def, limits(a), a.Doc)
			head = "| | | "
		}
	}
	return s.String()
}

func limits(a types.KindArg) string {
	if a.Type == types.Invalid {
		return "`evict`, `reject`"
	}
	low := value(a.Type, a.Min)
	if a.Type == types.Duration && int64(a.Min)%1000 == 1 {
		return "above " + value(a.Type, a.Min-1) + ", to " + value(a.Type, a.Max)
	}
	return low + " to " + value(a.Type, a.Max)
}

// value prints a number as a program would.
func value(typ types.Type, x float64) string {
	if typ != types.Duration {
		if n := int64(x); float64(n) == x && n >= 1<<20 && n&(n-1) == 0 {
			return fmt.Sprintf("2^%d", bits.TrailingZeros64(uint64(n)))
		}
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	for _, u := range []struct {
		size float64
		name string
	}{{86400e9, "d"}, {3600e9, "h"}, {60e9, "m"}, {1e9, "s"}, {1e6, "ms"}} {
		if x >= u.size && x == float64(int64(x/u.size))*u.size {
			if u.name == "m" && x == 60e9 {
				return "60s"
			}
			return fmt.Sprintf("%d%s", int64(x/u.size), u.name)
		}
	}
	return fmt.Sprintf("%vns", x)
}

// TestCommands runs the commands of every page in a directory that looks like
// the checkout, with its standard output on a terminal, and compares what they
// write with the page.
func TestCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("commands compile programs: not with -short")
	}
	for _, name := range pages(t) {
		page := read(t, name)
		list := blocks(t, name, page)
		if !slices.ContainsFunc(list, func(b *block) bool { return b.lang == "console" }) {
			continue
		}
		t.Run(strings.TrimPrefix(name, "../"), func(t *testing.T) {
			dir := checkout(t)
			var fresh strings.Builder
			done := 0
			for _, b := range list {
				if b.lang == "smon" && b.file() != "" {
					write(t, filepath.Join(dir, b.file()), b.text)
				}
				if b.lang != "console" {
					continue
				}
				got := session(t, dir, b)
				if got != b.text && !*update {
					t.Errorf("%s:%d: the commands write\n%s\nthe page says\n%s", name, b.line, got, b.text)
				}
				fresh.WriteString(page[done:b.begin])
				fresh.WriteString(got)
				done = b.end
			}
			fresh.WriteString(page[done:])
			if *update && fresh.String() != page {
				write(t, name, fresh.String())
			}
		})
	}
}

// session runs the commands of a block and returns the block as it should be.
func session(t *testing.T, dir string, b *block) string {
	t.Helper()
	var out strings.Builder
	for line := range strings.Lines(b.text) {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			continue
		}
		out.WriteString(line)
		out.WriteString(terminal(t, dir, strings.TrimSpace(command), b.has("nostderr")))
	}
	return out.String()
}

// colours are the escapes of a terminal.
var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// times are what differs from run to run.
var times = regexp.MustCompile(`read in [0-9.]+ s, [0-9]+ packets/s|built in [0-9.]+ s`)

// terminal runs a command with its standard output on a pseudo-terminal and
// returns what it writes there and, unless quiet, to standard error.
func terminal(t *testing.T, dir, command string, quiet bool) string {
	t.Helper()
	master, slave := pty(t)
	defer master.Close()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir, cmd.Stdout = dir, slave
	var stderr bytes.Buffer
	if quiet {
		cmd.Stderr = &stderr
	} else {
		cmd.Stderr = slave
	}
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	var text []byte
	var reading sync.WaitGroup
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	reading.Go(func() { text, _ = io.ReadAll(master) }) // it ends with EIO when the last writer is gone
	err := cmd.Wait()
	reading.Wait()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() > 1) {
		t.Errorf("%s: %v\n%s", command, err, stderr.Bytes())
	}
	lines := strings.ReplaceAll(colours.ReplaceAllString(string(text), ""), "\r\n", "\n")
	return times.ReplaceAllStringFunc(lines, func(s string) string {
		word, _, _ := strings.Cut(s, " in ")
		return word + " in …"
	})
}

// pty opens a pseudo-terminal.
func pty(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Skipf("unlocking a pseudo-terminal: %v", err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skipf("numbering a pseudo-terminal: %v", err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("opening a pseudo-terminal: %v", err)
	}
	return master, slave
}

// checkout returns a new directory that looks like the checkout after make build.
func checkout(t *testing.T) string {
	t.Helper()
	bin, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"examples", "testdata", "internal", "runtime", "go.mod", "go.sum"} {
		if err := os.Symlink(filepath.Join(root, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(bin, filepath.Join(dir, "bin")); err != nil {
		t.Fatal(err)
	}
	return dir
}

var binDir string // what binaries made, to be removed

// TestMain removes the binaries.
func TestMain(m *testing.M) {
	code := m.Run()
	if binDir != "" {
		os.RemoveAll(binDir)
	}
	os.Exit(code)
}

// binaries builds smcc and smprobe once, as make build does.
var binaries = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "doc-bin-")
	if err != nil {
		return "", err
	}
	binDir = dir
	for _, args := range [][]string{
		{"make", "-s", "dist/deps.tar.gz"},
		{"go", "build", "-trimpath", "-pgo=off", "-buildvcs=false", "-ldflags=-s -w", "-o", dir + "/", "./cmd/smcc", "./cmd/smprobe"},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = ".."
		cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return dir, nil
})

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
