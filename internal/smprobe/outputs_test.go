package smprobe

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
)

// A reload changes sinks. Standard output and --alerts of a capture from interfaces are
// sinks as well, and stay what the probe was started with.
func TestReplaceOutputs(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	var out bytes.Buffer
	std := &stdio{out: &out, err: &out}
	c := &runCmd{liveFlags: liveFlags{Interface: []string{"lo"}}, Alerts: path("alerts"), mitigationFlags: mitigationFlags{Mitigate: "off"}}
	o, err := c.open(std)
	if err != nil {
		t.Fatal(err)
	}
	defer o.close()
	next := &runCmd{Quiet: true, Alerts: path("others"), Sink: []string{"file:" + path("one")}, Dedup: "1m"}
	if next.specs, err = next.sinks(); err != nil {
		t.Fatal(err)
	}
	if err := o.replace(c, next, std); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range o.sinks.Specs() {
		names = append(names, s.Name)
	}
	if got, want := fmt.Sprint(names), fmt.Sprintf("[file:%s stdout: file:%s]", path("one"), path("alerts")); got != want {
		t.Errorf("sinks after a reload: %s, want %s", got, want)
	}
	if !o.limiter.Limits() {
		t.Error("dedup was not taken over")
	}
}
