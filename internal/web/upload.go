package web

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/streamon/streamon/internal/probe"
)

func doUpload(s *Server, r *http.Request) (any, error) {
	name := r.URL.Query().Get("file")
	if name == "" {
		return nil, statusf(http.StatusBadRequest, "the request has no parameter file")
	}
	body := io.Reader(r.Body)
	if _, isTenant := probe.TenantOf(r.Context()); isTenant {
		body = io.LimitReader(r.Body, maxBody+1) // a tenant's is a source; one byte more is too much for any
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, bodyError(err)
	}
	if len(text) == 0 {
		return nil, statusf(http.StatusBadRequest, "%.80q: the file is empty", name)
	}
	return s.p.Upload(r.Context(), name, text)
}

func doMe(s *Server, w http.ResponseWriter, _ *http.Request, c caller) error {
	me := Me{Operator: c.IsOperator, Write: c.MayWrite}
	if !c.IsOperator {
		me.Tenant = c.Tenant
	}
	if err := s.p.CannotCompile(); err != nil {
		me.NoUpload = err.Error()
	}
	switch {
	case !me.Write:
		me.NoLoad, me.NoUpload = "you may only read", "you may only read"
	case c.isRemote:
		if s.opt.NoLoads != "" {
			me.NoLoad = s.opt.NoLoads
		}
		if s.opt.NoUploads != "" {
			me.NoUpload = s.opt.NoUploads
		}
	}
	text, err := json.Marshal(me)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	deadline(w, writeTimeout)
	w.Write(append(text, '\n'))
	return nil
}
