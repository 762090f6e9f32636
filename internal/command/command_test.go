package command

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/program"
)

// The test binary is the command as well: it does what its first argument says.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 {
		os.Exit(m.Run())
	}
	switch os.Args[1] {
	case "record": // its arguments and surroundings, in a file
		stdin, _ := os.Stdin.Read(make([]byte, 1))
		dir, _ := os.Getwd()
		text, _ := json.Marshal(seen{os.Args[3:], os.Environ(), dir, stdin})
		if err := os.WriteFile(os.Args[2], text, 0o600); err != nil {
			os.Exit(1)
		}
	case "say":
		fmt.Print(os.Args[2])
	case "fail":
		os.Exit(3)
	case "sleep":
		time.Sleep(time.Hour)
	default:
		os.Exit(m.Run())
	}
	os.Exit(0)
}

// seen is what a command finds.
type seen struct {
	Args, Env []string
	Dir       string
	Stdin     int
}

var origin = &export.Origin{Program: "p"}

// record makes an exec record; an argument that begins with "?" begins with a value.
func record(args ...string) *program.Record {
	r := &program.Record{Type: program.ExecRecord}
	for _, a := range args {
		text, isValue := strings.CutPrefix(a, "?")
		r.Message = append(r.Message, text...)
		r.Args = append(r.Args, program.Arg{End: len(r.Message), Fixed: !isValue})
	}
	return r
}

// logged keeps lines.
type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *logged) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// start makes a runner that allows the test binary.
func start(t *testing.T, limit time.Duration) (r *Runner, self string, log *logged) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	log = &logged{}
	r, err = Start(Options{Allow: []string{self}, limit: limit, Records: export.Discard, Logf: log.add})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r, self, log
}

// Whatever a packet holds arrives as one argument, byte for byte, and nothing else of
// the probe's surroundings does.
func TestVerbatim(t *testing.T) {
	t.Setenv("SECRET", "x")
	r, self, log := start(t, 0)
	file := filepath.Join(t.TempDir(), "args")
	hostile := []string{"$(reboot)", "; rm -rf /", "a\nb", `"'`, "`id`", "a b", "", "*", "%s", "\\", "\xff\xfe", "--fixed", strings.Repeat("x", maxArg)}
	args := []string{filepath.Base(self), "record", file}
	for _, h := range hostile {
		if strings.HasPrefix(h, "-") {
			args = append(args, h) // begins with text of the program
		} else {
			args = append(args, "?"+h)
		}
	}
	rec := record(args...)
	if err := r.Write(origin, rec); err != nil || !rec.Runs || rec.Reason != "" {
		t.Fatalf("run %v, reason %q, %v", rec.Runs, rec.Reason, err)
	}
	clear(rec.Message) // the record is the sender's again
	r.Close()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, log.text())
	}
	var got seen
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(hostile)
	want[10] = "\ufffd\ufffd" // JSON of the test cannot hold it
	if !slices.Equal(got.Args, want) {
		t.Errorf("the command got %q, want %q", got.Args, want)
	}
	if len(got.Env) != 1 || !strings.HasPrefix(got.Env[0], "PATH=") || got.Dir != "/" || got.Stdin != 0 {
		t.Errorf("environment %q, directory %q, %d bytes to read", got.Env, got.Dir, got.Stdin)
	}
	if c := r.Counts(); c != (Counts{Run: 1}) {
		t.Errorf("counts %+v", c)
	}
}

// Commands that are not allowed do not run, and say why.
func TestRefused(t *testing.T) {
	r, self, _ := start(t, 0)
	file := filepath.Join(t.TempDir(), "args")
	link := filepath.Join(t.TempDir(), filepath.Base(self))
	os.Symlink("/bin/true", link)
	many := slices.Repeat([]string{"x"}, maxArgs+1)
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"true"}, "the program is not allowed"},
		{[]string{"/bin/true"}, "the program is not allowed"},
		{[]string{link, "record", file}, "the program is not allowed"},
		{[]string{"./" + filepath.Base(self), "record", file}, "the program is not allowed"},
		{[]string{self + "/", "record", file}, "the program is not allowed"},
		{[]string{"", "record", file}, "the program is not allowed"},
		{[]string{self, "record", file, "?-rf"}, "argument 3 would be an option, and comes from a packet"},
		{[]string{self, "record", file, "a\x00b"}, "argument 3 holds a NUL"},
		{[]string{self, "record", file, "?" + strings.Repeat("x", maxArg+1)}, "argument 3 has 4097 bytes, 4096 are allowed"},
		{many, "65 arguments"},
		{nil, "0 arguments"},
	}
	for _, tt := range tests {
		rec := record(tt.args...)
		r.Write(origin, rec)
		if rec.Runs || rec.Reason != tt.want {
			t.Errorf("%.40q: run %v, reason %q, want %q", tt.args, rec.Runs, rec.Reason, tt.want)
		}
	}
	r.Close()
	if _, err := os.Stat(file); err == nil {
		t.Error("a command ran")
	}
	if c := r.Counts(); c != (Counts{Refused: uint64(len(tests))}) {
		t.Errorf("counts %+v", c)
	}
}

// Without leave nothing runs, and that is said once.
func TestDryRun(t *testing.T) {
	self, _ := os.Executable()
	file := filepath.Join(t.TempDir(), "args")
	log := &logged{}
	r, err := Start(Options{Records: export.Discard, Logf: log.add})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		rec := record(self, "record", file)
		r.Write(origin, rec)
		if rec.Runs || rec.Reason != "the program is not allowed" {
			t.Errorf("run %v, reason %q", rec.Runs, rec.Reason)
		}
	}
	r.Close()
	if _, err := os.Stat(file); err == nil {
		t.Error("a command ran")
	}
	if got := log.text(); strings.Count(got, "without --allow-exec") != 1 || r.Counts().Refused != 3 {
		t.Errorf("log %q, counts %+v", got, r.Counts())
	}
}

// Commands that do not end are killed, and hold up nobody.
func TestSlow(t *testing.T) {
	const limit = 300 * time.Millisecond
	r, self, log := start(t, limit)
	begun := time.Now()
	const n = atOnce + queueLen + 50
	for range n {
		r.Write(origin, record(self, "sleep"))
	}
	if took := time.Since(begun); took > limit*10 {
		t.Errorf("%d records took %v", n, took)
	}
	for r.Counts().Failed == 0 { // until the first were killed
		time.Sleep(time.Millisecond)
	}
	r.Close()
	c := r.Counts()
	if c.Run+c.Dropped != n || c.Dropped < 50 || c.Failed != c.Run || c.Run < atOnce {
		t.Errorf("counts %+v of %d", c, n)
	}
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("closed after %v", took)
	}
	if got := log.text(); !strings.Contains(got, "killed after 300ms") {
		t.Errorf("log %.200q", got)
	}
}

// What commands print, and how they fail, is logged.
func TestOutput(t *testing.T) {
	r, self, log := start(t, 0)
	r.Write(origin, record(self, "say", "?one\n\x1b[2Jtwo\n"))
	r.Write(origin, record(self, "say", strings.Repeat("x", 3000)+"\n"))
	r.Write(origin, record(self, "fail"))
	r.Close()
	for _, want := range []string{
		fmt.Sprintf("command %s: \"one\"", self), fmt.Sprintf("command %s: %q", self, "\x1b[2Jtwo"),
		fmt.Sprintf("command %s: exit status 3", self), strings.Repeat("x", 3000),
	} {
		if !strings.Contains(log.text(), want) {
			t.Errorf("log lacks %q:\n%s", want, log.text())
		}
	}
	if c := r.Counts(); c != (Counts{Run: 3, Failed: 1}) {
		t.Errorf("counts %+v", c)
	}
	p := &printed{}
	for range 3 {
		fmt.Fprint(p, strings.Repeat("x", 3000))
	}
	if got := p.text(); len(got) != maxOutput+len("…") {
		t.Errorf("%d bytes of output are kept, want %d", len(got), maxOutput)
	}
}

func TestAllow(t *testing.T) {
	dir := t.TempDir()
	plain, shell := filepath.Join(dir, "plain"), filepath.Join(dir, "innocent")
	os.WriteFile(plain, nil, 0o600)
	os.WriteFile(filepath.Join(dir, "true"), nil, 0o700)
	sh, _ := filepath.EvalSymlinks("/bin/sh")
	os.Symlink(sh, shell)
	tests := []struct {
		allow []string
		want  string // in the error; "" = none
	}{
		{nil, ""},
		{[]string{"/bin/true", "/bin/false", "/bin/true"}, ""},
		{[]string{"true"}, `"true" is not the whole path of a program`},
		{[]string{"*"}, `"*" is not the whole path of a program`},
		{[]string{"/bin/../bin/true"}, "is not the whole path"},
		{[]string{"/nonexistent"}, "no such file"},
		{[]string{"/bin"}, "/bin is not a file that can be run"},
		{[]string{plain}, "is not a file that can be run"},
		{[]string{"/bin/sh"}, "/bin/sh is a shell"},
		{[]string{shell}, "is a shell"},
		{[]string{"/bin/true", filepath.Join(dir, "true")}, "/bin/true has the same name"},
	}
	for _, tt := range tests {
		err := CheckAllow(tt.allow)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("CheckAllow(%q) = %v, want %q", tt.allow, err, tt.want)
		}
	}
}
