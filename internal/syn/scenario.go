package syn

import (
	"io"
	"maps"
	"slices"
	"time"
)

// Scenario is one trace that can be asked for by name.
type Scenario struct {
	Name  string // "syn-…", without extension
	About string // one line
	Long  bool   // too large for memory: only Write
	make  func(seed uint64) model
}

// Scenarios returns every scenario, each with its default parameters.
func Scenarios() []Scenario {
	list := []Scenario{
		{Name: "syn-conficker", About: "53 idle hosts for 1 h, 8 of them bots, three traps", make: func(seed uint64) model {
			c := ConfickerConfig{Seed: seed}
			c.defaults()
			return c
		}},
		{Name: "syn-conficker-long", About: "the same for 90 h, as in the paper (gigabytes)", Long: true, make: func(seed uint64) model {
			c := ConfickerConfig{Seed: seed, Duration: 90 * time.Hour}
			c.defaults()
			return c
		}},
	}
	variants := DDoSVariants()
	for _, v := range slices.Sorted(maps.Keys(variants)) {
		cfg := variants[v]
		list = append(list, Scenario{Name: cfg.name(), About: "SYN flood on one server with two clients, variant " + v, make: func(seed uint64) model {
			c := cfg
			c.Seed = seed
			c.defaults()
			return c
		}})
	}
	list = append(list, loads()...)
	return append(list,
		Scenario{Name: "syn-p2p", About: "1000 hosts, 50 of them P2P clients, 50 with many ports per peer", make: func(seed uint64) model {
			c := P2PConfig{Seed: seed}
			c.defaults()
			return c
		}},
		Scenario{Name: "syn-modbus-scan", About: "a Modbus master and a scanner of 254 devices", make: func(seed uint64) model {
			c := ModbusConfig{Seed: seed}
			c.defaults()
			return c
		}},
	)
}

// loads are the traces for measuring. None is made unless it is asked for.
func loads() []Scenario {
	flows := func(n int) func(uint64) model {
		return func(seed uint64) model {
			c := SYNFlowsConfig{Seed: seed, Flows: n}
			c.defaults()
			return c
		}
	}
	return []Scenario{
		{Name: "syn-dns-pairs", About: "500 000 DNS queries and replies, each pair a flow (for measuring)", Long: true, make: func(seed uint64) model {
			c := DNSPairsConfig{Seed: seed}
			c.defaults()
			return c
		}},
		{Name: "syn-flows", About: "1 000 000 SYNs of 120 000 flows (for measuring)", Long: true, make: flows(120_000)},
		{Name: "syn-flows-500", About: "1 000 000 SYNs of 500 flows (for measuring)", Long: true, make: flows(500)},
		{Name: "syn-mix", About: "1 500 000 packets of an office, 600 bytes on average (for measuring)", Long: true, make: func(seed uint64) model {
			c := MixConfig{Seed: seed}
			c.defaults()
			return c
		}},
	}
}

// Trace makes the scenario in memory.
func (s Scenario) Trace(seed uint64) (*Trace, *Truth) { return generate(s.make(seed)) }

// Write makes the scenario into a pcapng file.
func (s Scenario) Write(w io.Writer, seed uint64) (*Truth, error) { return write(s.make(seed), w) }
