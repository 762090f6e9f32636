package metrics

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Text builds a page in the text format of Prometheus, version 0.0.4
// (prometheus.io/docs/instrumenting/exposition_formats). It is written out here and not
// left to prometheus/client_golang, which makes the probe 3.8 MB larger (16.8 to 20.6)
// and what every static probe is built from 0.47 MB (1.63 to 2.10, compressed); measured
// with v1.25.0 on linux/amd64. The numbers are the probe's already and need no
// registry; what is left is this format, which tests read with Prometheus's own parser.
//
// A family with more samples than MaxSeries, or with more than MaxGroup of one group (a
// program), leaves the rest out and says how many: what a program declares must not flood
// whoever collects. Not safe for concurrent use.
type Text struct {
	families []*family
	byName   map[string]*family
}

// Bounds of one family.
const (
	MaxSeries = 2000
	MaxGroup  = 200
)

// family is all samples of one name.
type family struct {
	name, help, kind string
	body             []byte
	series, omitted  int
	group            string
	inGroup          int
}

// Label is a name and a value.
type Label struct{ Name, Value string }

// Counter adds a sample of a number that only grows. Samples of one family may come in
// any order; those of one group, which is the value of the first label, one after the other.
func (t *Text) Counter(name, help string, value float64, labels ...Label) {
	t.add("counter", name, help, value, labels)
}

// Gauge adds a sample of a number that rises and falls.
func (t *Text) Gauge(name, help string, value float64, labels ...Label) {
	t.add("gauge", name, help, value, labels)
}

// Part is one of the numbers that a whole consists of.
type Part struct {
	Is string // value of the label that tells it from the others
	N  uint64
}

// Of returns a part.
func Of(is string, n uint64) Part { return Part{is, n} }

// Parts adds a counter for each part of a whole, told apart by a last label.
func (t *Text) Parts(name, help, by string, parts []Part, labels ...Label) {
	labels = slices.Clip(labels)
	for _, p := range parts {
		t.Counter(name, help, float64(p.N), append(labels, Label{by, p.Is})...)
	}
}

func (t *Text) add(kind, name, help string, value float64, labels []Label) {
	f := t.byName[name]
	if f == nil {
		if t.byName == nil {
			t.byName = map[string]*family{}
		}
		f = &family{name: name, help: help, kind: kind}
		t.byName[name] = f
		t.families = append(t.families, f)
	}
	group := ""
	if len(labels) > 0 {
		group = labels[0].Value
	}
	if group != f.group {
		f.group, f.inGroup = group, 0
	}
	if f.series == MaxSeries || f.inGroup == MaxGroup {
		f.omitted++
		return
	}
	f.series++
	f.inGroup++
	f.body = append(f.body, name...)
	for i, l := range labels {
		f.body = append(f.body, ",{"[btoi(i == 0)])
		f.body = append(append(f.body, l.Name...), '=', '"')
		f.body = append(appendEscaped(f.body, l.Value), '"')
	}
	if len(labels) > 0 {
		f.body = append(f.body, '}')
	}
	f.body = append(appendNumber(append(f.body, ' '), value), '\n')
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Bytes returns the page.
func (t *Text) Bytes() []byte {
	for _, f := range slices.Clone(t.families) {
		if f.omitted > 0 {
			t.Gauge("streamon_metrics_omitted_series", "Samples that were left out of a family, which has too many.", float64(f.omitted), Label{"family", f.name})
		}
	}
	var b []byte
	for _, f := range t.families {
		b = append(append(append(append(b, "# HELP "...), f.name...), ' '), strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(f.help)...)
		b = append(append(append(append(b, "\n# TYPE "...), f.name...), ' '), f.kind...)
		b = append(append(b, '\n'), f.body...)
	}
	return b
}

// appendEscaped appends the value of a label: valid UTF-8, with \\, \" and \n.
func appendEscaped(b []byte, s string) []byte {
	for _, r := range s {
		switch r {
		case '\\', '"':
			b = append(b, '\\', byte(r))
		case '\n':
			b = append(b, `\n`...)
		default:
			b = append(b, string(r)...)
		}
	}
	return b
}

func appendNumber(b []byte, x float64) []byte {
	switch {
	case math.IsNaN(x):
		return append(b, "NaN"...)
	case math.IsInf(x, 0):
		return append(b, "-+"[btoi(x > 0)], 'I', 'n', 'f')
	case x == math.Trunc(x) && math.Abs(x) < 1e15:
		return strconv.AppendInt(b, int64(x), 10)
	}
	return strconv.AppendFloat(b, x, 'g', -1, 64)
}
