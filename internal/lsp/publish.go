package lsp

import (
	"context"

	"github.com/sourcegraph/jsonrpc2"
)

// logFault tells the user of a fault of ours. An editor that went away needs no word of it.
func logFault(ctx context.Context, conn *jsonrpc2.Conn, text string) {
	conn.Notify(ctx, "window/logMessage", &logMessageParams{Type: messageError, Message: text})
}

// publish sends what is wrong with a document: nothing, if it is closed.
func (s *server) publish(ctx context.Context, conn *jsonrpc2.Conn, d *document) error {
	out := &diagnosticsParams{URI: d.uri, Diagnostics: []diagnostic{}}
	if s.docs[d.uri] == d {
		out = d.diagnostics()
	}
	return conn.Notify(ctx, "textDocument/publishDiagnostics", out)
}
