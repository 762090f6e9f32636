package examples_test

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// What the sketches of testdata/truth/sketches.smon declare.
const (
	sketchWindow = 366 * 86400.0 // seconds
	sketchError  = 0.01
	topkCapacity = 200
)

// sketched is the outcome of one kind of sketch over all captures.
type sketched struct {
	values, exact, high, low int     // low: below the exact value by more than ageing explains
	worst                    float64 // largest relative error
}

func (s *sketched) note(got, least, want float64) {
	s.values++
	const rounding = 1e-9
	switch {
	case got > want*(1+rounding):
		s.high++
	case got < least*(1-rounding):
		s.low++
	default:
		s.exact++
	}
	s.worst = max(s.worst, math.Abs(got-want)/max(want, 1))
}

// TestTruthSketches compares sketches with the exact counters of the same run,
// key by key: those are compared with tshark in TestTruth.
func TestTruthSketches(t *testing.T) {
	var programs []string
	for _, name := range []string{"syn", "dns", "traffic", "sketches"} {
		programs = append(programs, plugin(t, filepath.Join("testdata", "truth", name+".smon")))
	}
	kinds := map[string]*sketched{"cbf": {}, "tbf": {}, "bloom": {}}
	hll, topk := new(sketched), new(sketched)
	aged := 0
	for _, tr := range shared(t, "mix", "detect") {
		if _, ok := tr.Figures["syn_total"]; !ok {
			continue
		}
		f, _ := lastOf(t, tr.capture, programs...)
		for _, event := range []string{"syn_per_dst", "syn_ports_per_pair", "top_src", "dns_names_per_client"} {
			exact := map[string]line{}
			for _, l := range f[event] {
				exact[fmt.Sprint(l.Entity)] = l
			}
			for _, l := range f["sketch_"+event] {
				age, _ := l.Fields["age"].(float64)
				for column, v := range l.Fields {
					value, kind := column[:max(0, strings.LastIndexByte(column, '_'))], column[strings.LastIndexByte(column, '_')+1:]
					k := kinds[kind]
					got, _ := v.(float64)
					want, ok := exact[fmt.Sprint(l.Entity)].Fields[value].(float64)
					switch {
					case k == nil:
					case !ok:
						t.Errorf("%s %s: no exact %s of %v", tr.name, event, value, l.Entity)
					case kind == "tbf":
						// Everything may have arrived at the beginning.
						k.note(got, want*math.Exp(-age/sketchWindow), want)
					case jumps(tr):
						aged++
					default:
						k.note(got, want, want)
					}
				}
			}
		}
		for _, what := range []string{"src", "dst", "pairs"} {
			want := f.value("totals", what)
			got := f.value("sketch_totals", what)
			hll.note(got, want, want)
			if math.Abs(got-want) > 4*sketchError*want {
				t.Errorf("%s: %s by hll = %v, want %v within 4 %%", tr.name, what, got, want)
			}
		}
		checkTop(t, tr, f, topk)
	}
	report := fmt.Sprintf("%-6s %7s %7s %5s %5s %12s  %s\n", "kind", "values", "exact", "high", "low", "worst", "bound")
	row := func(kind string, s *sketched, bound string) {
		report += fmt.Sprintf("%-6s %7d %7d %5d %5d %11.2e  %s\n", kind, s.values, s.exact, s.high, s.low, s.worst, bound)
	}
	row("cbf", kinds["cbf"], "never low, 1 % of the values high")
	row("tbf", kinds["tbf"], "not below n·e^(−age/366d), 1 % of the values high")
	row("bloom", kinds["bloom"], "1 % of the values high or low")
	row("hll", hll, "standard error 1 %, none off by more than 4 %")
	row("topk", topk, "listed sums never low, high by N/200 at most")
	t.Logf("sketches against exact counters; %d values left out, since windows end in captures that jump over years\n%s", aged, report)
	for kind, s := range kinds {
		allowed := int(sketchError * float64(s.values))
		if s.high > allowed || kind != "bloom" && s.low > 0 || s.low > allowed {
			t.Errorf("%s: %d high and %d low of %d values", kind, s.high, s.low, s.values)
		}
		if s.values < 1000 {
			t.Errorf("%s: only %d values compared", kind, s.values)
		}
	}
}

// jumps reports whether half a window ends within a capture.
func jumps(tr truth) bool {
	switch tr.name {
	case "mix/goprobe-mix.pcap", "mix/many-protocols.pcap", "detect/p2p-bittorrent-utp.pcap":
		return true
	}
	return false
}

// checkTop holds the lists of topk against the exact sums: a listed sum is not
// too low and at most N/capacity too high, and what is not listed is not above
// the smallest that is by more than that.
func checkTop(t *testing.T, tr truth, f finals, total *sketched) {
	t.Helper()
	for _, what := range []string{"frames", "bytes"} {
		exact, sum := map[string]float64{}, 0.0
		for _, l := range f["top_src"] {
			v := l.Fields[what].(float64)
			exact[l.Entity["src"].(string)] = v
			sum += v
		}
		least := math.Inf(1)
		listed := map[string]bool{}
		for _, l := range f["sketch_totals"] {
			for _, e := range l.Fields[what].([]any) {
				entry := e.(map[string]any)
				key, got := entry["key"].(string), entry["value"].(float64)
				total.note(got, exact[key], exact[key])
				if got < exact[key] || got > exact[key]+sum/topkCapacity {
					t.Errorf("%s: topk %s of %s = %v, want %v to %v more", tr.name, what, key, got, exact[key], sum/topkCapacity)
				}
				least, listed[key] = min(least, got), true
			}
		}
		for key, v := range exact {
			if !listed[key] && v > max(least, sum/topkCapacity) {
				t.Errorf("%s: topk does not list %s with %v %s, but one with %v", tr.name, key, v, what, least)
			}
		}
	}
}
