package smprobe

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/access"
)

// TestAttackRights: who has no token, or no right, gets nothing and changes nothing.
func TestAttackRights(t *testing.T) {
	s := start(t)
	s.want(200, `"program":"red-p"`, "red write", "POST", "/v1/programs", `{"path":"talk.so","name":"red-p"}`)
	s.want(200, `"program":"blue-p"`, "blue write", "POST", "/v1/programs", `{"path":"talk.so","name":"blue-p"}`)
	routes := []struct{ method, path, body string }{
		{"GET", "/v1/programs/NAME", ""}, {"GET", "/v1/programs/NAME/params", ""}, {"GET", "/v1/programs/NAME/lists", ""}, {"GET", "/v1/programs/NAME/states", ""},
		{"GET", "/v1/programs/NAME/top", ""}, {"GET", "/v1/programs/NAME/features", ""}, {"GET", "/v1/alerts?program=NAME", ""}, {"GET", "/v1/stream?program=NAME", ""},
		{"GET", "/v1/programs/NAME/machines", ""}, {"GET", "/v1/programs/NAME/graph", ""},
		{"POST", "/v1/programs", `{"path":"talk.so","name":"NAME"}`}, {"PUT", "/v1/programs", `{"path":"talk.so","name":"NAME"}`}, {"DELETE", "/v1/programs/NAME", ""},
		{"PATCH", "/v1/programs/NAME/params", `{"set":{"every":"1"}}`}, {"PUT", "/v1/programs/NAME/lists/bad", ""}, {"POST", "/v1/reload?program=NAME", ""},
	}
	for _, r := range routes {
		path, body := strings.ReplaceAll(r.path, "NAME", "blue-p"), strings.ReplaceAll(r.body, "NAME", "blue-p")
		s.want(401, "no token", "nobody", r.method, path, body)
		s.want(403, "belongs to another tenant", "red write", r.method, path, body)
		if r.method != "GET" {
			s.want(403, "needs the right to write", "red read", r.method, strings.ReplaceAll(r.path, "NAME", "red-p"), r.body)
		}
	}
	for _, path := range []string{"/v1/programs", "/v1/sdk", "/v1/openapi.json", "/metrics", "/v1/nothing", "/page", "/v1/me", "/v1/stream"} {
		s.want(401, "", "nobody", "GET", path, "")
	}
	s.want(403, "belongs to another tenant", "red write", "POST", "/v1/programs", `{"path":"talk.so","name":"mine","tenant":"blue"}`)
	for _, header := range []string{"Bearer", "Bearer ", "bearer x", "Basic cmVkOg==", "Bearer " + strings.Repeat("x", 9000), s.tokens["red read"]} {
		req, _ := http.NewRequest("GET", s.url+"/v1/programs", nil)
		req.Header.Set("Authorization", header)
		resp, err := s.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 401 || resp.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("authorization %.40q: %s", header, resp.Status)
		}
	}
	// A page of another site that uses the browser of somebody who may.
	req, _ := http.NewRequest("POST", s.url+"/v1/reload", nil)
	req.Header.Set("Authorization", "Bearer "+s.tokens["* write"])
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if resp, err := s.client.Do(req); err != nil || resp.StatusCode != 403 {
		t.Errorf("from another site: %v, %v", resp, err)
	}
	list := s.want(200, "", "red read", "GET", "/v1/programs", "")
	if !strings.Contains(list, `"read":0`) || strings.Contains(list, "blue") || strings.Contains(list, "base") || !strings.Contains(list, `"red-p"`) {
		t.Errorf("red sees %s", list)
	}
	if got := s.until("* read", "/v1/programs", `"name":"blue-p"`); !strings.Contains(got, `"name":"base"`) || strings.Contains(got, `"name":"mine"`) {
		t.Errorf("the operator sees %.300s", got)
	}
	s.healthy()
}

// healthy ends the probe: it must have run to its end in good order.
func (s *service) healthy() {
	s.t.Helper()
	s.want(200, `"status":"running"`, "* read", "GET", "/v1/programs/base", "")
	if code := s.stop(); code != 0 {
		s.t.Errorf("exit %d: %s", code, s.log)
	}
	if strings.Contains(s.log.String(), "internal error") {
		s.t.Errorf("the log has %s", s.log)
	}
}

// TestAttackNames: names and paths that lead elsewhere.
func TestAttackNames(t *testing.T) {
	s := start(t)
	outside := t.TempDir()
	os.WriteFile(filepath.Join(outside, "talk.so"), nil, 0o644)
	in := func(name string) string { return filepath.Join(s.dir, "plugins", name) }
	for name, target := range map[string]string{"link.so": filepath.Join(outside, "talk.so"), "near.so": "talk.so", "linked": outside} {
		if err := os.Symlink(target, in(name)); err != nil {
			t.Fatal(err)
		}
	}
	os.MkdirAll(in("open"), 0o777)
	os.Chmod(in("open"), 0o777)
	os.MkdirAll(in("sub"), 0o755)
	s.file("plugins/open/talk.so", 0o644, "")
	s.file("plugins/sub/talk.so", 0o644, "")
	s.file("plugins/group.so", 0o664, "")
	s.file("plugins/world.so", 0o646, "")
	if err := syscall.Mkfifo(in("fifo.so"), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path string
		code int
		want string
	}{
		{"../tokens", 403, "not in the plugin folder"},
		{"sub/../../tokens", 403, "not in the plugin folder"},
		{in("../tokens"), 403, "not in the plugin folder"},
		{in("") + "/../plugins/../tokens", 403, "not in the plugin folder"},
		{in("") + "x/talk.so", 403, "not in the plugin folder"},
		{filepath.Join(outside, "talk.so"), 403, "not in the plugin folder"},
		{"/etc/passwd", 403, "not in the plugin folder"},
		{"/proc/self/mem", 403, "not in the plugin folder"},
		{"//etc/passwd", 403, "not in the plugin folder"},
		{"link.so", 403, "symbolic link"},
		{"near.so", 403, "symbolic link"},
		{"linked/talk.so", 403, "symbolic link"},
		{"group.so", 403, "has mode 0664"},
		{"world.so", 403, "has mode 0646"},
		{"open/talk.so", 403, "has mode 0777"},
		{"fifo.so", 422, "not a regular file"},
		{"sub", 422, "not a regular file"},
		{".", 422, "not a regular file"},
		{"none.so", 422, "no such file"},
		{"talk.so\x00.txt", 422, "invalid"},
		{strings.Repeat("a/", 3000), 422, ""},
		{"sub/talk.so", 200, `"program":"talk"`},
		{in("sub/../rich.so"), 200, `"program":"rich"`},
	}
	if os.Getuid() == 0 { // only root can give files away
		s.file("plugins/other.so", 0o644, "")
		if err := os.Chown(in("other.so"), 12345, -1); err != nil {
			t.Fatal(err)
		}
		tests = append(tests, struct {
			path string
			code int
			want string
		}{"other.so", 403, "belongs to user 12345"})
	}
	for _, tt := range tests {
		s.want(tt.code, tt.want, "red write", "POST", "/v1/programs", fmt.Sprintf(`{"path":%s}`, quoted(tt.path)))
	}
	s.want(403, "not in the plugin folder", "red write", "POST", "/v1/programs", `{"path":"rich.so","name":"l","lists":["l.bad=/etc/passwd"]}`)
	for _, name := range []string{"..", "../../etc", "a/b", "a.b", "%2e%2e", "a\x00b", "a\nb", "<b>", strings.Repeat("x", 65), "ä", "*", " ", "a b"} {
		s.want(422, "expected a name", "red write", "POST", "/v1/programs", fmt.Sprintf(`{"path":"talk.so","name":%s}`, quoted(name)))
		escaped := url.PathEscape(name)
		if code, text := s.ask("red write", "DELETE", "/v1/programs/"+escaped, ""); code != 404 {
			t.Errorf("DELETE %q = %d %.200s, want 404", escaped, code, text)
		}
	}
	for _, path := range []string{"/v1/programs/..%2f..%2fetc%2fpasswd", "/v1/programs/%00", "/v1//programs", "/v1/programs/../../metrics", "/v1/programs/base/../base", "/%2e%2e/", "/v1/programs/base%2Fparams", "/v1/programs/" + strings.Repeat("x", 8000)} {
		if code, text := s.ask("red write", "GET", path, ""); code != 404 && code != 403 && code != 200 || strings.Contains(text, "root:") || code == 200 && !strings.Contains(path, "metrics") && path != "/v1//programs" {
			t.Errorf("GET %.60s = %d %.200s", path, code, text)
		}
	}
	s.healthy()
}

func quoted(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c < 0x20 || c == '"' || c == '\\' {
			fmt.Fprintf(&b, `\u%04x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return `"` + b.String() + `"`
}

// TestAttackSize: bodies, headers and methods that are not what was asked for.
func TestAttackSize(t *testing.T) {
	s := start(t)
	big := strings.Repeat("x", 2<<20)
	tests := []struct {
		method, path, body string
		code               int
	}{
		{"POST", "/v1/programs", `{"path":"` + big + `"}`, 413},
		{"PUT", "/v1/programs", strings.Repeat(" ", 2<<20), 413},
		{"PATCH", "/v1/programs/base/params", `{"set":{"every":"` + big + `"}}`, 413},
		{"PUT", "/v1/programs/base/lists/bad", strings.Repeat("10.0.0.1\n", 2<<20), 413},
		{"PUT", "/v1/programs/base/lists/bad", strings.Repeat("10.0.0.1\n", 1<<17), 200},
		{"PUT", "/v1/programs/base/lists/bad", "\x00\xff\n", 422},
		{"POST", "/v1/programs", `{"path":"talk.so"}{}`, 400},
		{"POST", "/v1/programs", `[]`, 400},
		{"POST", "/v1/programs", `{"path":7}`, 400},
		{"POST", "/v1/programs", strings.Repeat(`{"path":`, 20000), 400},
		{"POST", "/v1/programs", "", 400},
		{"POST", "/v1/programs", `{"path":"talk.so","set":["x"]}`, 422},
		{"PATCH", "/v1/programs/base/params", `{}`, 400},
		{"GET", "/v1/programs/base?limit=-1", "", 400},
		{"GET", "/v1/programs/base?limit=99999999999999999999", "", 400},
		{"GET", "/v1/programs/base/states?limit=10001", "", 400},
		{"GET", "/v1/alerts?level=loud", "", 400},
		{"GET", "/v1/alerts?after=x", "", 400},
		{"GET", "/v1/stream?types=alert,secrets", "", 400},
		{"DELETE", "/v1/programs", "", 405},
		{"POST", "/metrics", "", 405},
		{"TRACE", "/v1/programs", "", 405},
	}
	for _, tt := range tests {
		s.want(tt.code, "", "* write", tt.method, tt.path, tt.body)
	}
	req, _ := http.NewRequest("POST", s.url+"/v1/programs", strings.NewReader(`{"path":"talk.so"}`))
	req.Header.Set("Authorization", "Bearer "+s.tokens["* write"])
	req.Header.Set("Content-Type", "text/plain")
	if resp, err := s.client.Do(req); err != nil || resp.StatusCode != 415 {
		t.Errorf("another content type: %v, %v", resp, err)
	}
	addr := strings.TrimPrefix(s.url, "http://")
	for _, text := range []string{
		"GET /v1/programs HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 64<<10) + "\r\n\r\n", // 431
		"GET /v1/programs HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
		"GET http://[::1 HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00", "\x00\x00\x00", strings.Repeat("A", 100<<10),
		"POST /v1/programs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
	} {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(c, text)
		c.(*net.TCPConn).CloseWrite()
		if answer, _ := io.ReadAll(c); strings.HasPrefix(string(answer), "HTTP/1.1 2") {
			t.Errorf("%.40q: %.80q", text, answer)
		}
		c.Close()
	}
	s.healthy()
}

// TestAttackSlow: clients that send or read slowly are cut off, and others are served
// meanwhile.
func TestAttackSlow(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the time-out of a header: 5 s")
	}
	s := start(t)
	addr := strings.TrimPrefix(s.url, "http://")
	var conns []net.Conn
	for i := range 100 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.WriteString(c, []string{"GET /v1/programs HTTP/1.1\r\nHost: x\r\n", "G", ""}[i%3])
		conns = append(conns, c)
	}
	begun := time.Now()
	s.want(200, "", "* read", "GET", "/v1/programs", "")
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("with 100 slow clients an answer takes %v", took)
	}
	for i, c := range conns { // a byte now and then does not help
		c.SetDeadline(time.Now().Add(30 * time.Second))
		io.WriteString(c, "X")
		if _, err := bufio.NewReader(c).ReadString(0); err != io.EOF && !strings.Contains(fmt.Sprint(err), "reset") {
			t.Fatalf("slow client %d: %v after %v, want the connection closed", i, err, time.Since(begun))
		}
	}
	s.healthy()
}

// TestAttackSlice: a tenant is shown what its line says, whatever it asks for.
func TestAttackSlice(t *testing.T) {
	s := start(t)
	f, err := os.OpenFile(filepath.Join(s.dir, "tokens"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	token, line, err := access.MakeLine("green", true)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(f, line, "net:10.0.0.1 net:10.0.0.2")
	f.Close()
	s.tokens["green"] = token
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) { // the file is read again within a second
		if code, _ := s.ask("green", "GET", "/v1/programs", ""); code == 200 {
			break
		} else if time.Now().After(end) {
			t.Fatalf("the new token: %d", code)
		}
	}
	s.want(200, "", "green", "POST", "/v1/programs", `{"path":"talk.so","name":"g1"}`)
	s.want(200, "", "green", "POST", "/v1/programs", `{"path":"talk.so","name":"g2","slice":{"nets":["0.0.0.0/0"]}}`)
	s.want(200, "", "green", "POST", "/v1/programs", `{"path":"talk.so","name":"g3","slice":{"nets":["10.0.0.2","10.0.0.3"]}}`)
	s.want(422, "expected a network or an address", "green", "POST", "/v1/programs", `{"path":"talk.so","name":"g4","slice":{"nets":["all"]}}`)
	for name, want := range map[string]int{"g1": 2, "g2": 2, "g3": 1} {
		text := s.until("green", "/v1/programs/"+name+"/states", `"host":"10.0.0.2"`)
		if n := strings.Count(text, `"host":"10.0.0.`); n > want || strings.Contains(text, "10.0.0.3") || strings.Contains(text, "10.0.0.0") {
			t.Errorf("%s has seen %d hosts, want %d at most: %s", name, n, want, text)
		}
	}
	s.until("* read", "/v1/programs/base/states", `"host":"10.0.0.4"`)
	s.healthy()
}
