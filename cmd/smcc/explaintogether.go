package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/types"
)

// together is how several programs run in one probe.
type together struct {
	Decoded  []string `json:"decoded"`          // application layers that are decoded, for all
	Shared   []shared `json:"shared,omitempty"` // fields and layers that several programs look at
	Same     []string `json:"same,omitempty"`   // events of several programs that match the same packets
	Bytes    int64    `json:"bytes"`            // with one worker
	InShards []string `json:"in_shards,omitempty"`
	Whole    []string `json:"whole,omitempty"` // run on one worker each

	Reject  costRange `json:"reject_ns"`  // a packet that no event of any is for
	Dearest costRange `json:"dearest_ns"` // a packet of which each has its dearest packet event: usually, at most
	Decode  costRange `json:"decode_ns"`  // once for all: the cheapest and the dearest packet of an event
}

// shared is a field and who looks at it.
type shared struct {
	Name     string   `json:"name"`
	Programs []string `json:"programs"`
}

// joined says how programs run together: each packet is decoded once, and only as deep as one
// of them needs; the rest each does for itself.
func joined(list []explanation) (t together) {
	readers := map[string][]string{}
	matching := map[string][]string{}
	for _, e := range list {
		t.Bytes += e.Bytes
		t.addCosts(&e)
		if e.Partition.OK {
			t.InShards = append(t.InShards, e.Program)
		} else {
			t.Whole = append(t.Whole, e.Program)
		}
		for _, name := range e.Reads {
			readers[name] = append(readers[name], e.Program)
			if layer := appLayer(name); layer != "" && !slices.Contains(t.Decoded, layer) {
				t.Decoded = append(t.Decoded, layer)
			}
		}
		for _, x := range e.Events {
			if x.where != nil {
				matching[*x.where] = append(matching[*x.where], e.Program+"."+x.Name)
			}
		}
	}
	slices.Sort(t.Decoded)
	for name, who := range readers {
		if len(who) > 1 {
			t.Shared = append(t.Shared, shared{name, who})
		}
	}
	slices.SortFunc(t.Shared, func(a, b shared) int { return strings.Compare(a.Name, b.Name) })
	for where, who := range matching {
		if len(who) > 1 {
			t.Same = append(t.Same, strings.Join(who, ", ")+": "+packetsWhere(where))
		}
	}
	slices.Sort(t.Same)
	return t
}

// appLayer is the application layer that a field is in, "" for others: those are always
// decoded.
func appLayer(name string) string {
	layer := name
	if f := types.LookupField(name); f != nil {
		layer = f.Layer
	}
	switch layer {
	case "dns", "tls", "http", "modbus", "ntp", "dhcp":
		return layer
	}
	return ""
}

func (t *together) print(w io.Writer) {
	fmt.Fprintln(w, "together")
	if t.Decoded != nil {
		fmt.Fprintf(w, "  each packet is decoded once for all, up to its ports, and %s where it has that\n", strings.Join(t.Decoded, ", "))
	} else {
		fmt.Fprintln(w, "  each packet is decoded once for all, up to its ports")
	}
	for _, s := range t.Shared {
		fmt.Fprintf(w, "  %s: %s\n", s.Name, strings.Join(s.Programs, ", "))
	}
	for _, s := range t.Same {
		fmt.Fprintf(w, "  the same packets, tested by each: %s\n", s)
	}
	fmt.Fprintf(w, "  %d bytes\n", t.Bytes)
	t.printCosts(w)
	if t.InShards != nil {
		fmt.Fprintf(w, "  in shards on all workers: %s\n", strings.Join(t.InShards, ", "))
	}
	if t.Whole != nil {
		fmt.Fprintf(w, "  each on one worker: %s\n", strings.Join(t.Whole, ", "))
	}
}
