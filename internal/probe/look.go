package probe

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// maxLook bounds how many entities or table entries a question looks at: no packet is
// processed meanwhile. 100 000 take some 10 ms.
const maxLook = 100_000

// Question says which entities are asked for.
type Question struct {
	Entity string // "" = of any kind
	State  string // "" = in any state but the default one
	Key    string // part of the key as JSON, "" = any
	Limit  int
}

// Entities is the answer to a Question.
type Entities struct {
	Program  string   `json:"program"` // name of the instance
	Last     *string  `json:"last"`    // packet time it is of; null without packets
	Entities []Entity `json:"entities"`
	More     bool     `json:"more"` // the limit, of answers or of what is looked at, left some out
}

// Entities returns the entities of a program that a question asks for. The error wraps
// ErrNotLoaded if it is not there.
func (p *Probe) Entities(ctx context.Context, name string, q Question) (e Entities, err error) {
	err = p.look(ctx, name, func(in *instance) {
		e = Entities{Program: in.name, Entities: []Entity{}}
		if p.hasFirst {
			e.Last = timeText(p.newest)
		}
		in.ask(&e, q)
	})
	return e, err
}

// ask lists entities; a program that panics here shows what it had listed.
func (in *instance) ask(e *Entities, q Question) {
	looked := 0
	var key []byte
	in.states(func(entity string, fields []program.Field, state string, since packet.Time) bool {
		if looked++; looked > maxLook {
			e.More = true
			return false
		}
		if q.Entity != "" && q.Entity != entity || q.State != "" && q.State != state {
			return true
		}
		key = export.AppendObject(key[:0], fields)
		if !bytes.Contains(key, []byte(q.Key)) {
			return true
		}
		if len(e.Entities) == q.Limit {
			e.More = true
			return false
		}
		e.Entities = append(e.Entities, Entity{entity, slices.Clone(json.RawMessage(key)), state, *timeText(since)})
		return true
	})
}

// Top is what a program counts most: its topk metrics, and its tables of numbers.
type Top struct {
	Program string    `json:"program"` // name of the instance
	Last    *string   `json:"last"`    // packet time it is of; null without packets
	Lists   []TopList `json:"lists"`
}

// TopList is one metric or table, largest values first.
type TopList struct {
	Name string   `json:"name"`
	Kind string   `json:"kind"` // topk or table
	Keys []TopKey `json:"keys"`
	More bool     `json:"more"` // the limit, of keys or of what is looked at, left some out
}

// TopKey is one key and its value.
type TopKey struct {
	Key   json.RawMessage `json:"key"` // text of a topk metric, object of a table
	Value json.RawMessage `json:"value"`
}

// Top returns up to limit keys with the largest values of each topk metric and each
// table of numbers, durations or times. The error wraps ErrNotLoaded if the program is not there.
func (p *Probe) Top(ctx context.Context, name string, limit int) (t Top, err error) {
	err = p.look(ctx, name, func(in *instance) {
		t = Top{Program: in.name, Lists: []TopList{}}
		if p.hasFirst {
			t.Last = timeText(p.newest)
		}
		t.Lists = append(in.topMetrics(limit), in.topTables(limit)...)
	})
	return t, err
}

// topMetrics lists the topk metrics. A program with one is never run in shards.
func (in *instance) topMetrics(limit int) []TopList {
	lists := []TopList{}
	s := in.shards[0]
	tops, ok := s.inst.(program.Tops)
	if !ok {
		return lists
	}
	add := func(metric string, list program.Value) {
		l := TopList{Name: metric, Kind: "topk", Keys: []TopKey{}, More: len(list.L) > limit}
		for _, f := range list.L[:min(limit, len(list.L))] {
			key := export.AppendValue(nil, program.StringValue([]byte(f.Name)))
			l.Keys = append(l.Keys, TopKey{key, export.AppendValue(nil, f.Value)})
		}
		lists = append(lists, l)
	}
	err := in.call(s, "listing topk metrics", func() {
		tops.Tops(func(metric string, list program.Value) {
			s.gate.visit()
			defer s.gate.endVisit()
			add(metric, list)
		})
	})
	if err != nil { // it has listed what it had
		in.failed(err)
	}
	return lists
}

// ranked is a table entry with the number that it is ranked by.
type ranked struct {
	TopKey
	rank float64
}

// topTables lists the tables that hold numbers, in the order in which they are met.
func (in *instance) topTables(limit int) (lists []TopList) {
	var order []string
	best := map[string][]ranked{}
	more := map[string]bool{}
	keep := func(table string, n int) {
		rows := best[table]
		slices.SortStableFunc(rows, func(a, b ranked) int {
			return cmp.Or(cmp.Compare(b.rank, a.rank), bytes.Compare(a.Key, b.Key))
		})
		if len(rows) > n {
			more[table], best[table] = true, rows[:n]
		}
	}
	looked := 0
	in.tables(func(table string, key []program.Field, value program.Value) bool {
		rank, ok := rankOf(value)
		if looked++; !ok || looked > maxLook {
			more[table] = more[table] || ok
			return looked <= maxLook
		}
		if _, known := best[table]; !known {
			order = append(order, table)
		}
		best[table] = append(best[table], ranked{TopKey{export.AppendObject(nil, key), export.AppendValue(nil, value)}, rank})
		if len(best[table]) > 2*limit+1000 {
			keep(table, limit)
		}
		return true
	})
	for _, table := range order {
		keep(table, limit)
		l := TopList{Name: table, Kind: "table", Keys: []TopKey{}, More: more[table]}
		for _, r := range best[table] {
			l.Keys = append(l.Keys, r.TopKey)
		}
		lists = append(lists, l)
	}
	return lists
}

// rankOf returns the number that a value is ranked by; ok is false if it has none.
func rankOf(v program.Value) (rank float64, ok bool) {
	switch v.Kind {
	case program.KindInt, program.KindDuration, program.KindTime:
		return float64(v.I), true
	case program.KindFloat:
		return v.F, v.F == v.F
	}
	return 0, false
}
