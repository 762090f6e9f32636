package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestDashboardTrials: the page shows a version that is tried as a shadow, and none before.
func TestDashboardTrials(t *testing.T) {
	d := openDashboardOf(t, 1280, 1000, "-p", plugin(t, counting))
	d.probe.send(frame(0, 1, 2))
	d.enter()
	d.run("the program", chromedp.Navigate(d.probe.origin+"/#/program/counter"))
	const card = ".trial"
	d.until("the program is shown", text(".view h1")+" === 'counter'")
	if !value[bool](d.browser, "document.querySelector('"+card+"').closest('section').hidden") {
		t.Error("a shadow is shown before one was tried")
	}
	other := d.place(plugin(t, edit(t, counting, "sent > 3", "sent > 5"))) // smprobe would wait for the hour to end
	if code, answer := d.probe.request("* write", "PUT", "/v1/programs", fmt.Appendf(nil, `{"path":%q,"shadow":"1h"}`, other)); code != 200 {
		t.Fatal(answer)
	}
	for range 8 {
		d.probe.send(frame(0, 3, 2))
	}
	d.until("the shadow is shown", text(card)+".includes('runs beside')")
	d.until("what both have reported is counted meanwhile", text(card)+".match(/Records[^0-9]*[1-9][0-9]*, [1-9]/)")
	d.check(d.probe.origin)
}

// place copies a plugin to the folder that the probe takes plugins from.
func (d *dashboard) place(plugin string) string {
	d.t.Helper()
	text, err := os.ReadFile(plugin)
	if err != nil {
		d.t.Fatal(err)
	}
	path := filepath.Join(d.probe.flags[slices.Index(d.probe.flags, "--plugin-dir")+1], filepath.Base(filepath.Dir(plugin))+".so")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		d.t.Fatal(err)
	}
	return path
}
