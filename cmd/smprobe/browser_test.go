package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a page in a real Chromium. It notes whom the page asks, and what the
// browser complains about.
type browser struct {
	t      *testing.T
	ctx    context.Context
	mu     sync.Mutex
	asked  []string
	faults []string
}

// openBrowser starts a browser with a window of that size; the test is skipped where there is
// none.
func openBrowser(t *testing.T, width, height int) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium is in PATH: the dashboard is not looked at")
	}
	dir, err := os.MkdirTemp("", "browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(dir),
		chromedp.WindowSize(width, height), chromedp.Flag("lang", "en-GB"), chromedp.Flag("force-color-profile", "srgb"))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatalf("starting %s: %v", path, err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	b.size(width, height)
	return b
}

// call sends a command to the browser.
func call[P, R any](b *browser, c cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, c, params); err != nil {
		b.t.Fatalf("%s: %v", c.Method, err)
	}
}

// size gives the window a size; one of a phone is a phone's.
func (b *browser) size(width, height int) {
	b.t.Helper()
	var more []chromedp.EmulateViewportOption
	if width < 600 {
		more = append(more, chromedp.EmulateMobile, chromedp.EmulatePortrait, chromedp.EmulateTouch)
	}
	b.run("resizing", chromedp.EmulateViewport(int64(width), int64(height), more...))
}

// note keeps what the browser reports.
func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		isAnswer := strings.Contains(e.Entry.Text, "with a status of 4") || strings.Contains(e.Entry.Text, "net::ERR_CONNECTION") // as the test wants it
		if e.Entry.Level == log.EntryLevelError && !isAnswer {
			b.faults = append(b.faults, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// run does something in the page.
func (b *browser) run(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("%s: %v\nthe browser says: %q", what, err, b.faults)
	}
}

// value evaluates a JavaScript expression.
func value[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v\nthe browser says: %q", expression, err, b.faults)
	}
	return v
}

// until waits until a JavaScript expression is true.
func (b *browser) until(what, expression string) {
	b.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if value[bool](b, "Boolean("+expression+")") {
			return
		}
		if time.Now().After(deadline) {
			b.shot(filepath.Join(b.t.ArtifactDir(), "failed.png")) // go test -artifacts keeps it
			b.t.Fatalf("waited in vain until %s (%s)\nthe browser says: %q\nthe page: %s", what, expression, b.faults, value[string](b, "document.body.innerText"))
		}
	}
}

// shot writes a picture of the window.
func (b *browser) shot(path string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(path, png, 0o644)
	}
	if err != nil {
		b.t.Fatalf("taking a picture: %v", err)
	}
}

// colours makes the system prefer light or dark, and no motion.
func (b *browser) colours(scheme string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// check fails the test if the page asked anybody but the probe, or the browser complained.
func (b *browser) check(origin string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.asked {
		if u, err := url.Parse(text); err != nil || u.Scheme+"://"+u.Host != origin && u.Scheme != "data" && text != "about:blank" {
			b.t.Errorf("the page asked %s", text)
		}
	}
	if len(b.asked) < 10 {
		b.t.Errorf("the page asked for %d files only: %q", len(b.asked), b.asked)
	}
	for _, text := range b.faults {
		b.t.Errorf("the browser says: %s", text)
	}
}

// text is the text of an element, "" if it is not there.
func text(selector string) string {
	return fmt.Sprintf("(document.querySelector(%q)?.innerText || '')", selector)
}
