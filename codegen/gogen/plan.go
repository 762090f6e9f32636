package gogen

import (
	"fmt"

	"github.com/streamon/streamon/codegen/ir"
)

// memberScope has the fields and methods that every machine has.
func memberScope() scope {
	s := scope{}
	for _, n := range []string{
		"core", "seed", "now", "agenda", "sink", "count", "verdict", "record", "message", "entity", "fields", "texts",
		"Process", "Tick", "Activate", "Stats", "States", "Tables", "advance", "begin", "startTicks", "emit", "chunk", "match", "fill", "pass", "lazyStates",
		"matched", "columns", "fixed", "times", "rows", "seen", "values", "rates", "idle",
		"Steer", "ProcessShard", "shard", "shards", "place", "rank", "reach", "steer", "part", "fillShard",
	} {
		s[n] = 2
	}
	return s
}

// name gives every declaration its Go names.
func (g *gen) name() {
	member := func(prefix, name string) string { return g.members.fresh(prefix + camel(name)) }
	for _, d := range g.p.Params {
		g.params = append(g.params, member(prefixParam, d.Name))
	}
	for _, d := range g.p.Lists {
		g.lists = append(g.lists, member(prefixList, d.Name))
	}
	for _, d := range g.p.Metrics {
		g.metrics = append(g.metrics, member(prefixMetric, d.Name))
		g.detectors = append(g.detectors, member(prefixSeen, d.Name))
		g.tops = append(g.tops, member(prefixTop, d.Name))
		g.topLists = append(g.topLists, member(prefixEntries, d.Name))
		g.topValues = append(g.topValues, member(prefixPrinted, d.Name))
	}
	for _, d := range g.p.Tables {
		g.tables = append(g.tables, member(prefixTable, d.Name))
		g.storers = append(g.storers, member(prefixStore, d.Name))
		if !storable(d.Value) {
			g.fail(fmt.Errorf("table %s: values of type %v", d.Name, d.Value))
		}
	}
	for _, d := range g.p.Entities {
		g.entities = append(g.entities, member(prefixEntity, d.Name))
		g.movers = append(g.movers, member(prefixMove, d.Name))
		g.expirers = append(g.expirers, member(prefixExpiry, d.Name))
		g.lookers = append(g.lookers, member(prefixLook, d.Name))
		g.namers = append(g.namers, member(prefixFields, d.Name))
		g.keyVars = append(g.keyVars, member(prefixKey, d.Name))
	}
	for _, d := range g.p.States {
		g.states = append(g.states, g.top.fresh(prefixState+camel(d.Name)))
	}
	kept := ir.Captures(g.p)
	for i, d := range g.p.Events {
		g.events = append(g.events, g.top.fresh(prefixEvent+camel(d.Name)))
		g.handlers = append(g.handlers, member(prefixHandler, d.Name))
		g.timeouts = append(g.timeouts, member(prefixTimeout, d.Name))
		g.ticks = append(g.ticks, member(prefixTick, d.Name))
		g.sharders = append(g.sharders, member(prefixShard, d.Name))
		g.writers = append(g.writers, member(prefixWrite, d.Name))
		g.captureVars = append(g.captureVars, member(prefixKept, d.Name))
		g.captures = append(g.captures, g.planCaptures(d, kept[i]))
	}
}

// planWheels lists what holds timers: states of entities, timeouts, ticks.
func (g *gen) planWheels() {
	for i := range g.p.Entities {
		g.wheels = append(g.wheels, wheel{g.entities[i], true, g.expirers[i]})
	}
	for i, e := range g.p.Events {
		switch e.Kind {
		case ir.TimeoutEvent:
			g.wheels = append(g.wheels, wheel{g.timeouts[i], false, g.handlers[i]})
		case ir.TickEvent:
			g.wheels = append(g.wheels, wheel{g.ticks[i], false, g.handlers[i]})
		}
	}
}

func (g *gen) hasTicks() bool {
	for _, e := range g.p.Events {
		if e.Kind == ir.TickEvent {
			return true
		}
	}
	return false
}

func (g *gen) hasCodes() bool {
	for _, s := range g.p.States {
		if s.Code != "" {
			return true
		}
	}
	return false
}

func (g *gen) maxEntityFields() int {
	n := 0
	for _, e := range g.p.Entities {
		n = max(n, len(e.Fields))
	}
	return n
}
