package main

import (
	"strings"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/dleft"
	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/metric"
	"github.com/streamon/streamon/runtime/program"
	"github.com/streamon/streamon/runtime/xfsm"
)

// structure is one piece of the program's memory.
type structure struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Key      string `json:"key"`
	Capacity int    `json:"capacity"`
	Bytes    int64  `json:"bytes"`
	Bound    string `json:"bound"`

	pos  source.Pos               // of its declaration
	size func(capacity int) int64 // bytes with another capacity; nil = it has none
}

// structures lists the program's memory in the order in which an instance shows it.
func structures(p *ir.Program) (list []structure) {
	for _, d := range p.Metrics {
		if d.Detector != nil {
			list = append(list, sketch(d, d.Detector, d.Distinct, 0))
		}
		if d.Monitor != nil {
			key := d.Key
			if d.Monitor.Kind == "hll" { // one cell for the program: what is counted is the key
				key = d.Distinct
			}
			list = append(list, sketch(d, d.Monitor, key, keyBytes(key)))
		}
	}
	for _, t := range p.Tables {
		value, align := valueSize(t.Value)
		list = append(list, table(t.Pos, t.Name, "table", t.Key, t.Capacity, t.Full, func(capacity int) int64 {
			return dleft.TableBytesOf(capacity, keyBytes(t.Key), value, align)
		}))
	}
	for _, d := range p.Entities {
		key := entityKey(d)
		list = append(list, table(d.Pos, d.Name, "states", key, d.Capacity, d.Full, func(capacity int) int64 {
			return xfsm.TableBytes(capacity, keyBytes(key))
		}))
	}
	kept := ir.Captures(p)
	for i, e := range p.Events {
		if e.Kind != ir.TimeoutEvent {
			continue
		}
		d := p.Entities[e.Entity]
		key := entityKey(d)
		list = append(list, table(e.Pos, e.Name, "timers", key, d.Capacity, d.Full, func(capacity int) int64 {
			return xfsm.TimeoutsBytes(capacity, keyBytes(key), keptBytes(kept[i]))
		}))
	}
	return list
}

// sketch describes one structure of a metric.
func sketch(d *ir.Metric, of *ir.Structure, key []types.Type, keyBytes int) structure {
	s := specOf(of, keyBytes)
	out := structure{
		Name: d.Name, Kind: of.Kind, Key: keyText(key), Capacity: s.WithDefaults().Capacity, Bytes: metric.Bytes(s), Bound: metric.Bound(s), pos: d.Pos,
	}
	if of.Kind != "hll" {
		out.size = func(capacity int) int64 { s.Capacity = capacity; return metric.Bytes(s) }
	}
	return out
}

// table describes an exact structure.
func table(pos source.Pos, name, kind string, key []types.Type, capacity int, full ir.Policy, size func(int) int64) structure {
	return structure{name, kind, keyText(key), capacity, size(capacity), "exact; then " + full.String(), pos, size}
}

func specOf(s *ir.Structure, keyBytes int) metric.Spec {
	return metric.Spec{
		Kind: metric.Kind(s.Kind), Window: int64(s.Window), Memory: int64(s.Memory), Tick: int64(s.Tick),
		Capacity: s.Capacity, Error: s.Error, K: s.K, KeyBytes: keyBytes, Full: dleft.Policy(s.Full),
	}
}

func entityKey(d *ir.Entity) (key []types.Type) {
	for _, f := range d.Fields {
		key = append(key, f.Type)
	}
	return key
}

func keyText(key []types.Type) string {
	words := make([]string, len(key))
	for i, t := range key {
		words[i] = t.String()
	}
	return strings.Join(words, ", ")
}

// keyBytes is the size of a flow key.
func keyBytes(key []types.Type) (n int) {
	for _, t := range key {
		switch t {
		case types.IP:
			n += flow.SizeIP
		case types.MAC:
			n += flow.SizeMAC
		case types.Bool:
			n += flow.SizeBool
		case types.String:
			n += flow.SizeString
		default:
			n += flow.SizeInt
		}
	}
	return n
}

// valueSize is the size of a table's value as it is stored, and its alignment.
func valueSize(t types.Type) (size, align int) {
	switch t {
	case types.IP, types.MAC, types.Bool:
		return keyBytes([]types.Type{t}), 1
	case types.String:
		return len(program.Text{}), 1
	}
	return 8, 8
}

// keptBytes is about what a timer keeps of the packet that armed it.
func keptBytes(names []string) (n int) {
	for _, name := range names {
		f := types.LookupField(name)
		if f == nil {
			continue
		}
		size, _ := valueSize(f.Type)
		n += size
	}
	if len(names) > 0 {
		n += 8 // the layers
	}
	return n
}
