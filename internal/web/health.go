package web

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Health is what tells whether the probe works. Each method returns nil or why not.
type Health interface {
	Healthy(ctx context.Context) error // else it is to be restarted
	Ready(ctx context.Context) error   // else no packets are worked on
}

// HealthHandler answers GET /healthz and GET /readyz: 200 and "ok", or 503 and why not.
func HealthHandler(h Health) http.Handler {
	mux := http.NewServeMux()
	answer := func(path string, f func(context.Context) error) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			text := "ok"
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			if err := f(r.Context()); err != nil {
				w.WriteHeader(http.StatusServiceUnavailable)
				text = err.Error()
			}
			w.Write([]byte(text + "\n"))
		})
	}
	answer("/healthz", h.Healthy)
	answer("/readyz", h.Ready)
	return mux
}

// ServeHealth answers on l, which it closes, until ctx is done. It says nothing else: the
// address may be open to others than the operator.
func ServeHealth(ctx context.Context, l net.Listener, h Health) error {
	return serve(ctx, l, &http.Server{
		Handler: HealthHandler(h), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 15 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10,
	})
}

func serve(ctx context.Context, l net.Listener, s *http.Server) error {
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := s.Shutdown(grace)
	<-done
	return err
}
