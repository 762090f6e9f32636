package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"time"
)

// The dashboard: a page, its modules and style sheet, and uPlot, which draws lines over time
// (page/uplot/ORIGIN.md). It has nothing that another site serves, and no data: those it
// asks the interface for, as anybody does.
//
//go:embed page
var pageFiles embed.FS

// pagePolicy is what the browser may do for the page: talk to this probe, and nothing else
// (W3C Content Security Policy 3). Styles that scripts set are no inline styles.
const pagePolicy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// mediaTypes are those of the page's files, whatever the tables of this machine say.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".md": "text/plain; charset=utf-8", ".txt": "text/plain; charset=utf-8",
}

// pages serves the dashboard at / and its files below /page/. They need no token: the data
// do.
func (s *Server) pages(mux *http.ServeMux) {
	fs.WalkDir(pageFiles, "page", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := pageFiles.ReadFile(name)
		if err != nil {
			return err
		}
		at := "GET /" + name
		if name == "page/index.html" {
			at = "GET /{$}"
		}
		mux.Handle(at, pageFile(name, text))
		return nil
	})
}

func pageFile(name string, text []byte) http.Handler {
	kind := mediaTypes[path.Ext(name)]
	if kind == "" {
		kind = mime.TypeByExtension(path.Ext(name))
	}
	sum := sha256.Sum256(text)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", kind)
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache") // ask again: another probe may have another page
		h.Set("ETag", tag)
		deadline(w, writeTimeout)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
	})
}
