package smprobe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBlocksOfTenants: a tenant sees and lifts what its own programs want blocked, and nothing
// else; all want the same two addresses blocked.
func TestBlocksOfTenants(t *testing.T) {
	s := start(t)
	for _, who := range []string{"red", "blue"} {
		s.want(200, `"program":"`+who+`-p"`, who+" write", "POST", "/v1/programs", `{"path":"rich.so","name":"`+who+`-p"}`)
	}
	s.until("* read", "/v1/blocks", `"blue-p"`)
	all := s.until("* read", "/v1/blocks", `"red-p"`)
	if !strings.Contains(all, `"mode":"dry-run","total":2,"blocks":[{"field":"ip.`) || !strings.Contains(all, `"program":"base"`) {
		t.Errorf("the operator sees %s", all)
	}
	mine := s.want(200, `"by":[{"tenant":"red","program":"red-p"`, "red read", "GET", "/v1/blocks", "")
	if strings.Contains(mine, "blue") || strings.Contains(mine, "base") {
		t.Errorf("a tenant sees %s", mine)
	}
	for _, r := range [][2]string{{"GET", "/v1/blocks"}, {"POST", "/v1/lift"}} {
		s.want(401, "no token", "nobody", r[0], r[1], "")
		s.want(422, "expected one of IPv4 or IPv6", "red write", r[0], r[1]+"?address=here", "")
	}
	s.want(403, "needs the right to write", "red read", "POST", "/v1/lift", "")
	s.want(400, "expected a time", "red write", "POST", "/v1/lift?hold=soon", "")
	s.want(200, `"lifted":0`, "red write", "POST", "/v1/lift?program=blue-p&hold=1h", "")
	s.want(200, `"lifted":0`, "red write", "POST", "/v1/lift?address=192.0.2.77", "")
	s.want(200, `{"lifted":2,"hold":"1h0m0s"}`, "red write", "POST", "/v1/lift?hold=1h", "")
	s.want(200, `"total":0,"blocks":[]`, "red read", "GET", "/v1/blocks", "")
	s.want(200, `"total":2,`, "blue write", "GET", "/v1/blocks", "")
	s.want(200, `"lifted":2`, "* write", "POST", "/v1/lift?address=192.0.2.1&hold=1h", "")
	s.want(200, `"total":1,`, "* read", "GET", "/v1/blocks", "") // of its source, by two
	s.want(200, `"lifted":2`, "* write", "POST", "/v1/lift?hold=1h", "")
	s.want(200, `"total":0,"blocks":[]`, "* read", "GET", "/v1/blocks", "")
	page := s.want(200, `streamon_blocks_lifted_total{mode="dry-run"} 6`, "* read", "GET", "/metrics", "")
	if !strings.Contains(page, `streamon_blocks{mode="dry-run"} 0`) {
		t.Error("the page of metrics does not say that nothing is blocked")
	}
	s.healthy()

	off := start(t, "--mitigate", "off")
	off.want(422, "blocks nothing", "* write", "POST", "/v1/lift", "")
}

// TestMitigationUsage refuses what does not go together.
func TestMitigationUsage(t *testing.T) {
	for args, want := range map[string]string{
		"-r x --mitigate inline":                 "needs --inline",
		"--inline a:b --mitigate nftables":       "those of --inline it does not",
		"--inline a:b -r x":                      "exclude each other",
		"--inline a":                             "expected two interfaces",
		"--inline a:b:c":                         "expected two interfaces",
		"--inline a:b --workers 2":               "needs one worker",
		"--inline a:b --filter tcp":              "all packets are handed on",
		"--inline a:b --sockets 2":               "are for -i",
		"-i x --mitigate nftables --user nobody": "gives up the right",
		"-i x --keep-blocks":                     "is for --mitigate nftables",
		"-i x --mitigate off --audit f":          "nothing is decided",
		"-i x --never-block 10.0.0.0/99":         "expected a network or an address",
		"-i x --drop-for 0s":                     "expected more than 0",
		"-i x --longest-block never":             "expected a duration",
		"-i x --max-blocks 0":                    "expected 1 to 1000000",
	} {
		_, stderr, code := run(t, nil, append([]string{"run"}, strings.Fields(args)...)...)
		if code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("run %s = %d %q, want 2 and %q", args, code, stderr, want)
		}
	}
	if _, stderr, code := run(t, nil, "lift", "10.0.0.1"); code != exitUsage || !strings.Contains(stderr, "without --socket everything is lifted") {
		t.Errorf("lift of an address without a socket = %d %q", code, stderr)
	}
}

// What a process that was killed left of a line stays alone on it.
func TestAuditHalfLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit")
	for _, c := range []struct{ before, want string }{
		{"", "{}\n"}, {"{\"a\":1}\n", "{\"a\":1}\n{}\n"}, {`{"a":`, "{\"a\":\n{}\n"},
	} {
		os.WriteFile(path, []byte(c.before), 0o600)
		f, err := openAudit(path)
		if err != nil {
			t.Fatal(err)
		}
		f.WriteString("{}\n")
		f.Close()
		if text, _ := os.ReadFile(path); string(text) != c.want {
			t.Errorf("after %q the file holds %q, want %q", c.before, text, c.want)
		}
	}
}
