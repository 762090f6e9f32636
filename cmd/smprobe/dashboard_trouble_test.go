package main

import (
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/streamon/streamon/internal/testkit/hostile"
)

// markup is a program whose every text is HTML.
const markup = `program markup "<img src=x onerror=alert(1)> tells"
entity host: ip
metric sent { count dleft }
event packet: packet where udp   for host = ip.src
state default { on packet { set sent[host]  when sent > 3 -> busy { alert critical "<img src=x onerror=alert(2)> {host}" } } }
state busy for 1h then default {}
`

// TestDashboardInTrouble: text of programs is text, whatever it looks like; a program that was
// stopped says why; an address that is none, and a program that goes, leave the rest as it is.
func TestDashboardInTrouble(t *testing.T) {
	d := openDashboardOf(t, 1280, 900, "-p", plugin(t, counting), "-p", plugin(t, markup), "-p", hostilePlugin(t, &hostile.Deeds[0]))
	for range 8 {
		d.probe.send(frame(0, 1, 2))
	}
	for i := range 200 { // the third one counts them first
		d.probe.write(frame(0, byte(20+i), 2))
	}
	d.probe.send()
	d.enter()
	d.until("the alert is there", text(".alerts")+".includes('<img src=x onerror=alert(2)> 10.0.0.1')")
	d.until("the program is described", text(".programs")+".includes('<img src=x onerror=alert(1)> tells')")
	if n := value[int](d.browser, "document.querySelectorAll('main img').length"); n != 0 {
		t.Errorf("text of programs became %d pictures", n)
	}
	d.until("one was stopped", text(".programs .stopped")+".includes('stopped')")

	d.do("[...document.querySelectorAll('.programs th a')].find((a) => a.textContent === 'markup').focus()")
	d.probe.must("unload", "counter")
	d.until("the program is gone", "!"+text(".programs")+".includes('counts')")
	if got := value[string](d.browser, "document.activeElement.textContent"); got != "markup" {
		t.Errorf("when another program goes, the focus is on %q", got)
	}

	d.run("the stopped program", chromedp.Navigate(d.probe.origin+"/#/program/hostile"))
	d.until("the page says why", text(".failure")+".startsWith('Stopped: panic')")
	d.run("an address that is none", chromedp.Navigate(d.probe.origin+"/#/program/%E0%A4%A"), chromedp.Reload())
	d.until("the page says so", text("main")+".includes('is not loaded')")

	// A page is open for weeks: of all entities there are, it knows those of use last.
	d.do(`import("/page/store.js").then(({ store }) => {
		store.choose("p", { host: 0 });
		for (let i = 0; i < 3000; i++) store.of("p", { host: i }).values("2026-01-01T00:00:00Z", { v: i });
		window.known = [store.series.size, store.series.has('p {"host":0}'), store.series.has('p {"host":1}'), store.series.has('p {"host":2999}')].join();
	})`)
	d.until("the page has known many", "window.known")
	if got := value[string](d.browser, "window.known"); got != "1000,true,false,true" {
		t.Errorf("the page knows %s", got)
	}
	d.check(d.probe.origin)
}

// TestDashboardReconnects: when another probe answers at the address, the page goes on with
// that, and has all of its alerts, though they have numbers that the page has seen before.
func TestDashboardReconnects(t *testing.T) {
	d := openDashboardOf(t, 1280, 900, "-p", plugin(t, counting))
	alarm := func(host byte) {
		for range 4 {
			d.probe.send(frame(0, host, 2))
		}
	}
	alarm(1)
	d.enter()
	d.until("the alert is there", text(".alerts")+".includes('10.0.0.1: 4')")
	d.probe.signal(syscall.SIGTERM)
	d.until("the page says that the probe is gone", "!document.getElementById('banner').hidden")
	d.probe.begin(t, strings.TrimPrefix(d.probe.origin, "http://"), "-p", plugin(t, counting))
	alarm(3)
	d.until("the page has both alerts", text(".alerts")+".includes('10.0.0.3: 4') && "+text(".alerts")+".includes('10.0.0.1: 4')")
	d.until("the page says that the probe answers", "document.getElementById('banner').hidden && document.getElementById('link').dataset.state === 'up'")
	alarm(5)
	d.until("alerts come as before", text(".alerts")+".includes('10.0.0.5: 4')")
	if n := value[int](d.browser, "document.querySelectorAll('.alerts .line').length"); n != 3 {
		t.Errorf("there are %d alerts, want 3", n)
	}
}
