package probe

import (
	"fmt"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// memo is a program that remembers n hosts, a table of numbers, one of texts and a topk list.
type memo struct {
	program.Instance
	n       int
	panicAt int // the entity at which States panics
}

func (c *memo) Activate() {}
func (c *memo) States(f func(string, []program.Field, string, packet.Time) bool) {
	for i := range c.n {
		if i == c.panicAt && i > 0 {
			panic("crowd")
		}
		state := []string{"seen", "bad"}[i%2]
		if !f("host", []program.Field{{Name: "host", Value: program.IPValue(packet.IPv4(10, byte(i>>16), byte(i>>8), byte(i)))}}, state, packet.Time(i)) {
			return
		}
	}
}
func (c *memo) Tables(f func(string, []program.Field, program.Value) bool) {
	for i := range c.n {
		key := []program.Field{{Name: "host", Value: program.IntValue(int64(i))}}
		if !f("name", key, program.StringValue([]byte("x"))) || !f("score", key, program.FloatValue(float64(i*7919%c.n))) {
			return
		}
	}
}
func (c *memo) Tops(f func(string, program.Value)) {
	f("talkers", program.Value{Kind: program.KindEntries, L: []program.Field{{Name: `a "b"`, Value: program.IntValue(9)}, {Name: "c", Value: program.IntValue(3)}}})
}

func loadMemo(t *testing.T, c *memo) *Probe {
	t.Helper()
	p := New(Options{Seed: 1})
	info := fake{name: "crowd"}.info()
	info.New = func(*program.Env) (program.Instance, error) { return c, nil }
	if _, err := p.Load(t.Context(), Artifact{Info: info}); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEntities(t *testing.T) {
	p := loadMemo(t, &memo{n: 1000})
	tests := []struct {
		q     Question
		n     int
		more  bool
		first string
	}{
		{Question{Limit: 3}, 3, true, `{"host":"10.0.0.0"} seen`},
		{Question{Limit: 2000}, 1000, false, `{"host":"10.0.0.0"} seen`},
		{Question{Limit: 2000, State: "bad"}, 500, false, `{"host":"10.0.0.1"} bad`},
		{Question{Limit: 2000, Entity: "pair"}, 0, false, ""},
		{Question{Limit: 10, Key: `"10.0.3.2"`}, 1, false, `{"host":"10.0.3.2"} seen`},
		{Question{Limit: 0}, 0, true, ""},
	}
	for _, tt := range tests {
		e, err := p.Entities(t.Context(), "crowd", tt.q)
		first := ""
		if len(e.Entities) > 0 {
			first = fmt.Sprintf("%s %s", e.Entities[0].Key, e.Entities[0].State)
		}
		if err != nil || len(e.Entities) != tt.n || e.More != tt.more || first != tt.first {
			t.Errorf("%+v: %d entities, more %v, first %s, %v; want %d, %v, %s", tt.q, len(e.Entities), e.More, first, err, tt.n, tt.more, tt.first)
		}
	}
	// What is looked at is bounded, and a panic costs the rest of the answer.
	if e, err := loadMemo(t, &memo{n: maxLook + 2}).Entities(t.Context(), "crowd", Question{State: "none", Limit: 9}); err != nil || !e.More {
		t.Errorf("of very many: %+v, %v", e, err)
	}
	if e, err := loadMemo(t, &memo{n: 10, panicAt: 4}).Entities(t.Context(), "crowd", Question{Limit: 9}); err != nil || len(e.Entities) != 4 {
		t.Errorf("with a panic: %+v, %v", e, err)
	}
}

func TestTop(t *testing.T) {
	for _, n := range []int{10, 5000} {
		top, err := loadMemo(t, &memo{n: n}).Top(t.Context(), "crowd", 1)
		if err != nil || len(top.Lists) != 2 {
			t.Fatalf("Top = %+v, %v", top, err)
		}
		if l := top.Lists[0]; l.Name != "talkers" || l.Kind != "topk" || !l.More || len(l.Keys) != 1 || string(l.Keys[0].Key) != `"a \"b\""` || string(l.Keys[0].Value) != "9" {
			t.Errorf("topk: %+v", l)
		}
		if l := top.Lists[1]; l.Name != "score" || l.Kind != "table" || !l.More || len(l.Keys) != 1 || string(l.Keys[0].Value) != fmt.Sprint(n-1) {
			t.Errorf("table of %d: %+v", n, l)
		}
	}
}
