package trace

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// textPrinter prints for people:
//
//	packet 64  2012-03-01 00:00:33.898714  +33.898714s  dns 10.0.0.53:53 > 10.0.1.2:1030 answer x.example nxdomain
//	  on failure: host 10.0.1.2 in default
//	    conficker.smon:28  set failures[host] = 5.98
//	    conficker.smon:34  when failures 5.98 > min_failures 5 and nx_ratio 0.2 > nx_limit 0.25: false, since nx_ratio 0.2 > nx_limit 0.25 is false
type textPrinter struct {
	out    io.Writer
	number uint64 // of the packet whose line was printed last
	packet bool   // that line is a packet's, not a timer's
	now    packet.Time
	width  int // of places so far
}

func (w *textPrinter) print(h *happening) error {
	var b strings.Builder
	isPacket := h.packet != ""
	if w.number != h.number || w.packet != isPacket || w.now != h.now {
		when := fmt.Sprintf("%s  %s", program.AppendTime(nil, h.now), offset(h.offset))
		if isPacket {
			fmt.Fprintf(&b, "packet %d  %s  %s\n", h.number, when, h.packet)
		} else {
			fmt.Fprintf(&b, "before packet %d  %s  timers\n", h.number, when)
		}
		w.number, w.packet, w.now = h.number, isPacket, h.now
	}
	b.WriteString("  " + heading(h) + "\n")
	for _, s := range h.steps {
		w.width = max(w.width, len(place(s.at)))
	}
	for _, s := range h.steps {
		fmt.Fprintf(&b, "    %-*s  %s\n", w.width, place(s.at), sentence(&s))
	}
	_, err := io.WriteString(w.out, b.String())
	return err
}

// heading says what happened to whom.
func heading(h *happening) string {
	switch {
	case h.event == "":
		return h.entity + " leaves " + h.state
	case h.missed:
		return fmt.Sprintf("not %s: %s in %s", h.event, h.entity, h.state)
	case h.entity == "":
		return "on " + h.event
	case h.other:
		return fmt.Sprintf("on %s: %s in %s, which touches a traced entity", h.event, h.entity, h.state)
	case h.nothing:
		return fmt.Sprintf("on %s: %s in %s, which does nothing on it", h.event, h.entity, h.state)
	}
	return fmt.Sprintf("on %s: %s in %s", h.event, h.entity, h.state)
}

// sentence prints a step.
func sentence(s *step) string {
	text := s.text
	if s.hasValue {
		text += " = " + Short(s.value)
	}
	switch s.kind {
	case "when":
		text += fmt.Sprintf(": %t", s.holds)
	case "where":
		text += ": false"
	}
	if s.to != "" && s.kind != "state" {
		text += " -> " + s.to
	}
	if s.note != "" {
		text += ", " + s.note
	}
	return text
}

// place is where a step stands in the source; "" = nowhere.
func place(at ir.Pos) string {
	if !at.IsValid() {
		return ""
	}
	return fmt.Sprintf("%s:%d", filepath.Base(at.Filename), at.Line)
}

// jsonPrinter prints an object for each event.
type jsonPrinter struct{ enc *json.Encoder }

func newJSONPrinter(out io.Writer) *jsonPrinter {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return &jsonPrinter{enc}
}

// jsonEvent is what doc/trace.md describes.
type jsonEvent struct {
	Packet  uint64            `json:"packet"`
	Time    string            `json:"time"`
	Seconds float64           `json:"seconds"`
	Frame   string            `json:"frame,omitempty"`
	Event   string            `json:"event"`
	Kind    string            `json:"kind"`
	Entity  map[string]string `json:"entity,omitempty"`
	State   string            `json:"state,omitempty"`
	Missed  bool              `json:"missed,omitempty"`
	Other   bool              `json:"other,omitempty"`
	Steps   []jsonStep        `json:"steps"`
}

type jsonStep struct {
	Kind  string     `json:"kind"`
	Place string     `json:"place,omitempty"`
	Text  string     `json:"text"`
	Value any        `json:"value,omitempty"`
	Holds *bool      `json:"holds,omitempty"`
	Sides []jsonSide `json:"sides,omitempty"`
	To    string     `json:"to,omitempty"`
	Note  string     `json:"note,omitempty"`
}

type jsonSide struct {
	Text  string `json:"text"`
	Left  any    `json:"left,omitempty"`
	Right any    `json:"right,omitempty"`
	Holds bool   `json:"holds"`
}

func (w *jsonPrinter) print(h *happening) error {
	e := jsonEvent{Packet: h.number, Time: string(program.AppendTime(nil, h.now)), Seconds: float64(h.offset) / 1e9, Frame: h.packet,
		Event: h.event, Kind: h.kind.String(), State: h.state, Missed: h.missed, Other: h.other, Steps: []jsonStep{}}
	if h.event == "" {
		e.Kind = "expiry"
	}
	if h.entity != "" {
		e.Entity = map[string]string{}
		for _, f := range h.key {
			e.Entity[f.Name] = string(program.AppendValue(nil, f.Value, ""))
		}
	}
	for _, s := range h.steps {
		j := jsonStep{Kind: s.kind, Place: place(s.at), Text: s.text, To: s.to, Note: s.note}
		if s.hasValue {
			j.Value = jsonValue(s.value)
		}
		if s.kind == "when" || s.kind == "otherwise" {
			j.Holds = &s.holds
		}
		for _, x := range s.sides {
			j.Sides = append(j.Sides, jsonSide{x.text, jsonValue(x.left), jsonValue(x.right), x.holds})
		}
		e.Steps = append(e.Steps, j)
	}
	return w.enc.Encode(e)
}

// jsonValue returns v as JSON has it: numbers as numbers, durations in seconds,
// undefined, and what JSON has no number for, as nothing.
func jsonValue(v program.Value) any {
	switch v.Kind {
	case program.KindUndefined:
		return nil
	case program.KindBool:
		return v.I != 0
	case program.KindInt:
		return v.I
	case program.KindFloat:
		if math.IsNaN(v.F) || math.IsInf(v.F, 0) {
			return nil
		}
		return v.F
	case program.KindDuration:
		return float64(v.I) / 1e9
	}
	return string(program.AppendValue(nil, v, ""))
}
