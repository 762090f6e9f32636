package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"
)

// TestLanguageServer drives the process as an editor does: over its standard input and
// output, from initialize to exit.
func TestLanguageServer(t *testing.T) {
	c := cli(t)
	file, err := filepath.Abs("../../examples/p2p/p2p.smon")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(c.Bin, "smcc"), "lsp", "--stdio")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	diagnostics := make(chan string, 16)
	conn := jsonrpc2.NewConn(ctx, jsonrpc2.NewBufferedStream(ends{out, in}, jsonrpc2.VSCodeObjectCodec{}),
		jsonrpc2.HandlerWithError(func(_ context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) (any, error) {
			if r.Method == "textDocument/publishDiagnostics" {
				diagnostics <- string(*r.Params)
			}
			return nil, nil
		}))
	defer conn.Close()
	type object map[string]any
	call := func(method string, params any) string {
		t.Helper()
		var answer json.RawMessage
		if err := conn.Call(ctx, method, params, &answer); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		return string(answer)
	}
	notify := func(method string, params any) {
		t.Helper()
		if err := conn.Notify(ctx, method, params); err != nil {
			t.Fatal(err)
		}
	}
	if got := call("initialize", object{"processId": nil, "rootUri": nil, "capabilities": object{}}); !strings.Contains(got, `"hoverProvider":true`) {
		t.Errorf("initialize: %s", got)
	}
	notify("initialized", object{})
	uri := "file://" + file
	notify("textDocument/didOpen", object{"textDocument": object{"uri": uri, "languageId": "smon", "version": 1, "text": string(text)}})
	if got := <-diagnostics; !strings.Contains(got, `"diagnostics":[]`) {
		t.Errorf("diagnostics of an example: %s", got)
	}
	at := strings.Index(string(text), "get ports[host]")
	line := strings.Count(string(text)[:at], "\n")
	where := object{"textDocument": object{"uri": uri}, "position": object{"line": line, "character": 9}}
	if got := call("textDocument/hover", where); !strings.Contains(got, "too high with probability") {
		t.Errorf("the hover of a metric lacks its bound: %s", got)
	}
	if got := call("textDocument/definition", where); !strings.Contains(got, uri) {
		t.Errorf("definition: %s", got)
	}
	notify("textDocument/didChange", object{"textDocument": object{"uri": uri, "version": 2}, "contentChanges": []object{{"text": strings.Replace(string(text), "get ports", "get prts", 1)}}})
	if got := <-diagnostics; !strings.Contains(got, `did you mean \"ports\"`) {
		t.Errorf("diagnostics of a slip: %s", got)
	}
	call("shutdown", nil)
	notify("exit", nil)
	if err := cmd.Wait(); err != nil {
		t.Errorf("smcc lsp: %v", err)
	}
}

// ends joins the two streams of a process.
type ends struct {
	io.Reader
	io.WriteCloser
}
