package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/access"
)

// remote is a probe that answers requests over TCP, with who may ask.
type remote struct {
	*running
	origin string
	tokens map[string]string // by tenant and right, as in "red write"
	flags  []string          // who may ask, and what they may load
}

// listen starts a probe that answers requests over TCP.
func listen(t *testing.T, args ...string) *remote {
	t.Helper()
	dir := t.TempDir()
	r := &remote{tokens: map[string]string{}}
	var lines strings.Builder
	for _, who := range []string{"* write", "* read", "red write", "blue write"} {
		tenant, right, _ := strings.Cut(who, " ")
		token, line, err := access.MakeLine(tenant, right == "write")
		if err != nil {
			t.Fatal(err)
		}
		r.tokens[who] = token
		lines.WriteString(line + "\n")
	}
	tokens, plugins := filepath.Join(dir, "tokens"), filepath.Join(dir, "plugins")
	if err := os.WriteFile(tokens, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(plugins, 0o755); err != nil {
		t.Fatal(err)
	}
	r.flags = []string{"-q", "--tokens", tokens, "--plugin-dir", plugins}
	r.begin(t, "127.0.0.1:0", args...)
	return r
}

// begin starts the probe, another one if it was started before.
func (r *remote) begin(t *testing.T, address string, args ...string) {
	t.Helper()
	r.running = start(t, slices.Concat(r.flags, []string{"--listen", address}, args)...)
	r.until("the address is told", func() bool {
		_, rest, ok := strings.Cut(r.err.String(), "answering requests at ")
		r.origin, _, _ = strings.Cut(rest, "\n")
		return ok && strings.Contains(rest, "\n")
	})
}

// request asks as somebody and returns the status and the answer.
func (r *remote) request(who, method, path string, body []byte) (int, string) {
	r.t.Helper()
	req, err := http.NewRequest(method, r.origin+path, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if who != "" {
		req.Header.Set("Authorization", "Bearer "+r.tokens[who])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, string(text)
}

const counting = `program counter "counts"
entity host: ip
metric sent { count dleft }
event packet: packet where udp   for host = ip.src
state default { on packet { set sent[host]  when sent > 3 -> busy { alert low "{host}: {sent}" } } }
state busy {}
`

// TestUpload: a source is compiled on the probe and runs, for whom it belongs to only; what
// nobody may bring along is refused.
func TestUpload(t *testing.T) {
	r := listen(t, "--uploads")
	so, err := os.ReadFile(plugin(t, counting))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, who, file string
		body            []byte
		status          int
		text            string
	}{
		{"no token", "", "counter.smon", []byte(counting), 401, "no token"},
		{"may only read", "* read", "counter.smon", []byte(counting), 403, "the right to write"},
		{"plugin of a tenant", "red write", "counter.so", so, 403, "is the operator's right"},
		{"plugin of a tenant by another name", "red write", "counter.smon", so, 403, "is the operator's right"},
		{"no plugin", "* write", "counter.so", []byte("text"), 422, "not made by smcc"},
		{"cut plugin", "* write", "counter.so", so[:len(so)-100], 422, "not made by smcc"},
		{"no name", "* write", "", []byte(counting), 400, "parameter file"},
		{"hidden", "* write", ".smon", []byte(counting), 422, "expected the name of a file"},
		{"a flag", "* write", "-o.smon", []byte(counting), 422, "expected the name of a file"},
		{"odd name", "* write", "a b.smon", []byte(counting), 422, "expected the name of a file"},
		{"other ending", "* write", "counter.go", []byte("package main"), 422, "expected a program"},
		{"empty", "* write", "counter.smon", nil, 400, "is empty"},
		{"large", "* write", "counter.smon", bytes.Repeat([]byte("# text\n"), 1<<18), 422, "more than the 1024 kB"},
		{"errors", "red write", "../../counter.smon", []byte("program x {"), 422, "counter.smon:1:"},
		{"a file of the probe", "red write", "x.smon", []byte(strings.Replace(counting, "entity", "list bad = file(\"/etc/passwd\")\nentity", 1)), 422, "files are not read here"},
	}
	for _, tt := range tests {
		code, text := r.request(tt.who, "POST", "/v1/uploads?file="+strings.ReplaceAll(tt.file, " ", "%20"), tt.body)
		if code != tt.status || !strings.Contains(text, tt.text) || strings.Contains(text, "root:") {
			t.Errorf("%s: %d %.300s, want %d and %q", tt.name, code, text, tt.status, tt.text)
		}
	}
	upload := func(who, file string, body []byte) string {
		code, text := r.request(who, "POST", "/v1/uploads?file="+file, body)
		var up struct{ Upload, Program, Version string }
		if err := json.Unmarshal([]byte(text), &up); err != nil || code != 200 || up.Program != "counter" || len(up.Version) != 16 {
			t.Fatalf("%s uploads %s: %d %s", who, file, code, text)
		}
		return up.Upload
	}
	id := upload("red write", "counter.smon", []byte(counting))
	load := []byte(`{"upload":"` + id + `","name":"red-counter"}`)
	if code, text := r.request("blue write", "POST", "/v1/programs", load); code != 422 || !strings.Contains(text, "is not there") {
		t.Errorf("blue loads what red uploaded: %d %s", code, text)
	}
	if code, text := r.request("red write", "POST", "/v1/programs", load); code != 200 {
		t.Errorf("red loads: %d %s", code, text)
	}
	id = upload("* write", "counter.so", so)
	if code, text := r.request("* write", "POST", "/v1/programs", []byte(`{"upload":"`+id+`"}`)); code != 200 {
		t.Errorf("the operator loads a plugin: %d %s", code, text)
	}
	if code, text := r.request("* write", "POST", "/v1/programs", []byte(`{"upload":"`+id+`","path":"x.so"}`)); code != 400 || !strings.Contains(text, "both") {
		t.Errorf("both an upload and a path: %d %s", code, text)
	}
	for range 4 {
		r.write(frame(0, 1, 2))
	}
	r.until("both programs alerted", func() bool {
		s := r.list()
		return s.program("counter").Records.Alert == 1 && s.program("red-counter").Records.Alert == 1
	})
	if code, text := r.request("red write", "GET", "/v1/programs/counter/machines", nil); code != 403 {
		t.Errorf("red sees the operator's machine: %d %s", code, text)
	}
	_, text := r.request("red write", "GET", "/v1/programs/red-counter/machines", nil)
	if want := `{"entity":"host","from":"default","to":"busy","events":["packet"],"when":"sent > 3","do":["alert low \"{host}: {sent}\""]}`; !strings.Contains(strings.ReplaceAll(text, `\u003e`, ">"), want) {
		t.Errorf("the machine of red is %s, want %s in it", text, want)
	}
	if _, text := r.request("red write", "GET", "/v1/programs/red-counter/graph", nil); !strings.Contains(text, `data-entity="host" data-state="busy"`) {
		t.Errorf("the drawing has no place for numbers: %.300s", text)
	}
}

// TestNoUploads: over TCP nothing can be brought along unless the operator said so.
func TestNoUploads(t *testing.T) {
	r := listen(t)
	if code, text := r.request("* write", "POST", "/v1/uploads?file=counter.smon", []byte(counting)); code != 403 || !strings.Contains(text, "without --uploads") {
		t.Errorf("%d %s", code, text)
	}
	_, text := r.request("* write", "GET", "/v1/me", nil)
	if want := `{"operator":true,"write":true,"no_upload":"this probe was started without --uploads"}`; strings.TrimSpace(text) != want {
		t.Errorf("me is %s, want %s", text, want)
	}
}

// TestLoadSource: load and replace bring a source to the probe, which compiles it, and say what
// it says.
func TestLoadSource(t *testing.T) {
	r := start(t, "-q")
	file := filepath.Join(t.TempDir(), "counter.smon")
	source := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.refused(1, []string{"no such file"}, "load", file)
	source("program counter {")
	r.refused(2, []string{"smprobe: error: counter.smon was not compiled:\n  counter.smon:1:", "error: "}, "load", file)
	source(edit(t, counting, "entity", "list bad = file(\"bad.txt\")\nentity", "udp ", "udp and ip.src in bad "))
	r.refused(2, []string{"files are not read here"}, "load", file)

	source(counting)
	if out := r.must("load", file, "--name", "mine"); !strings.Contains(out, "\nloaded mine, version ") {
		t.Errorf("load prints %q", out)
	}
	for range 2 {
		r.send(frame(0, 1, 2))
	}
	source(edit(t, counting, "> 3", "> 1", "metric sent", "metric more { count dleft }\nmetric sent", "set sent[host]", "set sent[host], more[host]"))
	out := r.must("replace", file, "--name", "mine")
	for _, want := range []string{"smprobe: counter.smon:", "is never left [no-exit]", "replaced mine: version ", ", generation 2\n", "  kept core, metric sent", "  metric more: new\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("replace prints %q, want %q in it", out, want)
		}
	}
	r.send(frame(0, 1, 2)) // the third: the count was kept
	if s := r.list(); s.program("mine").Records.Alert != 1 {
		t.Errorf("after the replacement: %+v", s.program("mine"))
	}
}

// TestLoadSourceWithoutGo: where nothing can be compiled, the probe says what is missing and
// what to do instead.
func TestLoadSourceWithoutGo(t *testing.T) {
	r := startWith(t, []string{"PATH=" + t.TempDir()}, "-q")
	file := filepath.Join(t.TempDir(), "counter.smon")
	if err := os.WriteFile(file, []byte(counting), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"load", "replace"} {
		r.refused(2, []string{
			"smprobe: error: the probe cannot compile counter.smon: no Go toolchain is in PATH\n",
			"smprobe: hint: make a plugin and load that: smcc build counter.smon\n",
		}, command, file)
	}
}
