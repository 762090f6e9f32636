package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// said is something that the prototype was seen to say, and what the same program says
// here.
type said struct {
	n      int     // times in a row; 0 is once
	at     float64 // seconds after the first packet that we say it, to the millisecond; below 0: not looked at
	theirs string  // TOPIC TEXT, print for what it writes to standard output; "" = nothing
	ours   string  // TYPE or TOPIC, TEXT; "" = nothing, "=" = the same, as a log where theirs is print
	row    string  // first cell of the row of doc/xml.md that explains the difference, or otherCapture
}

// Rows of the tables of doc/xml.md.
const (
	rowClock  = "wall clock, also for files"
	rowTick   = "time of `tewma` rounded to the nearest second"
	rowLate   = "timeouts fire up to 0.1 s late, and the lateness adds up"
	rowAgain  = "a firing sends old messages again; an unlisted state, or 0 for a timeout that is not there, crashes"
	rowRaw    = "topic `raw` sends the frame"
	rowOrder  = "one text per topic and packet, the last; topics in alphabetical order"
	rowAbsent = "a field that the packet has not prints nothing, or the value of another"
	rowBlank  = "`comma-separator`, `blank-separator`"
)

// otherCapture explains a figure that differs as the packets do: those that the
// prototype was run on are not to be had. It is no difference of ours, so it has no row.
const otherCapture = "(another capture)"

// stamp is %ts and %client.id, which cannot be the prototype's: in a text it is TS.
var stamp = regexp.MustCompile(`^\d{4}-\d\d-\d\dT[0-9:.]+Z( -)?`)

// TestTruth runs the counterparts of the prototype's programs over the captures that it
// was run on, and compares them message by message with what it said. That generated
// code says the same is tested in codegen/gogen.
func TestTruth(t *testing.T) {
	for _, c := range truth {
		t.Run(strings.ReplaceAll(c.name, "/", "_"), func(t *testing.T) {
			program, _, _ := strings.Cut(c.name, " ")
			file := "../../testdata/xml/" + program + ".xml"
			if c.edit[0] != "" {
				file = edited(t, file, c.edit[0], c.edit[1])
			}
			list := c.capture(t)
			path := writeCapture(t, t.TempDir(), "t.pcapng", list)
			got, captured := records(t, file, path, int64(list[0].Time))
			if c.isUnordered {
				compareCounts(t, got, c.said)
			} else {
				compareSaid(t, got, c.said)
			}
			if captured != c.captured {
				t.Errorf("%d packets are marked as evidence, want %d", captured, c.captured)
			}
			logSame(t, got, c.said)
		})
	}
}

// TestTruthLate: what the prototype said of each second of dos differs from ours since its
// timeouts were late, and nothing else. With each 11 ms late, the least that was measured of
// it, ours is as reported: 2 packets a second, 4 before the flood, 44 by then, 250 to 302 in
// each whole second of it, 2098 after eight, then 2 again.
func TestTruthLate(t *testing.T) {
	list := late("dos", 11*time.Millisecond)(t)
	got, _ := records(t, "../../testdata/xml/old/config_ddos-stat.xml", writeCapture(t, t.TempDir(), "t.pcapng", list), int64(list[0].Time))
	var totals, steps []int
	for _, m := range got {
		var total, normal, other float64
		if n, err := fmt.Sscanf(m.text, "log %f %f %f", &total, &normal, &other); n != 3 || other != 0 {
			t.Fatalf("%q: %v", m.text, err)
		}
		totals, steps = append(totals, int(total)), append(steps, int(normal))
	}
	flood := slices.Index(totals, 44) + 1
	if flood < 2 || len(steps) < flood+9 {
		t.Fatalf("totals are %v", totals)
	}
	whole := steps[flood : flood+7]
	if steps[flood-1] != 4 || slices.Min(whole) != 250 || slices.Max(whole) != 302 || totals[flood+7] != 2098 {
		t.Errorf("a second before the flood and its seconds: %v, %d in all; reported are 4, then 250 to 302, 2098", steps[flood-1:flood+8], totals[flood+7])
	}
	for _, n := range steps[flood+8:] {
		if n != 2 {
			t.Errorf("after the flood: %v", steps[flood+8:])
			break
		}
	}
}

func edited(t *testing.T, file, old, new string) string {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(src, []byte(old)) {
		t.Fatalf("%s: no %q (%v)", file, old, err)
	}
	out := filepath.Join(t.TempDir(), filepath.Base(file))
	if err := os.WriteFile(out, bytes.Replace(src, []byte(old), []byte(new), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	return out
}

// message is one record of ours.
type message struct {
	at   float64
	text string
}

var marked = regexp.MustCompile(`captured (\d+),`)

// records runs a program and returns what it said and how many packets it marked.
func records(t *testing.T, file, path string, start int64) (out []message, captured int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args := []string{"run", "--exact", file, "-r", path}
	if code := run(context.Background(), args, &stdio{strings.NewReader(""), &stdout, &stderr}); code != exitFine {
		t.Fatalf("smcc %v ended with %d\n%s", args, code, stderr.String())
	}
	for line := range strings.Lines(stdout.String()) {
		var r struct {
			Type, Message, Topic string
			Time                 time.Time
			Fields               struct{ Text string }
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("output line %q: %v", line, err)
		}
		text := r.Type + " " + stamp.ReplaceAllString(r.Message, "TS")
		if r.Topic != "" {
			text = r.Topic + " " + r.Fields.Text
		}
		out = append(out, message{float64(r.Time.UnixNano()-start) / 1e9, text})
	}
	m := marked.FindStringSubmatch(stderr.String())
	if m == nil {
		t.Fatalf("the summary does not count evidence:\n%s", stderr.String())
	}
	captured, _ = strconv.Atoi(m[1])
	return out, captured
}

// wanted is what we are expected to say, from one line of a table.
func (s said) wanted() string {
	if s.ours == "=" {
		return strings.Replace(s.theirs, "print ", "log ", 1)
	}
	return s.ours
}

// compareSaid compares in order, and times.
func compareSaid(t *testing.T, got []message, all []said) {
	t.Helper()
	next := 0
	for i, s := range all {
		for range max(s.n, 1) {
			want := s.wanted()
			if want == "" {
				continue
			}
			if next == len(got) {
				t.Fatalf("message %d, %q of line %d, is missing", next+1, want, i+1)
			}
			g := got[next]
			next++
			if g.text != want && !(strings.HasSuffix(want, "…") && strings.HasPrefix(g.text, strings.TrimSuffix(want, "…"))) {
				t.Fatalf("message %d at %.6f is %q, want %q of line %d", next, g.at, g.text, want, i+1)
			}
			if s.at >= 0 && math.Abs(g.at-s.at) > 0.0006 {
				t.Errorf("message %d, %q, comes at %.6f, want %.3f", next, want, g.at, s.at)
			}
		}
	}
	for _, g := range got[next:] {
		t.Errorf("unexpected at %.6f: %q", g.at, g.text)
	}
}

// logSame says how much of a run is as the prototype's was: in its place, or in
// another place of the same packet's messages; and which rows explain the rest.
func logSame(t *testing.T, got []message, all []said) {
	same, moved, rows := 0, 0, map[string]bool{}
	for i, s := range all {
		if s.ours == "=" {
			same += max(s.n, 1)
			continue
		}
		rows[s.row] = true
		if s.row == rowOrder && slices.ContainsFunc(all[max(i-1, 0):min(i+2, len(all))], func(o said) bool { return o.theirs == s.ours }) {
			moved++
		}
	}
	t.Logf("%d messages, %d as the prototype's, %d more in another order; explained: %q", len(got), same, moved, slices.Sorted(maps.Keys(rows)))
}

// compareCounts compares how often each text comes.
func compareCounts(t *testing.T, got []message, all []said) {
	t.Helper()
	count := map[string]int{}
	for _, g := range got {
		count[g.text]++
	}
	for _, s := range all {
		want := s.wanted()
		if count[want] != max(s.n, 1) {
			t.Errorf("%d times %q, want %d", count[want], want, s.n)
		}
		delete(count, want)
	}
	if len(count) > 0 {
		t.Errorf("unexpected: %v", count)
	}
}

// Each difference is in doc/xml.md, and nothing is explained that is none.
func TestTruthRows(t *testing.T) {
	doc, err := os.ReadFile("../../doc/xml.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range truth {
		for i, s := range c.said {
			differs := s.ours != "="
			switch {
			case differs != (s.row != ""):
				t.Errorf("%s, line %d: differs is %v, the row %q", c.name, i+1, differs, s.row)
			case differs && s.row != otherCapture && !bytes.Contains(doc, []byte("\n| "+s.row+" | ")):
				t.Errorf("%s, line %d: doc/xml.md has no row %q", c.name, i+1, s.row)
			}
		}
	}
}
