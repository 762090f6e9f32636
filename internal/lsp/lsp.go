// Package lsp is the language server: what an editor asks about a program while it is
// being written, over the Language Server Protocol 3.17 (Microsoft, 2022).
//
// It owns open documents, positions as editors count them, and the answers: diagnostics,
// hover, completion, definition, references, rename, symbols, formatting and quick fixes.
// What a program means it takes from package lang. Programs in XML get diagnostics, hover,
// definition and symbols.
//
//	err := lsp.Serve(ctx, os.Stdin, os.Stdout, lsp.Options{Version: "1.0"})
package lsp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/streamon/streamon/lang/check"
)

// Options is what the server takes from its host.
type Options struct {
	Version string
	// Structures says what each metric, table, entity and timer of a program without
	// errors takes and promises, by name, a line each. Nil: hovers leave it out.
	Structures func(p *check.Program) (map[string][]string, error)
	// ReadFile returns what reads the files of a program's lists, by its directory. Nil: they cannot be read.
	ReadFile func(dir string) func(path string) ([]byte, error)

	pause time.Duration // see server.pause; 0 = as for users, negative = none
}

// pause is how long a document must have stayed as it is before it is checked, unless a
// question needs that earlier: who types fast is not told of every letter.
const pause = 50 * time.Millisecond

// errExit is returned when the client said exit without shutdown before.
var errExit = errors.New("the client said exit before shutdown")

// Serve answers one client until it says exit or closes the connection. Requests are
// answered one after the other, in order.
func Serve(ctx context.Context, in io.Reader, out io.Writer, opt Options) error {
	s := &server{opt: opt, docs: map[string]*document{}, exit: make(chan struct{}), pause: cmp.Or(opt.pause, pause)}
	conn := jsonrpc2.NewConn(ctx, jsonrpc2.NewBufferedStream(stdio{in, out}, jsonrpc2.VSCodeObjectCodec{}), jsonrpc2.HandlerWithError(s.handle))
	defer conn.Close()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-conn.DisconnectNotify():
		return nil
	case <-s.exit:
		if !s.isShutdown {
			return errExit
		}
		return nil
	}
}

// stdio joins the two streams. Closing is left to whoever opened them.
type stdio struct {
	io.Reader
	io.Writer
}

func (stdio) Close() error { return nil }

// server is the state of a connection.
type server struct {
	mu         sync.Mutex // held while a request is answered, or a document checked
	opt        Options
	pause      time.Duration
	docs       map[string]*document // by URI
	isShutdown bool
	exit       chan struct{}
}

// handle answers one request or takes one notification. A panic is our fault, and is
// answered as such: the editor goes on. Who waits for no answer is told with a message.
func (s *server) handle(ctx context.Context, conn *jsonrpc2.Conn, r *jsonrpc2.Request) (answer any, err error) {
	defer func() {
		if p := recover(); p != nil {
			fault := &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: fmt.Sprintf("internal error in %s: %v", r.Method, p)}
			if r.Notif {
				logFault(ctx, conn, fault.Message)
			}
			answer, err = nil, fault
		}
	}()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isShutdown && r.Method != "exit" {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "the server was shut down"}
	}
	m, ok := methods[r.Method]
	if !ok {
		if r.Notif { // those that are not understood are ignored, as the protocol asks for
			return nil, nil
		}
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: "no such method: " + r.Method}
	}
	return m(s, ctx, conn, r)
}

// method answers one method.
type method func(s *server, ctx context.Context, conn *jsonrpc2.Conn, r *jsonrpc2.Request) (any, error)

// methods are what is understood.
var methods = map[string]method{
	"initialize":  with((*server).initialize),
	"initialized": nothing,
	"shutdown": func(s *server, _ context.Context, _ *jsonrpc2.Conn, _ *jsonrpc2.Request) (any, error) {
		s.isShutdown = true
		return nil, nil
	},
	"exit": func(s *server, _ context.Context, _ *jsonrpc2.Conn, _ *jsonrpc2.Request) (any, error) {
		close(s.exit)
		return nil, nil
	},
	"textDocument/didOpen":   notify((*server).didOpen),
	"textDocument/didChange": notify((*server).didChange),
	"textDocument/didClose":  notify((*server).didClose),
	"textDocument/didSave":   nothing,

	"textDocument/hover":             about((*document).hover),
	"textDocument/definition":        about((*document).definition),
	"textDocument/references":        about((*document).references),
	"textDocument/documentHighlight": about((*document).highlight),
	"textDocument/completion":        about((*document).complete),
	"textDocument/prepareRename":     about((*document).prepareRename),
	"textDocument/rename":            about((*document).rename),
	"textDocument/documentSymbol":    about((*document).symbols),
	"textDocument/formatting":        about((*document).format),
	"textDocument/codeAction":        about((*document).actions),
}

func nothing(*server, context.Context, *jsonrpc2.Conn, *jsonrpc2.Request) (any, error) {
	return nil, nil
}

// with decodes the parameters of a request.
func with[P any](f func(*server, *P) (any, error)) method {
	return func(s *server, _ context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) (any, error) {
		p := new(P)
		if err := params(r, p); err != nil {
			return nil, err
		}
		return f(s, p)
	}
}

// about decodes the parameters of a request about an open document.
func about[P any](f func(*document, *P) (any, error)) method {
	return func(s *server, _ context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) (any, error) {
		var which struct {
			TextDocument documentID `json:"textDocument"`
		}
		p := new(P)
		if err := params(r, &which); err != nil {
			return nil, err
		}
		if err := params(r, p); err != nil {
			return nil, err
		}
		d := s.docs[which.TextDocument.URI]
		if d == nil {
			return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: which.TextDocument.URI + " is not open"}
		}
		return f(d, p)
	}
}

// notify decodes the parameters of a notification that opens, changes or closes a
// document, and has published what is wrong with it then.
func notify[P any](f func(*server, *P) (*document, error)) method {
	return func(s *server, ctx context.Context, conn *jsonrpc2.Conn, r *jsonrpc2.Request) (any, error) {
		p := new(P)
		if err := params(r, p); err != nil {
			return nil, err
		}
		d, err := f(s, p)
		if err != nil {
			return nil, err
		}
		if s.pause < 0 {
			return nil, s.publish(ctx, conn, d)
		}
		version := d.edits
		time.AfterFunc(s.pause, func() {
			defer func() { // nobody else would
				if p := recover(); p != nil {
					logFault(ctx, conn, fmt.Sprintf("internal error in checking %s: %v", d.uri, p))
				}
			}()
			s.mu.Lock()
			defer s.mu.Unlock()
			if d.edits == version && !s.isShutdown {
				s.publish(ctx, conn, d) // an editor that went away needs none
			}
		})
		return nil, nil
	}
}

func params(r *jsonrpc2.Request, into any) error {
	if r.Params == nil {
		return nil
	}
	if err := json.Unmarshal(*r.Params, into); err != nil {
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: err.Error()}
	}
	return nil
}

// initialize says what the server can do.
func (s *server) initialize(*struct{}) (any, error) {
	type options map[string]any
	return options{
		"serverInfo": options{"name": "smcc", "version": s.opt.Version},
		"capabilities": options{
			"positionEncoding":           "utf-16",
			"textDocumentSync":           options{"openClose": true, "change": syncIncremental},
			"hoverProvider":              true,
			"definitionProvider":         true,
			"referencesProvider":         true,
			"documentHighlightProvider":  true,
			"completionProvider":         options{"triggerCharacters": []string{".", " ", ">"}},
			"renameProvider":             options{"prepareProvider": true},
			"documentSymbolProvider":     true,
			"documentFormattingProvider": true,
			"codeActionProvider":         options{"codeActionKinds": []string{quickFix}},
		},
	}, nil
}
