package smprobe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/streamon/streamon/internal/access"
	"github.com/streamon/streamon/internal/sdk"
	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// rich is talker with all that a program may have.
func rich(name, version string) *program.Info {
	info := talker(name, version)
	info.Manifest.ID, info.Manifest.Lists = "0011", []program.ListInfo{{Name: "bad", Text: "10.0.0.1\n"}}
	info.Manifest.States[1].Level, info.Manifest.States[1].Code, info.Manifest.States[1].Doc = "low", "T1", "sends much"
	info.Manifest.Rules = []program.RuleInfo{
		{Entity: "host", From: "default", To: "talking", Events: []string{"pkt"}, When: "count > every", Do: []string{`alert low "much"`}},
		{Entity: "host", From: "talking", To: "default", After: "10m", Lazy: true},
	}
	make := info.New
	info.New = func(env *program.Env) (program.Instance, error) {
		t, err := make(env)
		return &richInstance{t.(*talkerInstance)}, err
	}
	return info
}

type richInstance struct{ *talkerInstance }

func (r *richInstance) Process(b *packet.Batch, v *program.Verdicts) {
	r.talkerInstance.Process(b, v)
	field := []program.Field{{Name: "packets", Value: program.IntValue(int64(r.packets))}}
	p := &b.Packets[0]
	r.env.Sink.Emit(&program.Record{Type: program.PublishRecord, Time: p.Time, Event: "report", Topic: "load", Fields: field})
	r.env.Sink.Emit(&program.Record{Type: program.LogRecord, Time: p.Time, Event: "pkt", Message: []byte("a batch")})
	for i, what := range []string{"ip.src", "ip.dst"} {
		r.env.Sink.Emit(&program.Record{
			Type: program.LogRecord, Time: p.Time, Event: "pkt", Message: []byte("block " + what + " 192.0.2.1 for 1h"),
			Fields: []program.Field{{Name: "block", Value: program.IPValue(packet.IPv4(192, 0, 2, byte(i)))}, {Name: "for", Value: program.DurationValue(int64(time.Hour))}},
		})
	}
}

func (r *richInstance) Tables(f func(string, []program.Field, program.Value) bool) {
	f("last", []program.Field{{Name: "host", Value: program.IPValue(packet.IPv4(10, 0, 0, 1))}}, program.FloatValue(1.5))
}

func (r *richInstance) Tops(f func(string, program.Value)) {
	f("talkers", program.Value{Kind: program.KindEntries, L: []program.Field{{Name: "10.0.0.1", Value: program.IntValue(9)}}})
}

// service is a probe that answers requests while a test runs.
type service struct {
	t       *testing.T
	dir     string // has plugins/, socket, tokens
	url     string
	log     *testkit.Buffer
	tokens  map[string]string // by tenant and rights, as in "red read"
	client  *http.Client
	stop    func() int // ends the probe and returns its exit code
	plugins map[string]*program.Info
}

// noTokens among the arguments of start leaves out --tokens.
const noTokens = ""

// start starts a probe that replays a capture over and over, with the operator's program
// base, and plugins rich.so and talk.so in its folder.
func start(t *testing.T, args ...string) *service {
	t.Helper()
	s := &service{t: t, dir: t.TempDir(), log: &testkit.Buffer{}, tokens: map[string]string{}, client: &http.Client{Timeout: time.Minute}, plugins: map[string]*program.Info{}}
	in := writeCapture(t, 1000)
	if err := os.Mkdir(filepath.Join(s.dir, "plugins"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, info := range map[string]*program.Info{"rich.so": rich("rich", "2"), "talk.so": talker("talk", "1")} {
		s.plugins[name] = info
		s.file("plugins/"+name, 0o644, "")
	}
	var lines strings.Builder
	for _, who := range []string{"red read", "red write", "blue write", "* read", "* write"} {
		tenant, rights, _ := strings.Cut(who, " ")
		token, line, err := access.MakeLine(tenant, rights == "write")
		if err != nil {
			t.Fatal(err)
		}
		s.tokens[who] = token
		lines.WriteString(line + "\n")
	}
	s.file("tokens", 0o600, lines.String())
	open := func(path string) (*program.Info, error) {
		if info := s.plugins[filepath.Base(path)]; info != nil {
			return info, nil
		}
		return nil, errors.New(path + ": not made by smcc")
	}
	ctx, cancel := context.WithCancel(context.Background())
	std := &stdio{ctx: ctx, in: strings.NewReader(""), out: io.Discard, err: s.log, plugin: open, builtin: []*program.Info{rich("base", "1")}}
	code := make(chan int, 1)
	args = append([]string{
		"run", "-q", "--replay", in, "--speed", "max", "--loop", "0", "--listen", "127.0.0.1:0", "--socket", filepath.Join(s.dir, "socket"),
		"--plugin-dir", filepath.Join(s.dir, "plugins"),
	}, args...)
	if i := slices.Index(args, noTokens); i >= 0 {
		args = slices.Delete(args, i, i+1)
	} else {
		args = append(args, "--tokens", filepath.Join(s.dir, "tokens"))
	}
	go func() { code <- std.main(args) }()
	s.stop = sync.OnceValue(func() int { cancel(); return <-code })
	t.Cleanup(func() { s.stop() })
	for s.url == "" {
		select {
		case c := <-code:
			code <- c
			t.Fatalf("exit %d: %s", c, s.log)
		case <-time.After(5 * time.Millisecond):
		}
		if _, rest, ok := strings.Cut(s.log.String(), "answering requests at "); ok && strings.Contains(rest, "\n") {
			s.url, _, _ = strings.Cut(rest, "\n")
		}
	}
	return s
}

// file makes a file in the directory of the probe.
func (s *service) file(name string, mode os.FileMode, text string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the mask is
		s.t.Fatal(err)
	}
	return path
}

// ask sends a request as somebody and returns the status and the answer.
func (s *service) ask(who, method, path, body string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if token := s.tokens[who]; token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, string(text)
}

// want is ask with the status and a part of the answer that are expected.
func (s *service) want(status int, part, who, method, path, body string) string {
	s.t.Helper()
	code, text := s.ask(who, method, path, body)
	if code != status || !strings.Contains(text, part) {
		s.t.Errorf("%s: %s %.100s %.100s = %d %.300s, want %d with %q", who, method, path, body, code, text, status, part)
	}
	return text
}

// TestAPI holds the answer of every route against the description that the probe itself
// hands out; and every field in there is to be seen in some answer.
func TestAPI(t *testing.T) {
	s := start(t, "--uploads", "--checkpoint", filepath.Join(t.TempDir(), "state"), "--checkpoint-every", "100ms")
	op := "* write"
	var doc map[string]any
	if err := json.Unmarshal([]byte(s.want(200, "3.1.0", op, "GET", "/v1/openapi.json", "")), &doc); err != nil {
		t.Fatal(err)
	}
	h := newHolder(t, doc)
	load := `{"path":"rich.so","name":"red-rich","tenant":"red","set":["red-rich.every=20"],"slice":{"nets":["10.0.0.0/8"],"vlans":[0]},"budget":"10s","memory":"1GB","restart":"on-failure:3/1h"}`
	sealed, err := sdk.Seal([]byte("\x7fELF"), sdk.Manifest{Name: "rich", Program: strings.Repeat("0", 64)})
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct{ method, path, body string }{
		{"POST", "/v1/programs", load},
		{"PUT", "/v1/programs", `{"path":"rich.so","name":"red-rich"}`},
		{"GET", "/v1/programs", ""},
		{"GET", "/v1/programs/{name}", ""},
		{"GET", "/v1/programs/{name}/params", ""},
		{"PATCH", "/v1/programs/{name}/params", `{"set":{"every":"25"}}`},
		{"PUT", "/v1/programs/{name}/lists/{list}", "10.0.0.0/8\n"},
		{"GET", "/v1/programs/{name}/lists", ""},
		{"GET", "/v1/programs/{name}/states", ""},
		{"GET", "/v1/programs/{name}/top", ""},
		{"GET", "/v1/programs/{name}/features", ""},
		{"GET", "/v1/programs/{name}/machines", ""},
		{"GET", "/v1/programs/{name}/graph", ""},
		{"POST", "/v1/uploads", string(sealed)},
		{"GET", "/v1/me", ""},
		{"GET", "/v1/alerts", ""},
		{"GET", "/v1/blocks", ""},
		{"POST", "/v1/lift", ""},
		{"POST", "/v1/reload", ""},
		{"GET", "/v1/sdk", ""},
		{"GET", "/v1/openapi.json", ""},
		{"GET", "/metrics", ""},
		{"DELETE", "/v1/programs/{name}", ""},
	}
	// The list of a file, for fields that only such a list has.
	bad := s.file("plugins/bad.txt", 0o644, "192.0.2.1\n")
	s.want(200, `"program":"listed"`, op, "POST", "/v1/programs", fmt.Sprintf(`{"path":"rich.so","name":"listed","lists":["listed.bad=%s"]}`, bad))
	h.hold("GET", "/v1/programs/{name}/lists", 200, s.want(200, bad, op, "GET", "/v1/programs/listed/lists", ""))
	s.want(200, `"program":"listed"`, op, "PUT", "/v1/programs", `{"path":"rich.so","name":"listed","lists":["listed.bad=bad.txt"]}`)
	s.want(200, bad, op, "GET", "/v1/programs/listed/lists", "")
	for _, st := range steps {
		path := strings.NewReplacer("{name}", "red-rich", "{list}", "bad").Replace(st.path)
		if strings.HasSuffix(path, "/features") || strings.HasSuffix(path, "/alerts") || strings.HasSuffix(path, "red-rich") {
			s.until(op, "/v1/programs/red-rich/features", `"topic":"load"`)
			s.until(op, "/v1/programs/red-rich/features", `"count":`)
		}
		if st.path == "/v1/alerts" {
			path += "?program=red-rich"
		}
		if st.path == "/v1/uploads" {
			path += "?file=rich.so"
		}
		code, text := s.ask(op, st.method, path, st.body)
		h.hold(st.method, st.path, code, text)
	}
	h.hold("GET", "/v1/me", 200, s.want(200, `"no_upload"`, "red read", "GET", "/v1/me", ""))
	s.shadows(h)
	code, text := s.ask(op, "GET", "/v1/programs/nobody", "")
	h.hold("GET", "/v1/programs/{name}", code, text)
	code, text = s.ask(op, "PATCH", "/v1/programs/base/params", `{"set":{"evry":"1"}}`)
	h.hold("PATCH", "/v1/programs/{name}/params", code, text)
	manual, err := os.ReadFile(filepath.Join("..", "..", "doc", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	for route := range h.routes {
		if !strings.Contains(string(manual), "| `"+route+"` |") {
			t.Errorf("doc/api.md does not have %s", route)
		}
	}
	// Routes and fields that no step above can show: a stream is tested by itself, nothing is
	// malformed or stopped, nothing is compiled, and logs and commands are not in answers.
	h.complete("GET /v1/stream", "Program.within", "Detail.within", "Summary.interfaces", "Program.error", "Detail.error", "Upload.log", "alert.code", "alert.suppressed",
		"Program.restarts", "Detail.restarts", "Program.rollbacks", "Detail.rollbacks", "Program.rolled_back", "Detail.rolled_back", "Program.ahead_until", "Detail.ahead_until", "Program.shed", "Detail.shed", "Summary.stuck", "ShadowReport.cut", "Checkpoints.error")
	if n := s.stop(); n != 0 {
		t.Errorf("exit %d: %s", n, s.log)
	}
}

// shadows tries versions that report otherwise, without and with promotion.
func (s *service) shadows(h *holder) {
	const op, at = "* write", "/v1/programs/listed"
	body := `{"path":"rich.so","name":"listed","set":["listed.every=21"],"shadow":"1ms","promote":%q}`
	for _, c := range [][2]string{{"if-equal", "refused"}, {"auto", "promoted"}} {
		promote, status := c[0], c[1]
		h.hold("PUT", "/v1/programs", 200, s.want(200, `"shadow":{"status":"running"`, op, "PUT", "/v1/programs", fmt.Sprintf(body, promote)))
		s.until(op, at, fmt.Sprintf(`"shadow":{"status":%q`, status))
		h.hold("GET", "/v1/programs/{name}", 200, s.want(200, `"kind":`, op, "GET", at, ""))
	}
	s.want(200, "running", op, "PUT", "/v1/programs", `{"path":"rich.so","name":"listed","shadow":"1h"}`)
	s.want(422, "is tried", op, "PUT", "/v1/programs", `{"path":"rich.so","name":"listed","shadow":"1h"}`)
	for _, wrong := range []string{`"promote":"auto"`, `"shadow":"soon"`, `"shadow":"1s","promote":"perhaps"`, `"budget":"much"`, `"memory":"-1"`, `"restart":"always"`} {
		s.want(422, `"usage":true`, op, "PUT", "/v1/programs", `{"path":"rich.so","name":"listed",`+wrong+`}`)
	}
	s.want(400, "are for replacing", op, "POST", "/v1/programs", `{"path":"rich.so","name":"new","shadow":"1s"}`)
}

// until asks until the answer has a part.
func (s *service) until(who, path, part string) string {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		code, text := s.ask(who, "GET", path, "")
		if strings.Contains(text, part) {
			return text
		}
		if time.Now().After(end) {
			s.t.Fatalf("GET %s = %d %.300s, without %q", path, code, text, part)
		}
	}
}

// holder holds answers against the description, in which it allows no field that is not
// described.
type holder struct {
	t       *testing.T
	doc     map[string]any
	schemas *jsonschema.Compiler
	routes  map[string]bool            // seen
	fields  map[string]map[string]bool // by schema: seen
}

func newHolder(t *testing.T, doc map[string]any) *holder {
	h := &holder{t: t, doc: doc, routes: map[string]bool{}, fields: map[string]map[string]bool{}, schemas: jsonschema.NewCompiler()}
	for path, item := range doc["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			h.routes[strings.ToUpper(method)+" "+path] = false
		}
	}
	for name, s := range doc["components"].(map[string]any)["schemas"].(map[string]any) {
		s := s.(map[string]any)
		if props, ok := s["properties"].(map[string]any); ok {
			s["additionalProperties"] = false
			h.fields[name] = map[string]bool{}
			for f := range props {
				h.fields[name][f] = false
			}
		}
	}
	if err := h.schemas.AddResource("api.json", doc); err != nil {
		t.Fatal(err)
	}
	return h
}

// hold holds the answer of a route against the description.
func (h *holder) hold(method, path string, code int, text string) {
	h.t.Helper()
	h.routes[method+" "+path] = true
	op, ok := at(h.doc, "paths", path, strings.ToLower(method), "responses").(map[string]any)
	if !ok {
		h.t.Errorf("%s %s is not described", method, path)
		return
	}
	key, pointer := "default", "default"
	if code == 200 {
		key, pointer = "200", "200"
	}
	content := op[key].(map[string]any)["content"].(map[string]any)
	if content["application/json"] == nil {
		return
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		h.t.Errorf("%s %s: %v: %.200s", method, path, err, text)
		return
	}
	ref := "api.json#/paths/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(path) + "/" + strings.ToLower(method) + "/responses/" + pointer + "/content/application~1json/schema"
	schema, err := h.schemas.Compile(ref)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		h.t.Errorf("%s %s answers %d %.500s\nwhich is not as described: %v", method, path, code, text, err)
	}
	h.see(content["application/json"].(map[string]any)["schema"].(map[string]any), v)
}

// see notes the fields of an answer.
func (h *holder) see(schema map[string]any, v any) {
	if ref, ok := schema["$ref"].(string); ok {
		name := filepath.Base(ref)
		schema = at(h.doc, "components", "schemas", name).(map[string]any)
		if m, ok := v.(map[string]any); ok {
			for f := range m {
				if _, known := h.fields[name][f]; known {
					h.fields[name][f] = true
				}
			}
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			if s, ok := at(schema, "properties", name).(map[string]any); ok {
				h.see(s, e)
			} else if s, ok := schema["additionalProperties"].(map[string]any); ok {
				h.see(s, e)
			}
		}
		if alternatives, ok := schema["oneOf"].([]any); ok && v["type"] == "alert" {
			h.see(alternatives[0].(map[string]any), v)
		}
	case []any:
		for _, e := range v {
			if s, ok := schema["items"].(map[string]any); ok {
				h.see(s, e)
			}
		}
	}
}

// complete reports what was described and not seen.
func (h *holder) complete(except ...string) {
	h.t.Helper()
	for route, seen := range h.routes {
		if !seen && !slices.Contains(except, route) {
			h.t.Errorf("%s is described, and not tested", route)
		}
	}
	for name, fields := range h.fields {
		if strings.HasSuffix(name, "Request") || slices.Contains([]string{"publish", "log", "exec", "entry", "InterfaceCounts"}, name) {
			continue
		}
		for f, seen := range fields {
			if !seen && !slices.Contains(except, name+"."+f) {
				h.t.Errorf("%s.%s is described, and was in no answer", name, f)
			}
		}
	}
}

func at(v any, keys ...string) any {
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

// TestMetricsPage: Prometheus can read the page, and it says what the probe says.
func TestMetricsPage(t *testing.T) {
	s := start(t, "--publish", "tcp://127.0.0.1:*", "--sink", "file:"+filepath.Join(t.TempDir(), "records"), "--dedup", "1s")
	s.want(200, "", "red write", "POST", "/v1/programs", `{"path":"rich.so","name":"red-rich"}`)
	s.want(409, "", "red write", "POST", "/v1/programs", `{"path":"rich.so","name":"red-rich"}`)
	page := s.until("* read", "/metrics", `streamon_program_entities{program="red-rich",tenant="red",entity="host",state="talking"} 5`)
	if problems, err := promlint.New(strings.NewReader(page)).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
	for _, want := range []string{
		"\nstreamon_packets_total ", `streamon_packets_outcome_total{outcome="malformed"} 0`, `streamon_program_running{program="base",tenant=""} 1`,
		`streamon_program_entities{program="base",tenant="",entity="host",state="talking"} 5`, `streamon_program_structure_fill_ratio{program="base",tenant="",structure="count",kind="dleft"} 0.05`,
		`streamon_program_events_total{program="red-rich",tenant="red",event="pkt"}`, `streamon_program_packet_cost_seconds{program="base",tenant=""}`, `streamon_publish_dropped_total{endpoint="tcp://127.0.0.1:`,
		`streamon_changes_total{action="load",result="ok"} 1`, `streamon_changes_total{action="load",result="failed"} 1`, `streamon_changes_last_success_timestamp_seconds{action="load"} `,
		`streamon_api_requests_total{code="409"} 1`, "streamon_stream_dropped_total 0", `streamon_program_rollbacks_total{program="base",tenant=""} 0`, "\nstreamon_builds 0\n", "\nstreamon_builds_bytes 0\n",
		`streamon_sink_dropped_total{sink="file:`, `streamon_alerts_total{result="duplicate"}`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	manual, err := os.ReadFile(filepath.Join("..", "..", "doc", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(page) {
		if words := strings.Fields(line); words[1] == "TYPE" && !strings.Contains(string(manual), "`"+words[2]+"`") {
			t.Errorf("doc/api.md does not have %s", words[2])
		}
	}
	mine := s.want(200, `program="red-rich"`, "red read", "GET", "/metrics", "")
	if strings.Contains(mine, "base") || strings.Contains(mine, "streamon_packets") || strings.Contains(mine, "streamon_api") {
		t.Errorf("a tenant sees more than its programs:\n%s", mine)
	}
}
