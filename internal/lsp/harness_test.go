package lsp

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/sourcegraph/jsonrpc2"
)

// client drives a server as an editor does.
type client struct {
	t         testing.TB
	conn      *jsonrpc2.Conn
	published chan diagnosticsParams
	logged    chan string
	done      chan error
}

func newClient(t testing.TB, opt Options) *client {
	if opt.pause == 0 {
		opt.pause = -1
	}
	toServer, fromClient := io.Pipe()
	toClient, fromServer := io.Pipe()
	c := &client{t: t, published: make(chan diagnosticsParams, 64), logged: make(chan string, 64), done: make(chan error, 1)}
	go func() { c.done <- Serve(context.Background(), toServer, fromServer, opt) }()
	c.conn = jsonrpc2.NewConn(context.Background(), jsonrpc2.NewBufferedStream(pipe{toClient, fromClient}, jsonrpc2.VSCodeObjectCodec{}),
		jsonrpc2.HandlerWithError(func(_ context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) (any, error) {
			switch r.Method {
			case "textDocument/publishDiagnostics":
				var p diagnosticsParams
				if err := json.Unmarshal(*r.Params, &p); err != nil {
					t.Error(err)
				}
				c.published <- p
			case "window/logMessage":
				var p logMessageParams
				if err := json.Unmarshal(*r.Params, &p); err != nil {
					t.Error(err)
				}
				c.logged <- p.Message
			}
			return nil, nil
		}))
	t.Cleanup(func() { c.conn.Close() })
	c.call("initialize", map[string]any{"capabilities": map[string]any{}}, nil)
	return c
}

type pipe struct {
	io.Reader
	io.WriteCloser
}

// call makes a request and decodes its answer.
func (c *client) call(method string, params, answer any) {
	c.t.Helper()
	if err := c.try(method, params, answer); err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
}

func (c *client) try(method string, params, answer any) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return c.conn.Call(ctx, method, params, answer)
}

// notify sends a notification and returns the diagnostics that it leads to.
func (c *client) notify(method string, params any) diagnosticsParams {
	c.t.Helper()
	if err := c.conn.Notify(context.Background(), method, params); err != nil {
		c.t.Fatal(err)
	}
	select {
	case p := <-c.published:
		return p
	case <-time.After(time.Minute):
		c.t.Fatalf("%s: no diagnostics", method)
		return diagnosticsParams{}
	}
}

const testURI = "file:///programs/test.smon"

// open opens a text as the test document.
func (c *client) open(text string) diagnosticsParams {
	c.t.Helper()
	var p openParams
	p.TextDocument.URI, p.TextDocument.Text, p.TextDocument.Version = testURI, text, 1
	return c.notify("textDocument/didOpen", p)
}

// marked opens a text with a ¦ in it and returns the position of that.
func (c *client) marked(text string) map[string]any {
	c.t.Helper()
	before, after, ok := strings.Cut(text, "¦")
	if !ok {
		c.t.Fatal("no mark in the text")
	}
	c.open(before + after)
	return c.at(before)
}

// at is the position after a text.
func (c *client) at(before string) map[string]any {
	line := strings.Count(before, "\n")
	last := before[strings.LastIndexByte(before, '\n')+1:]
	units := 0
	for _, r := range last {
		units += utf16.RuneLen(r)
	}
	return map[string]any{
		"textDocument": map[string]any{"uri": testURI},
		"position":     position{line, units},
	}
}
