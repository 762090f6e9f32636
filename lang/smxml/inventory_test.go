package smxml_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/smon"
	"github.com/streamon/streamon/lang/smxml"
	"github.com/streamon/streamon/lang/source"
)

// programs is where our counterparts of the prototype's programs are.
const programs = "../../testdata/xml/"

// The verdicts about a program of the prototype.
const (
	must    = "MUST" // loads without a word
	lenient = "LEN"  // loads with warnings
	rej     = "REJ"  // is refused
)

// inventory is the programs of the prototype: for each we have one that uses the
// same parts of the dialect. shape is states/metrics/tables/features/packet
// events+timeout events. shipped is what is known to be wrong with the prototype's own,
// by letters of [shipped]; warned is what is warned of besides, refused why it is
// refused, by line.
var inventory = []struct{ file, verdict, shape, shipped, warned, refused string }{
	{"config_portscan", must, "3/1/0/1/1+1", "", "", ""},
	{"config/config_portscan", must, "3/1/0/1/1+1", "", "", ""},
	{"config/config_dns", must, "3/1/0/1/1+0", "", "", ""},
	{"config/config_DNS_SRFG_1", must, "3/1/0/1/1+0", "", "", ""},
	{"config/config_ddos", must, "4/1/2/1/1+1", "", "", ""},
	{"config/modbus_device_scan", must, "3/1/0/1/1+0", "", "", ""},
	{"config", lenient, "1/2/0/3/1+0", "P", "", ""},
	{"old/conf_modbus1", lenient, "1/1/0/1/1+0", "P", "", ""},
	{"old/conf_modbus2", lenient, "1/1/0/1/1+0", "P", "never-true", ""},
	{"old/conf_modbus2-2", lenient, "3/1/0/1/1+1", "P", "", ""},
	{"old/conf_modbus2-3", lenient, "4/1/0/1/1+1", "P", "", ""},
	{"old/conf_modbus3", lenient, "2/2/0/1/2+1", "PMC", "exec-vector", ""},
	{"old/conf_modbus3-2", lenient, "2/2/0/1/2+1", "PMC", "exec-vector", ""},
	{"old/conf_modbus4", rej, "3/2/0/1/1+2", "P", "blank-separator dead-part", "29 bad-selector"},
	{"old/conf_modbus4-2", lenient, "4/2/0/1/1+1", "P", "blank-separator", ""},
	{"old/conf_modbus5", lenient, "4/1/1/1/1+1", "PC", "", ""},
	{"old/conf_modbus5-2", lenient, "3/1/1/1/1+1", "PC", "timeout-key", ""},
	{"old/conf_modbus6", lenient, "4/3/0/2/3+2", "PMC", "", ""},
	{"old/config_2", lenient, "1/2/0/1/2+0", "PM", "", ""},
	{"old/config_3", lenient, "2/2/0/1/2+1", "PMC", "exec-vector", ""},
	{"old/config_4", lenient, "3/4/0/4/5+0", "PM", "", ""},
	{"old/config_5", rej, "2/1/0/1/1+1", "PC", "exec-vector", "8 bad-value, 19 unknown-field, 21 nested-condition"},
	{"old/config_6", lenient, "4/1/0/1/4+1", "PMC", "exec-vector", ""},
	{"old/config_cede-v3.tables", rej, "1/2/2/2/1+1", "PC", "dead-part", "7 missing-attribute, 20 bad-action, 32 missing-attribute"},
	{"old/config_cede_v4.tables", rej, "2/2/2/2/1+1", "PC", "dead-part", "8 missing-attribute, 21 bad-action, 33 missing-attribute"},
	{"old/config_cede_giulio", rej, "5/2/1/2/1+2", "PC", "dead-action dead-part print-tab", "12 bad-value"},
	{"old/config_cede_test", lenient, "1/2/2/2/1+0", "PC", "dead-action dead-part", ""},
	{"old/config_conficker-to", lenient, "3/4/1/4/4+1", "PM", "", ""},
	{"old/config_conficker-to_stat", lenient, "3/7/0/8/4+2", "PMC", "", ""},
	{"old/config_ddos-stat", lenient, "4/6/2/6/1+2", "PC", "timeout-key", ""},
	{"old/config_ddos-v3", lenient, "4/1/2/1/1+1", "PC", "print-tab", ""},
	{"old/config_dnsorphan", lenient, "3/1/0/1/2+0", "PM", "", ""},
	{"old/config_dnsorphan_http2", lenient, "2/1/0/1/2+1", "PM", "", ""},
	{"old/config_dnstun", rej, "1/4/0/4/2+1", "PM", "unknown-variable", "35 unknown-metric, 44 unknown-metric"},
	{"old/config_export", lenient, "1/1/0/1/1+0", "PC", "dead-action", ""},
	{"old/config_marco", rej, "3/4/1/4/1+1", "PC", "plot-published word-operator", "9 bad-value, 34 bad-selector, 40 bad-action"},
	{"old/config_msg", lenient, "1/1/0/1/1+0", "P", "", ""},
	{"old/config_p2p", lenient, "3/5/0/5/2+0", "PM", "word-operator", ""},
	{"old/config_plot_prova_4_features", lenient, "3/1/0/4/1+2", "PC", "pipe-key plot-published", ""},
}

// shipped is the defects that many of the prototype's programs have, with the warning
// that each gives.
var shipped = map[rune]string{'P': "missing-publisher", 'M': "many-packet-events", 'C': "comma-separator"}

var marker = regexp.MustCompile(`<!-- ! ([a-z -]+) -->`)

// marked are the diagnostics that a program says itself it provokes, as
// "line code".
func marked(src string) (out []string) {
	n := 0
	for line := range strings.Lines(src) {
		n++
		if m := marker.FindStringSubmatch(line); m != nil {
			for _, code := range strings.Fields(m[1]) {
				out = append(out, fmt.Sprintf("%d %s", n, code))
			}
		}
	}
	return out
}

// TestInventory holds every counterpart against its verdict, and what is said
// about it against what it says itself, line by line.
func TestInventory(t *testing.T) {
	if len(inventory) != 39 {
		t.Fatalf("%d programs, want 39", len(inventory))
	}
	for _, row := range inventory {
		t.Run(row.file, func(t *testing.T) {
			src := read(t, row.file)
			p, diags, err := codegen.Front(context.Background(), row.file+".xml", src, codegen.Options{})
			if err != nil {
				t.Fatal(err)
			}
			verdict := must
			switch {
			case diags.HasErrors():
				verdict = rej
			case len(diags) > 0:
				verdict = lenient
			}
			if verdict != row.verdict || (p == nil) != (verdict == rej) {
				t.Errorf("verdict = %s, want %s: %v", verdict, row.verdict, diags)
			}
			compareMarked(t, string(src), diags)
			var codes, errors []string
			for _, letter := range row.shipped {
				codes = append(codes, shipped[letter])
			}
			codes = append(codes, strings.Fields(row.warned)...)
			slices.Sort(codes)
			var got []string
			for _, d := range diags {
				if d.Severity == diag.Error {
					errors = append(errors, fmt.Sprintf("%d %s", d.Span.Start.Line, d.Code))
				} else {
					got = append(got, d.Code.String())
				}
			}
			slices.Sort(got)
			if got = slices.Compact(got); !slices.Equal(got, codes) {
				t.Errorf("warned of %v, want %v", got, codes)
			}
			if refused := strings.Join(errors, ", "); refused != row.refused {
				t.Errorf("refused for %q, want %q", refused, row.refused)
			}
			t.Logf("%-32s %-4s %-12s %s %s", row.file, verdict, row.shape, strings.Join(got, " "), row.refused)
			if got := shape(string(src)); got != row.shape {
				t.Errorf("shape = %s, want %s", got, row.shape)
			}
		})
	}
}

// TestExtra holds the other programs against what they say themselves.
func TestExtra(t *testing.T) {
	files, _ := filepath.Glob(programs + "extra/*.xml")
	if len(files) < 3 {
		t.Fatal("no programs")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src := read(t, strings.TrimSuffix(strings.TrimPrefix(file, programs), ".xml"))
			_, diags, err := codegen.Front(context.Background(), file, src, codegen.Options{})
			if err != nil {
				t.Fatal(err)
			}
			compareMarked(t, string(src), diags)
		})
	}
}

func compareMarked(t *testing.T, src string, diags diag.List) {
	t.Helper()
	want := marked(src)
	for _, d := range diags {
		line := fmt.Sprintf("%d %s", d.Span.Start.Line, d.Code)
		if i := slices.Index(want, line); i >= 0 {
			want = slices.Delete(want, i, i+1)
		} else {
			t.Errorf("unexpected: %s", d.Error())
		}
		if n := len(d.Message); n > 100 {
			t.Errorf("the message has %d bytes: %s", n, d.Message)
		}
	}
	for _, w := range want {
		t.Errorf("missing: line %s", w)
	}
}

var (
	comments   = regexp.MustCompile(`(?s)<!--.*?-->`)
	packetType = regexp.MustCompile(`<event type="packet"`)
	timeType   = regexp.MustCompile(`<event type="timeout"`)
)

func shape(src string) string {
	src = comments.ReplaceAllString(src, "")
	n := func(tag string) int { return strings.Count(src, tag+" ") }
	return fmt.Sprintf("%d/%d/%d/%d/%d+%d", n("<statedef"), n("<metric"), n("<table"), n("<feature"),
		len(packetType.FindAllString(src, -1)), len(timeType.FindAllString(src, -1)))
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	src, err := os.ReadFile(programs + name + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// Every code of the front-end has an example that provokes it.
func TestExamplesOfCodes(t *testing.T) {
	tested := 0
	for _, code := range diag.Codes() {
		if !strings.HasPrefix(code.Example(), "<") {
			continue
		}
		tested++
		_, diags := parse(code.Example())
		if !slices.ContainsFunc(diags, func(d *diag.Diagnostic) bool { return d.Code == code }) {
			t.Errorf("the example of %s gives %v:\n%s", code, diags, code.Example())
		}
	}
	if tested < 25 {
		t.Errorf("%d codes, want 25 or more", tested)
	}
}

func parse(src string) (*ast.File, diag.List) {
	return smxml.Parse(source.NewFile("p.xml", []byte(src)), smon.Parse)
}
