package feed

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/program"
)

var red, blue = export.Origin{Program: "p", Instance: "red-p", Tenant: "red"}, export.Origin{Program: "p", Tenant: "blue"}

func alert(level program.Level, text string) *program.Record {
	return &program.Record{Type: program.AlertRecord, Level: level, Message: []byte(text)}
}

func messages(list []Entry) string {
	var words []string
	for _, e := range list {
		_, rest, _ := strings.Cut(string(e.JSON), `"message":"`)
		word, _, _ := strings.Cut(rest, `"`)
		words = append(words, fmt.Sprintf("%d:%s", e.Seq, word))
	}
	return strings.Join(words, " ")
}

func TestFilter(t *testing.T) {
	h := New()
	h.Write(&red, alert(program.LevelLow, "a"))
	h.Write(&blue, alert(program.LevelHigh, "b"))
	h.Write(&red, &program.Record{Type: program.PublishRecord, Topic: "t"})
	h.Write(&red, &program.Record{Type: program.LogRecord, Message: []byte("log")})
	h.Write(&red, alert(program.LevelCritical, "c"))
	tests := []struct {
		f     Filter
		after uint64
		limit int
		want  string
	}{
		{Filter{Types: Alerts}, 0, 10, "1:a 2:b 5:c"},
		{Filter{Types: All}, 0, 10, "1:a 2:b 3: 5:c"},
		{Filter{Types: Alerts}, 1, 10, "2:b 5:c"},
		{Filter{Types: Alerts}, 0, 2, "2:b 5:c"},
		{Filter{Types: Alerts, Level: program.LevelHigh}, 0, 10, "2:b 5:c"},
		{Filter{Types: Alerts, Program: "red-p"}, 0, 10, "1:a 5:c"},
		{Filter{Types: Alerts, Program: "p"}, 0, 10, "2:b"},
		{Filter{Types: Alerts, Tenant: "red", IsTenant: true}, 0, 10, "1:a 5:c"},
		{Filter{Types: Alerts, Tenant: "red", IsTenant: true, Program: "p"}, 0, 10, ""},
		{Filter{Types: Alerts, Tenant: "", IsTenant: true}, 0, 10, ""},
		{Filter{}, 0, 10, ""},
	}
	for _, tt := range tests {
		if got := messages(h.Recent(tt.f, tt.after, tt.limit)); got != tt.want {
			t.Errorf("Recent(%+v, %d, %d) = %s, want %s", tt.f, tt.after, tt.limit, got, tt.want)
		}
	}
	// Somebody else takes the name: what was kept is not theirs to see.
	h.Write(&export.Origin{Program: "red-p", Tenant: "blue"}, alert(program.LevelLow, "d"))
	if got := messages(h.Recent(Filter{Types: Alerts, Tenant: "blue", IsTenant: true}, 0, 10)); got != "2:b 6:d" {
		t.Errorf("blue sees %s", got)
	}
}

// One instance that reports much does not push out what others reported, and a slot
// that is written over is not seen by those who have its record.
func TestKept(t *testing.T) {
	h := New()
	h.Write(&blue, alert(program.LevelLow, "rare"))
	first := h.Recent(Filter{Types: Alerts}, 0, 1)
	for i := range 3 * Kept {
		h.Write(&red, alert(program.LevelLow, fmt.Sprint("n", i)))
	}
	list := h.Recent(Filter{Types: Alerts}, 0, 10*Kept)
	if len(list) != Kept+1 || messages(list[:2]) != fmt.Sprintf("1:rare %d:n%d", 2*Kept+2, 2*Kept) || messages(first) != "1:rare" {
		t.Errorf("%d are kept, beginning with %s", len(list), messages(list[:2]))
	}
	for i := range 2 * maxInstances {
		h.Write(&export.Origin{Program: fmt.Sprint("p", i)}, alert(program.LevelLow, "x"))
	}
	if len(h.sources) != maxInstances {
		t.Errorf("records of %d instances are kept, want %d", len(h.sources), maxInstances)
	}
	h.Write(&blue, alert(program.LevelLow, strings.Repeat("x", maxBytes)))
	if c := h.Counts(); c.TooLong != 1 {
		t.Errorf("%+v, want 1 too long", c)
	}
}

// TestEarlierLife: a number that this hub has not reached is one of the probe before it was
// started again, of which nothing is known here: so whoever has it gets all there is.
func TestEarlierLife(t *testing.T) {
	h := New()
	h.Write(&red, alert(program.LevelLow, "a"))
	h.Write(&red, alert(program.LevelLow, "b"))
	for after, want := range map[uint64]string{1: "2:b", 2: "", 3: "1:a 2:b", 5000: "1:a 2:b"} {
		if got := messages(h.Recent(Filter{Types: Alerts}, after, 10)); got != want {
			t.Errorf("after %d: %q, want %q", after, got, want)
		}
		s := h.Subscribe(Filter{Types: Alerts}, after)
		var list []Entry
		for len(s.C) > 0 {
			list = append(list, <-s.C)
		}
		if got := messages(list); got != want {
			t.Errorf("a stream after %d begins with %q, want %q", after, got, want)
		}
		s.Close()
	}
}

func TestSubscribe(t *testing.T) {
	h := New()
	h.Write(&red, alert(program.LevelLow, "before"))
	h.Write(&red, alert(program.LevelLow, "kept"))
	all, mine := h.Subscribe(Filter{Types: All}, 1), h.Subscribe(Filter{Types: Alerts, Tenant: "blue", IsTenant: true}, 0)
	for i := range Queue + 10 {
		h.Write(&red, alert(program.LevelLow, fmt.Sprint(i)))
	}
	h.Write(&blue, alert(program.LevelLow, "blue"))
	if got := messages([]Entry{<-mine.C}); !strings.HasSuffix(got, ":blue") || len(mine.C) != 0 || mine.Dropped() != 0 {
		t.Errorf("blue gets %s and %d more", got, len(mine.C))
	}
	if got := messages([]Entry{<-all.C, <-all.C}); got != "2:kept 3:0" {
		t.Errorf("the first are %s", got)
	}
	if n := all.Dropped(); n != 12 || all.Dropped() != 0 || len(all.C) != Queue-2 {
		t.Errorf("%d dropped, want 12; %d wait", n, len(all.C))
	}
	if c := h.Counts(); c.Subscribers != 2 || c.Dropped != 12 || c.Sent != Queue {
		t.Errorf("%+v", c)
	}
	all.Close()
	mine.Close()
	h.Write(&blue, alert(program.LevelLow, "late"))
	if c := h.Counts(); c.Subscribers != 0 || len(mine.C) != 0 {
		t.Errorf("after Close: %+v, %d wait", c, len(mine.C))
	}
}

// TestAllocations: while nobody watches, keeping records allocates nothing.
func TestAllocations(t *testing.T) {
	h := New()
	r := alert(program.LevelLow, "some text")
	for range 2 * Kept {
		h.Write(&red, r)
	}
	if n := testing.AllocsPerRun(1000, func() { h.Write(&red, r) }); n != 0 {
		t.Errorf("%v allocations for each record, want 0", n)
	}
}

// TestPath: whoever watches sees through which states the entity went.
func TestPath(t *testing.T) {
	h := New()
	r := alert(program.LevelHigh, "flood")
	r.Path = []program.Step{{State: "monitored", Since: 1e9}, {State: "rising", Since: 2e9}}
	h.Write(&red, r)
	got := string(h.Recent(Filter{Types: Alerts}, 0, 1)[0].JSON)
	const want = `,"path":[{"state":"monitored","since":"1970-01-01T00:00:01.000000000Z"},{"state":"rising","since":"1970-01-01T00:00:02.000000000Z"}]}`
	if !strings.HasSuffix(got, want) || !json.Valid([]byte(got)) {
		t.Errorf("%s, want an end %s", got, want)
	}
}
