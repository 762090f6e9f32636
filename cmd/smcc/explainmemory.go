package main

import (
	"strings"

	"github.com/streamon/streamon/codegen/ir"
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
}

// structures lists the program's memory in the order in which an instance shows it.
func structures(p *ir.Program) (list []structure) {
	for _, d := range p.Metrics {
		if d.Detector != nil {
			s := specOf(d.Detector, 0)
			list = append(list, structure{d.Name, d.Detector.Kind, keyText(d.Distinct), s.WithDefaults().Capacity, metric.Bytes(s), metric.Bound(s)})
		}
		if d.Monitor != nil {
			key := d.Key
			if d.Monitor.Kind == "hll" { // one cell for the program: what is counted is the key
				key = d.Distinct
			}
			s := specOf(d.Monitor, keyBytes(key))
			list = append(list, structure{d.Name, d.Monitor.Kind, keyText(key), s.WithDefaults().Capacity, metric.Bytes(s), metric.Bound(s)})
		}
	}
	const exact = "exact; then "
	for _, t := range p.Tables {
		size, align := valueSize(t.Value)
		list = append(list, structure{t.Name, "table", keyText(t.Key), t.Capacity, dleft.TableBytesOf(t.Capacity, keyBytes(t.Key), size, align), exact + t.Full.String()})
	}
	for _, d := range p.Entities {
		key := entityKey(d)
		list = append(list, structure{d.Name, "states", keyText(key), d.Capacity, xfsm.TableBytes(d.Capacity, keyBytes(key)), exact + d.Full.String()})
	}
	kept := ir.Captures(p)
	for i, e := range p.Events {
		if e.Kind == ir.TimeoutEvent {
			d := p.Entities[e.Entity]
			key := entityKey(d)
			list = append(list, structure{e.Name, "timers", keyText(key), d.Capacity, xfsm.TimeoutsBytes(d.Capacity, keyBytes(key), keptBytes(kept[i])), exact + d.Full.String()})
		}
	}
	return list
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
