package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/streamon/streamon/internal/access"
	"github.com/streamon/streamon/internal/probe"
)

// Bounds of the work for a request that is no stream; an upload waits until others are
// compiled, and is compiled.
const (
	requestTimeout = 30 * time.Second
	uploadTimeout  = 5 * time.Minute
)

// Uploads and lists are large, and are in memory until they are in force.
const (
	maxUploads, maxTenantUploads = 8, 1
	maxLists, maxTenantLists     = 12, 3
)

// Problem is how an error is sent.
type Problem struct {
	Message string `json:"error"`
	Hint    string `json:"hint,omitempty"`
	Usage   bool   `json:"usage,omitempty"` // the request asks for what cannot be
	Status  int    `json:"-"`
}

// Error returns the message, without the hint.
func (e *Problem) Error() string { return e.Message }

// caller is who asks, and how.
type caller struct {
	access.Caller
	isRemote bool
}

// answer runs a handler and sends what it returns. No path forgets to answer, a panic
// included.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, rt *route, isRemote bool) {
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler {
				panic(v)
			}
			s.opt.Logf("internal error: %s %s: %v\n%s", r.Method, r.URL.Path, v, debug.Stack())
			s.send(w, r, rt, nil, statusf(http.StatusInternalServerError, "internal error, see the log of the probe"))
		}
	}()
	limit := int64(maxBody)
	switch rt.body {
	case listText{}:
		limit = maxList
	case programFile{}:
		limit = maxFile
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	c, err := s.identify(r, isRemote)
	if err == nil {
		err = s.permit(c, rt)
	}
	leave := func() {}
	if err == nil {
		leave, err = s.admit(c, rt)
	}
	if err != nil {
		s.send(w, r, rt, nil, err)
		return
	}
	defer leave()
	ctx := r.Context()
	if !c.IsOperator {
		ctx = probe.AsTenant(ctx, c.Tenant, c.Within)
	}
	if !rt.isStream() {
		timeout := requestTimeout
		if rt.right == toUpload {
			timeout = uploadTimeout
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	if rt.write != nil {
		if err := rt.write(s, w, r.WithContext(ctx), c); err != nil {
			s.send(w, r, rt, nil, err)
			return
		}
		s.answers[http.StatusOK].Add(1)
		return
	}
	v, err := rt.do(s, r.WithContext(ctx))
	s.note(rt, err)
	s.send(w, r, rt, v, err)
}

// identify says who asks. Whoever reaches the control socket is the operator.
func (s *Server) identify(r *http.Request, isRemote bool) (caller, error) {
	if !isRemote {
		return caller{Caller: access.Operator}, nil
	}
	c := caller{isRemote: true}
	header := r.Header.Get("Authorization")
	scheme, token, _ := strings.Cut(header, " ")
	var err error
	switch {
	case header != "" && s.opt.Keys != nil:
		if !strings.EqualFold(scheme, "Bearer") {
			return c, statusf(http.StatusUnauthorized, "authorization %.20q: expected Bearer and a token", scheme)
		}
		c.Caller, err = s.opt.Keys.Token(strings.TrimSpace(token))
	case r.TLS != nil && len(r.TLS.VerifiedChains) > 0:
		if s.opt.Keys == nil {
			c.Caller = access.Operator
			return c, nil
		}
		c.Caller, err = s.opt.Keys.Certificate(r.TLS.PeerCertificates[0])
	default:
		return c, statusf(http.StatusUnauthorized, "no token: expected a header Authorization: Bearer TOKEN")
	}
	switch {
	case errors.Is(err, access.ErrUnknown):
		return c, statusf(http.StatusUnauthorized, "the token or certificate %v", err)
	case err != nil: // what is wrong with the file is no business of who asks
		s.opt.Logf("tokens: %v", err)
		return c, statusf(http.StatusServiceUnavailable, "nobody is let in at present: see the log of the probe")
	}
	return c, nil
}

// permit refuses what the caller has no right to.
func (s *Server) permit(c caller, rt *route) error {
	switch {
	case rt.right != toRead && !c.MayWrite:
		return statusf(http.StatusForbidden, "%s needs the right to write", rt.action)
	case rt.right == toLoad && c.isRemote && s.opt.NoLoads != "":
		return statusf(http.StatusForbidden, "%s: %s", rt.action, s.opt.NoLoads)
	case rt.right == toUpload && c.isRemote && s.opt.NoUploads != "":
		return statusf(http.StatusForbidden, "%s: %s", rt.action, s.opt.NoUploads)
	}
	return nil
}

// admit makes room for a request with a large body; leave gives it back.
func (s *Server) admit(c caller, rt *route) (leave func(), err error) {
	switch rt.body {
	case programFile{}:
		return s.uploads.take(c, maxUploads, maxTenantUploads, "uploads")
	case listText{}:
		return s.lists.take(c, maxLists, maxTenantLists, "lists")
	}
	return func() {}, nil
}

// note counts a request that changes something.
func (s *Server) note(rt *route, err error) {
	if rt.right == toRead || rt.action == "none" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mutables[rt.action]
	if c == nil {
		c = &changes{}
		s.mutables[rt.action] = c
	}
	if err != nil {
		c.failed++
		return
	}
	c.ok++
	c.last = time.Now()
}

// send writes an answer or an error.
func (s *Server) send(w http.ResponseWriter, r *http.Request, rt *route, v any, err error) {
	status := http.StatusOK
	if err != nil {
		status = statusOf(err)
		if wrong := new(statusError); errors.As(err, &wrong) && wrong.allow != "" {
			w.Header().Set("Allow", wrong.allow)
		}
		problem := &Problem{Message: err.Error()}
		problem.Hint, problem.Usage = s.p.Explain(err)
		v = problem
	}
	text, err := json.Marshal(v)
	if err != nil {
		s.opt.Logf("internal error: %s: encoding the answer: %v", rt.action, err)
		status, text = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be encoded"}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="streamon"`)
	}
	s.answers[status].Add(1)
	deadline(w, writeTimeout)
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(append(text, '\n'))
	}
}

// deadline gives the client that long to take what is written next.
func deadline(w http.ResponseWriter, d time.Duration) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(d)) // a recorder of a test has none
}

func statusOf(err error) int {
	var status *statusError
	var owner *access.OwnerError
	switch {
	case errors.As(err, &status):
		return status.status
	case errors.Is(err, probe.ErrForeign), errors.Is(err, access.ErrOutside), errors.Is(err, access.ErrRight), errors.As(err, &owner):
		return http.StatusForbidden
	case errors.Is(err, probe.ErrNotLoaded):
		return http.StatusNotFound
	case errors.Is(err, probe.ErrLoaded), errors.Is(err, probe.ErrTooMany):
		return http.StatusConflict
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, probe.ErrHeld):
		return http.StatusServiceUnavailable
	}
	return http.StatusUnprocessableEntity
}

// String says who asks, for the log.
func (c caller) String() string {
	if c.IsOperator {
		return "operator"
	}
	return fmt.Sprintf("tenant %q", c.Tenant)
}
