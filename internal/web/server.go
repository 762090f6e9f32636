package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// Bounds of connections: whoever sends or reads slowly is cut off.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 20 * time.Second // the whole request
	writeTimeout  = 20 * time.Second // the whole answer
	streamTimeout = 10 * time.Second // one write of a stream
	idleTimeout   = 60 * time.Second
	maxHeader     = 16 << 10
	maxConns      = 256 // of one listener; more wait in the system's queue
	grace         = 5 * time.Second
)

// Serve answers requests on l until ctx is done, and returns when no handler runs any
// more. It closes l, which removes a socket. isRemote as in Handler; tc is nil without TLS.
func (s *Server) Serve(ctx context.Context, l net.Listener, isRemote bool, tc *tls.Config) error {
	// Requests outlive ctx by what Shutdown grants, so that a client gets its answer.
	srv := &http.Server{
		Handler: s.Handler(isRemote), ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, TLSConfig: tc, ErrorLog: log.New(logWriter(s.opt.Logf), "", 0),
	}
	limited := netutil.LimitListener(l, maxConns)
	done := make(chan error, 1)
	go func() {
		if tc != nil {
			done <- srv.ServeTLS(limited, "", "")
			return
		}
		done <- srv.Serve(limited)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	s.close()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := srv.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close() // a client that does not take its answer
	}
	<-done
	return err
}

// logWriter is what package net/http logs to: bytes that are no TLS, and the like.
type logWriter func(format string, args ...any)

// Write implements io.Writer.
func (l logWriter) Write(b []byte) (int, error) {
	l("%.300s", bytes.TrimRight(b, "\r\n"))
	return len(b), nil
}
