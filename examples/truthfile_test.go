package examples_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// truth is what independent tools found in one shared capture.
type truth struct {
	name    string // folder and file, as in "mix/web-browse.pcap"
	capture string
	Figures map[string]figure
}

// figure is one entry of a truth file: a number, or rows.
type figure struct {
	Command string
	Columns []string
	Value   json.RawMessage
}

// number returns the value of a figure that is one number.
func (f figure) number() (int, bool) {
	n, err := strconv.Atoi(string(f.Value))
	return n, err == nil
}

// rows returns the value of a figure that is a table.
func (f figure) rows(t testing.TB) (rows [][]any) {
	t.Helper()
	if err := json.Unmarshal(f.Value, &rows); err != nil {
		t.Fatalf("truth %s: %v", f.Value, err)
	}
	return rows
}

var headLimit = regexp.MustCompile(`head( -(\d+))?$`)

// limit returns after how many rows the table was cut.
func (f figure) limit() int {
	m := headLimit.FindStringSubmatch(strings.TrimSpace(f.Command))
	if m == nil {
		return math.MaxInt
	}
	if m[2] == "" {
		return 10
	}
	n, _ := strconv.Atoi(m[2])
	return n
}

// shared returns the shared captures of the folders, each with its truth if it has one.
func shared(t testing.TB, folders ...string) (all []truth) {
	t.Helper()
	if _, err := os.Stat(traces); err != nil {
		t.Skipf("the shared captures are not here: %v", err)
	}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(traces, folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			tr := truth{name: folder + "/" + filepath.Base(file), capture: file}
			text, err := os.ReadFile(filepath.Join(traces, "truth", filepath.Base(file)+".json"))
			if err == nil {
				if err := json.Unmarshal(text, &tr); err != nil {
					t.Fatalf("truth of %s: %v", tr.name, err)
				}
			}
			all = append(all, tr)
		}
	}
	return all
}

// finals keeps the last record of each event and entity: the state of a counter
// that is published at every change.
type finals map[string][]line

// lastOf feeds a capture to programs and returns the last record that each event
// published for each entity, and the summary.
func lastOf(t testing.TB, capture string, programs ...string) (finals, summary) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "summary.json")
	args := []string{"run", "-r", capture, "--summary", file}
	for _, p := range programs {
		args = append(args, "-p", p)
	}
	cmd := exec.Command(bin(t, "smprobe"), args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := map[string][]byte{} // "event":…,"entity":… → line
	in := bufio.NewScanner(out)
	in.Buffer(make([]byte, 1<<20), 1<<20)
	for in.Scan() {
		text := in.Bytes()
		from, to := bytes.Index(text, []byte(`"event":`)), bytes.Index(text, []byte(`,"from":`))
		if from < 0 || to < from {
			t.Fatalf("output line %q has no event", text)
		}
		key := text[from:to]
		last[string(key)] = append(last[string(key)][:0], text...)
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("smprobe %v: %v\n%s", args, err, stderr.String())
	}
	f := finals{}
	for _, text := range last {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatalf("output line %q: %v", text, err)
		}
		f[l.Event] = append(f[l.Event], l)
	}
	return f, readSummary(t, file)
}

// value returns a named value of the only record of an event, 0 without a record.
func (f finals) value(event, name string) float64 {
	for _, l := range f[event] {
		if v, ok := l.Fields[name].(float64); ok {
			return v
		}
	}
	return 0
}

// of returns the records of an event and of those whose names continue it after
// two underscores.
func (f finals) of(event string) (all []line) {
	for name, lines := range f {
		if name == event || strings.HasPrefix(name, event+"__") {
			all = append(all, lines...)
		}
	}
	return all
}

// table makes rows of the records of an event. A column is a field of the entity
// or a published value.
func (f finals) table(event string, columns []string) (rows [][]any) {
	for _, l := range f.of(event) {
		row := make([]any, len(columns))
		for i, c := range columns {
			if v, ok := l.Entity[c]; ok {
				row[i] = v
			} else {
				row[i] = l.Fields[c]
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// text makes values of the two sides comparable.
func text(v any) string {
	switch v := v.(type) {
	case string:
		if a, err := netip.ParseAddr(v); err == nil {
			return a.Unmap().String()
		}
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', 12, 64)
	}
	return fmt.Sprint(v)
}

func equal(a, b any, tolerance float64) bool {
	x, isx := a.(float64)
	y, isy := b.(float64)
	if isx && isy {
		return math.Abs(x-y) <= tolerance
	}
	return text(a) == text(b)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// difference compares a table with that of the truth file, which was sorted by
// column by and cut after limit rows. It returns a text for each row of the truth
// that we do not have, and for each of ours that should have been among them.
func difference(got, want [][]any, keys []int, by, limit int, tolerance float64) (diff []string) {
	key := func(row []any) string {
		var parts []string
		for _, k := range keys {
			parts = append(parts, text(row[k]))
		}
		return strings.Join(parts, " ")
	}
	ours := map[string][]any{}
	for _, row := range got {
		ours[key(row)] = row
	}
	least := math.Inf(1)
	theirs := map[string]bool{}
	for _, row := range want {
		k := key(row)
		theirs[k] = true
		if n, ok := row[by].(float64); ok {
			least = min(least, n)
		}
		if !slices.EqualFunc(ours[k], row, func(a, b any) bool { return equal(a, b, tolerance) }) {
			diff = append(diff, fmt.Sprintf("got %v, want %v", ours[k], row))
		}
	}
	for k, row := range ours {
		n, _ := row[by].(float64)
		if !theirs[k] && (len(want) < limit || n > least) {
			diff = append(diff, fmt.Sprintf("got %v, want no such row", row))
		}
	}
	slices.Sort(diff)
	return diff
}
