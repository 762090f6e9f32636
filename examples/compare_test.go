package examples_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// same is the relative difference up to which two numbers are equal: both sides
// round.
const same = 1e-9

// tally says how two lists of records, entities and table entries differ.
type tally struct {
	compared int // of the evaluator
	missing  int // that only the evaluator has
	extra    int // that only compiled code has
	near     int // in what hll and topk estimate, within their stated error
	differ   int // in a value otherwise
	worst    float64
	examples []string
}

func (c *tally) differences() int { return c.missing + c.extra + c.differ }

func (c *tally) String() string {
	s := fmt.Sprintf("%6d compared, %d missing, %d extra, %d with another value", c.compared, c.missing, c.extra, c.differ)
	if c.differ > 0 {
		s += fmt.Sprintf(" (by at most %.2g)", c.worst)
	}
	if c.near > 0 {
		s += fmt.Sprintf(", %d within the error of hll and topk", c.near)
	}
	return s
}

func (c *tally) add(o *tally) {
	c.compared += o.compared
	c.missing += o.missing
	c.extra += o.extra
	c.near += o.near
	c.differ += o.differ
	c.worst = max(c.worst, o.worst)
}

func (c *tally) note(format string, args ...any) {
	if len(c.examples) < 4 {
		c.examples = append(c.examples, fmt.Sprintf(format, args...))
	}
}

// compare pairs what agrees in everything but numbers that sketches estimate, and
// then compares those.
func compare(got, want []any) *tally {
	c := &tally{compared: len(want)}
	for len(got) > 0 && len(want) > 0 && distance(got[0], want[0]) <= same { // the usual case, fast
		got, want = got[1:], want[1:]
	}
	left := map[string][]any{}
	for _, g := range got {
		left[identity(g)] = append(left[identity(g)], g)
	}
	for _, w := range want {
		id := identity(w)
		if len(left[id]) == 0 {
			c.missing++
			c.note("only the evaluator has %s", jsonText(w))
			continue
		}
		g := left[id][0]
		left[id] = left[id][1:]
		switch d := distance(g, w); {
		case d <= same:
		case isNear(g.(map[string]any), w.(map[string]any)):
			c.near++
		default:
			c.differ++
			c.worst = max(c.worst, d)
			c.note("compiled  %s\nevaluator %s", jsonText(g), jsonText(w))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(left)) {
		for _, g := range left[id] {
			c.extra++
			c.note("only compiled code has %s", jsonText(g))
		}
	}
	return c
}

// identity is what an object is about: everything in it but estimated values.
func identity(v any) string {
	object := maps.Clone(v.(map[string]any))
	for _, name := range []string{"message", "features", "fields", "value"} {
		delete(object, name)
	}
	return jsonText(object)
}

// distance is the largest relative difference of two numbers at the same place;
// infinite where the two differ in anything else.
func distance(a, b any) float64 {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		if !ok {
			return math.Inf(1)
		}
		if a == b {
			return 0
		}
		return math.Abs(a-b) / max(math.Abs(a), math.Abs(b))
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return math.Inf(1)
		}
		var d float64
		for name := range a {
			if name != "message" {
				d = max(d, distance(a[name], b[name]))
			}
		}
		// A message shows values that are compared already: it may differ if they do.
		if m, ok := a["message"].(string); ok && m != b["message"] && (d <= same || shape(m) != shape(b["message"].(string))) {
			return math.Inf(1)
		}
		return d
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return math.Inf(1)
		}
		var d float64
		for i := range a {
			d = max(d, distance(a[i], b[i]))
		}
		return d
	}
	if a != b {
		return math.Inf(1)
	}
	return 0
}

// isNear reports whether two records of heavy_hitters differ in its estimates only,
// and these within four standard errors of its hll and N/C of its topk, with N all
// bytes of the window and C = 100 counters.
func isNear(got, want map[string]any) bool {
	g, ok1 := got["fields"].(map[string]any)
	w, ok2 := want["fields"].(map[string]any)
	if !ok1 || !ok2 || g["top"] == nil || w["top"] == nil {
		return false
	}
	sources, all := w["sources"].(float64), w["bytes"].(float64)
	if math.Abs(g["sources"].(float64)-sources) > 4*0.01*sources || !isNearTop(g["top"].([]any), w["top"].([]any), all/100) {
		return false
	}
	rest := maps.Clone(got)
	rest["fields"] = map[string]any{"sources": sources, "bytes": g["bytes"], "top": w["top"]}
	return distance(rest, want) <= same
}

// isNearTop reports whether no estimate of a list of the largest is further than
// err from the truth, and no key stands in it, or is left out, beyond that.
func isNearTop(got, want []any, err float64) bool {
	g, w := counts(got), counts(want)
	if len(g) != len(w) {
		return false
	}
	lowest := func(m map[string]float64) float64 { return slices.Min(slices.Collect(maps.Values(m))) }
	for key, count := range g {
		truth, ok := w[key]
		if ok && math.Abs(count-truth) > err || !ok && count > lowest(w)+err {
			return false
		}
	}
	for key, truth := range w {
		if _, ok := g[key]; !ok && truth > lowest(g)+err {
			return false
		}
	}
	return true
}

func counts(list []any) map[string]float64 {
	m := map[string]float64{}
	for _, e := range list {
		m[e.(map[string]any)["key"].(string)] = e.(map[string]any)["value"].(float64)
	}
	return m
}

// shape is a message with its digits taken out.
func shape(message string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' || r == '.' {
			return -1
		}
		return r
	}, message)
}

func jsonText(v any) string {
	b, _ := json.Marshal(v) // maps are printed in order of their keys
	return string(b)
}

func sorted(list []any) []any {
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(jsonText(a), jsonText(b)) })
	return list
}
