package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/streamon/streamon/internal/access"
)

// dashboard is a probe that reads what the test feeds it, with its page in a browser.
type dashboard struct {
	*browser
	probe  *running
	origin string
	token  string
}

// openDashboard starts a probe with the programs of examples and opens its page.
func openDashboard(t *testing.T, width, height int, programs ...string) *dashboard {
	t.Helper()
	b := openBrowser(t, width, height)
	dir := t.TempDir()
	token, line, err := access.MakeLine("*", true)
	if err != nil {
		t.Fatal(err)
	}
	tokens := filepath.Join(dir, "tokens")
	if err := os.WriteFile(tokens, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "plugins"), 0o755); err != nil {
		t.Fatal(err)
	}
	args := []string{"-q", "--listen", "127.0.0.1:0", "--tokens", tokens, "--plugin-dir", filepath.Join(dir, "plugins"), "--uploads"}
	for _, name := range programs {
		args = append(args, "-p", plugin(t, example(t, name)))
	}
	d := &dashboard{browser: b, probe: start(t, args...), token: token}
	d.probe.until("the page is served", func() bool {
		_, rest, ok := strings.Cut(d.probe.err.String(), "answering requests at ")
		d.origin, _, _ = strings.Cut(rest, "\n")
		return ok && strings.Contains(rest, "\n")
	})
	return d
}

func example(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", name, name+".smon"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// feed gives the probe the packets of a capture, with the header of the file or without.
func (d *dashboard) feed(name string, from, to int) {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "pcap", name))
	if err != nil {
		d.t.Fatal(err)
	}
	if to == 0 {
		to = len(text)
	}
	if _, err := d.probe.stdin.Write(text[from:to]); err != nil {
		d.t.Fatal(err)
	}
}

// enter opens the page and shows the token.
func (d *dashboard) enter() {
	d.t.Helper()
	d.run("opening", chromedp.Navigate(d.origin+"/"))
	d.until("the page asks who is there", "document.getElementById('ask').open")
	d.run("showing the token", chromedp.SendKeys("#ask-token", d.token), chromedp.Click("#ask button"))
	d.until("the programs are there", "document.querySelector('.programs tbody tr')")
}

func TestLook(t *testing.T) {
	d := openDashboard(t, 1280, 900, "portscan", "heavy_hitters", "ddos", "p2p")
	d.colours("light")
	d.feed("portscan-nmap-syn.pcap", 0, 0)
	d.enter()
	d.run("x", chromedp.Sleep(3e9))
	d.shot("/tmp/dash/1.png")
	d.run("x", chromedp.Click(".alerts .line"), chromedp.Sleep(1e9))
	d.shot("/tmp/dash/2.png")
	d.run("x", chromedp.Click(".detail .button"), chromedp.Sleep(3e9))
	d.colours("dark")
	d.run("x", chromedp.Sleep(1e9))
	d.shot("/tmp/dash/3.png")
	d.run("x", chromedp.Evaluate[chromedp.Void]("scrollTo(0,850)"), chromedp.Sleep(1e9))
	d.shot("/tmp/dash/4.png")
	d.size(390, 844)
	d.run("x", chromedp.Navigate(d.origin+"/#/"), chromedp.Sleep(2e9))
	d.shot("/tmp/dash/5.png")
	d.run("x", chromedp.Navigate(d.origin+"/#/drops"), chromedp.Sleep(3e9))
	d.shot("/tmp/dash/6.png")
	d.check(d.origin)
}
