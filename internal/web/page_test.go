package web

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// TestPage: the files of the dashboard need no token, may ask nobody but the probe, and name
// nothing of another site.
func TestPage(t *testing.T) {
	h := New(&stub{}, Options{}).Handler(true)
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w
	}
	kinds := map[string]string{
		"/": "text/html", "/page/app.js": "text/javascript", "/page/app.css": "text/css", "/page/icon.svg": "image/svg+xml",
		"/page/uplot/uPlot.js": "text/javascript", "/page/uplot/LICENSE.txt": "text/plain",
	}
	for path, kind := range kinds {
		w := get(path)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) {
			t.Errorf("GET %s = %d, %s", path, w.Code, w.Header().Get("Content-Type"))
		}
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'self';") || strings.Contains(policy, "unsafe") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("GET %s: headers %v", path, w.Header())
		}
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("If-None-Match", w.Header().Get("ETag"))
		again := httptest.NewRecorder()
		if h.ServeHTTP(again, r); again.Code != http.StatusNotModified {
			t.Errorf("GET %s once more = %d", path, again.Code)
		}
	}
	for _, path := range []string{"/page/", "/page/index.html", "/page/../web.go", "/page/none.js", "/v1/programs"} {
		if w := get(path); w.Code == http.StatusOK {
			t.Errorf("GET %s is answered", path)
		}
	}
	// What a page can be made to fetch stands in its files; uPlot and namespaces of SVG name
	// sites, and fetch nothing.
	outside := regexp.MustCompile(`(?i)(src|href|url\(|@import|fetch\(|import)[^\n]{0,10}["'(](https?:)?//`)
	files, _ := pageFiles.ReadDir("page")
	for _, f := range files {
		if f.IsDir() {
			continue
		}
		text, err := pageFiles.ReadFile("page/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if m := outside.Find(text); m != nil {
			t.Errorf("%s fetches from another site: %s", f.Name(), m)
		}
		if m := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(`).Find(text); m != nil {
			t.Errorf("%s makes elements of text: %s", f.Name(), m)
		}
	}
}

// TestLocalNames: through the control socket whoever asks is the operator, so a page of
// another site must not get there by a name that leads to this machine.
func TestLocalNames(t *testing.T) {
	h := New(&stub{}, Options{}).Handler(false)
	for host, want := range map[string]int{
		"probe": 200, "localhost": 200, "localhost:7474": 200, "127.0.0.1:7474": 200, "[::1]:7474": 200, "a.localhost": 200,
		"evil.example": 403, "evil.example:7474": 403, "192.0.2.1": 403, "[2001:db8::1]:80": 403, "127.0.0.1.evil.example": 403,
	} {
		for _, path := range []string{"/", "/v1/me"} {
			r := httptest.NewRequest("GET", path, nil)
			r.Host = host
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != want {
				t.Errorf("GET http://%s%s = %d, want %d", host, path, w.Code, want)
			}
		}
	}
}
