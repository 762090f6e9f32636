package eval

import (
	"fmt"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/testkit"
)

// recorder is a test that may fail without failing this one.
type recorder struct {
	testing.TB
	errs []string
}

func (r *recorder) Helper()                      {}
func (r *recorder) Error(args ...any)            { r.errs = append(r.errs, fmt.Sprint(args...)) }
func (r *recorder) Errorf(f string, args ...any) { r.errs = append(r.errs, fmt.Sprintf(f, args...)) }

// A script fails for each kind of expectation that does not hold.
func TestScriptsCanFail(t *testing.T) {
	const attack = `
		at 0s   tcp 10.0.0.1:1024 > 10.0.0.9:80 syn   x4
		at 1s   tcp 10.0.0.1:1024 > 10.0.0.9:80 syn   x3
		at 11s  tick
	`
	const alert = "expect alert critical syns=7\n"
	tests := []struct{ script, want string }{
		{attack + alert, ""},
		{attack, "does not expect"},
		{attack + "expect nothing", "got 10s alert"},
		{attack + "expect alert low", "want low in it"},
		{attack + "expect log x", "got 10s alert"},
		{attack + "expect alert syns=7 critical", "want critical in it"}, // in this order
		{attack + alert + "expect alert critical", "no record is left"},
		{attack + alert + "expect state 10.0.0.9 rising", "got state attack"},
		{attack + alert + "expect table last 10.0.0.9 = 5", "last 10.0.0.9 = 4"},
		{attack + alert + "expect no table last 10.0.0.9", "got last 10.0.0.9 = 4"},
		{attack + alert + "expect drop 1", "got 0"},
		{attack + alert + "expect count events.syn 1", "got 7"},
		{attack + alert + "expect count events.ack 1", "no counter"},
		{attack + alert + "expect rain", "cannot expect"},
		{"param limit 5\nat 0s tick", "has none of that name"},
		{"at 0s tcp nowhere", "want ADDRESS > ADDRESS"},
		{"go", "want param, list, capture, at or expect"},
	}
	for _, tt := range tests {
		r := &recorder{TB: t}
		testkit.RunScript(r, Info(testkit.Sample()), tt.script, 256)
		got := strings.Join(r.errs, "\n")
		if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
			t.Errorf("script %q failed with %q, want %q", tt.script, got, tt.want)
		}
	}
}
