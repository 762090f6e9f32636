package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// dashboard is a probe that reads what the test feeds it, with its page in a browser.
type dashboard struct {
	*browser
	probe *remote
}

// openDashboard starts a probe with the programs of examples and opens its page.
func openDashboard(t *testing.T, width, height int, programs ...string) *dashboard {
	t.Helper()
	args := []string{"--uploads"}
	for _, name := range programs {
		args = append(args, "-p", plugin(t, example(t, name)))
	}
	return openDashboardOf(t, width, height, args...)
}

// openDashboardOf is openDashboard of a probe with other flags.
func openDashboardOf(t *testing.T, width, height int, args ...string) *dashboard {
	t.Helper()
	b := openBrowser(t, width, height)
	return &dashboard{browser: b, probe: listen(t, args...)}
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
	d.run("opening", chromedp.Navigate(d.probe.origin+"/"))
	d.until("the page asks who is there", "document.getElementById('ask').open")
	d.run("showing the token", chromedp.SendKeys("#ask-token", d.probe.tokens["* write"]), chromedp.Click("#ask button"))
	d.until("the programs are there", "document.querySelector('.programs tbody tr')")
}

// scan is the program portscan as somebody changes it: it keeps the metric, has another
// one besides, and counts the keys of another table.
func scan(t *testing.T) string {
	t.Helper()
	return edit(t, example(t, "portscan"),
		"metric ports ", "metric hits { count cbf(window: 120s) }\nmetric ports ",
		"on syn {", "on syn { set hits[pair] ")
}

// TestDashboard watches the replay of a capture in a real browser: the alert comes while
// the page is open, the machine shows the change of state, and the program is replaced
// from the page and keeps its memory.
func TestDashboard(t *testing.T) {
	d := openDashboard(t, 1280, 900, "portscan", "heavy_hitters")
	const half = 2990 // bytes: the header of the file and 40 packets
	d.feed("portscan-nmap-syn.pcap", 0, half)
	d.enter()
	d.until("no alert is there", text(".view .card:last-child .empty")+".includes('No alerts')")
	if got := value[string](d.browser, "document.querySelector('.programs .code').textContent"); len(got) != 16 {
		t.Errorf("the source of the first program is shown as %q", got)
	}

	d.run("the program", chromedp.Click(".programs th a"))
	const badge = "document.querySelector('.machine g[data-state=scanning] .badge-text')?.textContent"
	d.until("the machine is drawn and nobody scans", badge+" === '0'")
	d.feed("portscan-nmap-syn.pcap", half, 0)
	d.until("the machine shows who scans", badge+" === '1'")
	d.until("the entity is listed", text(".grid")+".includes('172.16.0.8, 64.13.134.52')")
	d.run("plotting", chromedp.Click("button[aria-label^='Plot ']"))
	d.until("values and states are drawn", "document.querySelectorAll('.chart canvas').length === 2")
	d.until("the plot says what it shows", "document.querySelector('.chart').ariaLabel.includes('scanning since')")

	d.run("the alerts", chromedp.Click("nav a[href='#/alerts']"), chromedp.Click(".alerts .line"))
	d.until("the alert says how it came about", text(".detail .rule")+".includes('when width > limit')")
	if got := value[string](d.browser, text(".detail")); !strings.Contains(got, "default") || !strings.Contains(got, "scanning") ||
		value[string](d.browser, "[...document.querySelectorAll('.detail .values tbody tr')].map((r) => r.cells[0].textContent + r.cells[1].textContent).join()") != "width51,limit50" {
		t.Errorf("the alert is explained so:\n%s", got)
	}

	d.replace(t)
	d.check(d.probe.origin)
}

const replaceButton = "[...document.querySelectorAll('form button.main')].find((b) => b.textContent === 'Replace').click()"

// replace replaces the program portscan from its page.
func (d *dashboard) replace(t *testing.T) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "portscan.smon")
	if err := os.WriteFile(file, []byte("program portscan {"), 0o644); err != nil {
		t.Fatal(err)
	}
	d.run("the program", chromedp.Navigate(d.probe.origin+"/#/program/portscan"))
	d.until("the form is there", "document.querySelector('#replace-file') && !document.querySelector('#replace-file').disabled")
	d.run("a broken source", chromedp.SetUploadFiles("#replace-file", []string{file}))
	d.do(replaceButton)
	d.until("the errors of the compiler are shown", text(".failure pre")+".includes('portscan.smon:1:')")
	if s := d.probe.list(); s.program("portscan").Generation != 1 {
		t.Errorf("a source with errors makes generation %d", s.program("portscan").Generation)
	}
	if err := os.WriteFile(file, []byte(scan(t)), 0o644); err != nil {
		t.Fatal(err)
	}
	d.run("a changed source", chromedp.SetUploadFiles("#replace-file", []string{file}))
	d.do(replaceButton)
	d.until("the next generation runs", text(".done h3")+".includes('Generation 2 runs')")
	report := value[string](d.browser, "[...document.querySelectorAll('.done .report tbody tr')].map((r) => r.cells[0].textContent + '=' + r.cells[1].textContent).join(' ')")
	for _, want := range []string{"metric ports=kept", "states pair=kept", "metric hits=new"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report is %q, want %q in it", report, want)
		}
	}
	s := d.probe.list()
	if p := s.program("portscan"); p.Generation != 2 || p.States["pair"]["scanning"] != 1 {
		t.Errorf("after the replacement: %+v", p)
	}
}

// do evaluates an expression for what it does.
func (d *dashboard) do(expression string) {
	d.t.Helper()
	d.run(expression, chromedp.Evaluate[chromedp.Void](expression))
}

// TestDashboardOnPhone: no view has to be scrolled sideways, and every one has something to
// say without packets, programs and alerts.
func TestDashboardOnPhone(t *testing.T) {
	d := openDashboard(t, 390, 844, "portscan", "ddos")
	long := strings.Repeat("long_", 12) + "name"
	so, err := os.ReadFile(plugin(t, example(t, "portscan")))
	if err != nil {
		t.Fatal(err)
	}
	_, answer := d.probe.request("* write", "POST", "/v1/uploads?file=portscan.so", so)
	up := decode[struct{ Upload string }](t, answer)
	if code, text := d.probe.request("* write", "POST", "/v1/programs", []byte(`{"upload":"`+up.Upload+`","name":"`+long+`"}`)); code != 200 {
		t.Fatalf("loading one with a long name: %d %s", code, text)
	}
	d.feed("portscan-nmap-syn.pcap", 0, 0)
	d.enter()
	for _, view := range []string{"/", "/alerts", "/drops", "/load", "/program/ddos", "/program/portscan", "/program/" + long, "/program/none"} {
		d.run(view, chromedp.Navigate(d.probe.origin+"/#"+view))
		d.until(view+" is there", "document.querySelector('main h1') && document.querySelector('main').innerText.length > 40")
		if view == "/program/ddos" {
			d.until("the machine is drawn", "document.querySelector('.machine svg')")
		}
		if w := value[int](d.browser, "document.documentElement.scrollWidth"); w > 390 {
			t.Errorf("%s is %d px wide: %s", view, w, value[string](d.browser,
				"[...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > 391 && !e.closest('.scroll')).map((e) => e.tagName + '.' + e.className).slice(0, 5).join(' ')"))
		}
	}
	d.check(d.probe.origin)
}

// TestDashboardByKeyboard: whatever can be clicked is reached by the tab key, in the order of
// the page, with a visible focus, and has a name for those who do not see it.
func TestDashboardByKeyboard(t *testing.T) {
	d := openDashboard(t, 1280, 900, "portscan", "ddos")
	d.feed("portscan-nmap-syn.pcap", 0, 0)
	d.enter()
	for _, view := range []string{"/", "/alerts", "/drops", "/load", "/program/portscan"} {
		d.run(view, chromedp.Navigate(d.probe.origin+"/#"+view))
		d.until(view+" is complete", map[string]string{"/": "document.querySelector('.alerts .line')", "/alerts": "document.querySelector('.alerts .line')",
			"/drops": "document.querySelector('main tbody tr')", "/load": "document.querySelector('#load-file')",
			"/program/portscan": "document.querySelector('.machine svg') && document.querySelector('button[aria-label^=\"Plot \"]') && document.querySelector('#param-limit')"}[view])
		d.do("document.activeElement.blur(), document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute('tabindex'), window.reached = []")
		const able = "[...document.querySelectorAll('a[href], button, input, select, [tabindex=\"0\"]')].filter((e) => !e.disabled && e.checkVisibility() && !e.closest('dialog'))"
		n := value[int](d.browser, able+".length")
		for range n + 3 {
			d.run("tab", chromedp.KeyEvent("\t"))
			d.do(`(() => {
				const e = document.activeElement, s = getComputedStyle(e);
				if (e !== document.body) window.reached.push([e, s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1]);
			})()`)
		}
		for _, fault := range value[[]string](d.browser, `(() => {
			const seen = new Map(window.reached), able = `+able+`, faults = [];
			const say = (e) => e.outerHTML.slice(0, 100);
			for (const e of able) {
				if (!seen.has(e)) faults.push("is not reached: " + say(e));
				else if (!seen.get(e)) faults.push("shows no focus: " + say(e));
				if (!(e.ariaLabel || e.textContent.trim() || e.labels?.length)) faults.push("has no name: " + say(e));
			}
			const order = window.reached.map(([e]) => able.indexOf(e)).filter((i) => i >= 0);
			const wrap = order.indexOf(0, 1);
			const once = wrap > 0 ? order.slice(0, wrap) : order;
			if (once.some((v, i) => i && v < once[i - 1])) faults.push("order: " + once);
			return faults;
		})()`) {
			t.Errorf("%s: %s", view, fault)
		}
	}
	// The alert opens by the keyboard alone.
	d.run("alerts", chromedp.Navigate(d.probe.origin+"/#/alerts"))
	d.until("the alert is there", "document.querySelector('.alerts .line')")
	d.do("document.querySelector('.alerts .line').focus()")
	d.run("enter", chromedp.KeyEvent("\r"))
	d.until("it opened", "document.querySelector('.line[aria-expanded=true]') && document.querySelector('.detail .path')")
}

// TestDashboardWithoutProbe: when the probe is gone the page says so and keeps what it shows,
// and a wrong token is asked for again.
func TestDashboardWithoutProbe(t *testing.T) {
	d := openDashboard(t, 1280, 900, "portscan")
	d.run("opening", chromedp.Navigate(d.probe.origin+"/"))
	d.until("the page asks who is there", "document.getElementById('ask').open")
	d.run("a wrong token", chromedp.SendKeys("#ask-token", "smt_wrong"), chromedp.Click("#ask button"))
	d.until("the page asks again", "document.getElementById('ask').open && "+text("#ask-why")+".includes('does not take this token')")
	d.run("the token", chromedp.SendKeys("#ask-token", d.probe.tokens["* write"]), chromedp.Click("#ask button"))
	d.until("the programs are there", "document.querySelector('.programs tbody tr')")
	if got := value[string](d.browser, "localStorage.length + ' ' + sessionStorage.getItem('token')"); got != "0 "+d.probe.tokens["* write"] {
		t.Errorf("the page keeps %q", got)
	}
	d.probe.signal(syscall.SIGTERM)
	d.until("the page says that the probe is gone", "!document.getElementById('banner').hidden && "+text("#banner")+".includes('does not answer')")
	if value[int](d.browser, "document.querySelectorAll('.programs tbody tr').length") != 1 {
		t.Error("what was known is not shown any more")
	}
}
