package eval

import (
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// manifest describes p. It has no version and no build identity: the IR does not
// know its source.
func manifest(p *ir.Program) program.Manifest {
	man := program.Manifest{
		ABI: program.ABI, Name: p.Name, Doc: p.Doc, File: p.File, Layers: uint64(needs(p)),
	}
	for _, d := range p.Params {
		man.Params = append(man.Params, program.ParamInfo{Name: d.Name, Default: literal(d.Def).output()})
	}
	for _, d := range p.Lists {
		if d.File != "" {
			man.Lists = append(man.Lists, program.ListInfo{Name: d.Name, File: d.File, Text: d.Text})
		}
	}
	for _, d := range p.Entities {
		info := program.EntityInfo{Name: d.Name, Capacity: d.Capacity}
		for _, f := range d.Fields {
			info.Fields = append(info.Fields, f.Name)
		}
		man.Entities = append(man.Entities, info)
	}
	for _, d := range p.States {
		man.States = append(man.States, program.StateInfo{Name: d.Name, Level: d.Level, Code: d.Code, Doc: d.Doc})
	}
	for _, d := range p.Events {
		info := program.EventInfo{Name: d.Name, Kind: d.Kind.String()}
		if d.Entity >= 0 {
			info.Entity = p.Entities[d.Entity].Name
		}
		man.Events = append(man.Events, info)
	}
	for _, d := range p.Metrics {
		for _, s := range []*ir.Structure{d.Detector, d.Monitor} {
			if s != nil {
				man.Memory = append(man.Memory, program.MemoryInfo{Name: d.Name, Kind: s.Kind, Layout: "exact"})
			}
		}
	}
	for _, d := range p.Tables {
		man.Memory = append(man.Memory, program.MemoryInfo{Name: d.Name, Kind: "table", Layout: "exact"})
	}
	return man
}

// needs returns the layers that some expression of p reads.
func needs(p *ir.Program) (need packet.Layers) {
	p.Exprs(func(x ir.Expr) {
		ir.Walk(x, func(y ir.Expr) bool {
			switch y := y.(type) {
			case *ir.Field:
				need |= fields[y.Name].need
			case *ir.HasLayer:
				need |= layers[y.Layer]
			}
			return true
		})
	})
	return need
}

// Stats adds the counters of m to s.
func (m *machine) Stats(s *program.Stats) {
	s.Packets += m.stats.Packets
	s.Transitions += m.stats.Transitions
	s.Skipped += m.stats.Skipped
	s.Verdicts.Drop += m.stats.Verdicts.Drop
	s.Verdicts.Capture += m.stats.Verdicts.Capture
	s.Verdicts.Block += m.stats.Verdicts.Block
	s.Records.Alert += m.stats.Records.Alert
	s.Records.Publish += m.stats.Records.Publish
	s.Records.Log += m.stats.Records.Log
	s.Records.Exec += m.stats.Records.Exec
	for len(s.Events) < len(m.p.Events) {
		s.Events = append(s.Events, 0)
	}
	for i, n := range m.stats.Events {
		s.Events[i] += n
	}
	for len(s.Occupied) < len(m.p.Entities) {
		s.Occupied = append(s.Occupied, make([]int, len(m.p.States)))
	}
	for i, byKey := range m.entities {
		for _, e := range byKey {
			s.Occupied[i][e.state]++
		}
	}
	for i, d := range m.p.Metrics {
		if seen := m.metrics[i].seen; seen != nil {
			s.Memory = append(s.Memory, fill(d.Name, len(seen.cur)+len(seen.prev), d.Detector.Capacity))
		}
		if mon := m.metrics[i].monitor; mon != nil {
			s.Memory = append(s.Memory, fill(d.Name, mon.len(), d.Monitor.Capacity))
		}
	}
	for i, d := range m.p.Tables {
		s.Memory = append(s.Memory, fill(d.Name, len(m.tables[i]), d.Capacity))
	}
}

func fill(name string, used, capacity int) program.StructureStats {
	s := program.StructureStats{Name: name}
	s.Used, s.Capacity = used, capacity
	return s
}

// States calls f for each entity that is not in its default state, by entity and
// key.
func (m *machine) States(f func(entity string, key []program.Field, state string, since packet.Time) bool) {
	for i, byKey := range m.entities {
		for _, id := range sortedKeys(byKey) {
			e := byKey[id]
			if !f(m.p.Entities[i].Name, m.entityFields(i, e.key), m.p.States[e.state].Name, e.since) {
				return
			}
		}
	}
}

// Tables calls f for each table entry, by table and key.
func (m *machine) Tables(f func(table string, key []program.Field, value program.Value) bool) {
	for i, rows := range m.tables {
		names := m.p.Tables[i].PartNames()
		for _, id := range sortedKeys(rows) {
			r := rows[id]
			key := make([]program.Field, len(r.key))
			for j, v := range r.key {
				key[j] = program.Field{Name: names[j], Value: v.output()}
			}
			if !f(m.p.Tables[i].Name, key, r.value.output()) {
				return
			}
		}
	}
}
