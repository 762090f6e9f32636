package gogen

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
)

// fn is one method that is being written: what its expressions may refer to.
type fn struct {
	g       *gen
	names   scope
	out     *[]jen.Code // block that is being written
	silent  bool        // without line directives
	inShard bool        // operations may be left to other shards, over r
	sieves  bool        // an arm returns false: see idle.go

	event  *ir.Event
	entity int // of the event; -1 = none
	body   *ir.Body
	states []int // that the body runs in; nil in a program-wide event

	packet   string    // variable of the packet; "" = there is none
	captured string    // variable of the captured fields, in a timeout handler
	captures *captures // what that timeout's event keeps

	known   layers          // bits that the event has tested
	knownOK map[string]bool // further conditions that it has tested

	key    *keyVar            // of the entity
	keys   map[string]*keyVar // keys that exist in the present block, by content
	parts  map[string]string  // variables with the hash of one part of a key, by content; likewise
	filled *filled            // in a loop over rows: the columns with the hashes of addresses
	slots  map[string]slot    // columns that hold the hash of a key, by content
	row    string             // variable with the row of the packet in the columns
	locals map[*ir.Local]*localVar
	since  *sinceVar       // age: when the entity entered its state
	to     stateRef        // the state after the arm that is written, for records
	reads  []ir.NamedValue // of that arm
}

// fail records what the IR should not have held. Emit returns it.
func (f *fn) fail(err error) {
	where := ""
	if f.event != nil {
		where = "event " + f.event.Name + ": "
	}
	f.g.fail(fmt.Errorf("%s%w", where, err))
}

// m writes m.name.
func (f *fn) m(name string) *jen.Statement { return jen.Id("m").Dot(name) }

// now writes m.now, the packet time in nanoseconds.
func (f *fn) now() *jen.Statement { return f.m("now") }

// has writes the layers that are valid: p.Has, or c.Has in a timeout handler.
func (f *fn) has() *jen.Statement {
	if f.packet == "" {
		return jen.Id(f.captured).Dot("Has")
	}
	return jen.Id(f.packet).Dot("Has")
}

// fromPacket checks that the field or layer can be read here.
func (f *fn) fromPacket(name string) {
	if f.packet != "" {
		return
	}
	if f.captures != nil && slices.Contains(f.captures.names, name) {
		return
	}
	f.fail(fmt.Errorf("no packet to read %s from", name))
}

// add appends to the present block.
func (f *fn) add(code ...jen.Code) { *f.out = append(*f.out, code...) }

// at writes the line directive for a place in the program.
func (f *fn) at(pos ir.Pos) {
	if pos.IsValid() && !f.silent {
		f.add(jen.Comment("//line " + f.g.opt.source(pos) + ":" + strconv.Itoa(pos.Line) + ":" + strconv.Itoa(max(pos.Column, 1))))
	}
}

// reset writes the line directive that leads back to the generated file.
func (f *fn) reset() {
	if !f.silent {
		f.add(jen.Comment(resetMark))
	}
}

// user writes code that stems from pos between directives.
func (f *fn) user(pos ir.Pos, code ...jen.Code) {
	f.at(pos)
	f.add(code...)
}

// block writes a nested block: keys made in it are not known after it.
func (f *fn) block(write func()) []jen.Code {
	var out []jen.Code
	outer, keys, parts, names, since := f.out, f.keys, f.parts, f.names, f.since
	f.out, f.keys, f.parts, f.names = &out, maps.Clone(f.keys), maps.Clone(f.parts), maps.Clone(f.names)
	write()
	f.out, f.keys, f.parts, f.names, f.since = outer, keys, parts, names, since
	return out
}

// guard writes code under the condition that v is defined:
//
//	if p.Has&packet.DNSQuestion != 0 {
//		…
//	}
func (f *fn) guard(pos ir.Pos, v val, write func()) {
	conds := f.guards(v)
	if len(conds) == 0 {
		write()
		return
	}
	body := f.block(write)
	f.at(pos)
	f.add(jen.If(join("&&", conds)).Block(body...))
}

// sinceVar holds when the entity entered its state: two Go variables.
type sinceVar struct{ name, ok string }

// age writes the time in the present state. The look-up stands before the
// statement that uses it.
func (f *fn) age() val {
	if f.key == nil {
		f.fail(fmt.Errorf("age without an entity"))
		return primary(jen.Lit(0))
	}
	if f.since == nil {
		s := &sinceVar{f.names.fresh("since"), f.names.fresh("hasAge")}
		f.since = s
		f.add(jen.List(jen.Id(s.name), jen.Id(s.ok)).Op(":=").Add(f.m(f.g.entities[f.entity])).Dot("Since").Call(f.key.hash(), f.key.ref()))
	}
	return primary(call("Sub", f.now(), jen.Id(f.since.name))).also(jen.Id(f.since.ok))
}

// stateRef is a state that is known when the code is written, or a Go variable
// that holds its number.
type stateRef struct {
	number   int
	variable string
}

// from is the state that the entity was in.
func (f *fn) from() stateRef {
	if len(f.states) == 1 {
		return stateRef{number: f.states[0]}
	}
	return stateRef{variable: "from"}
}

// stateNumber writes stateMonitored or the variable.
func (f *fn) stateNumber(s stateRef) *jen.Statement {
	if s.variable != "" {
		return jen.Id(s.variable)
	}
	return jen.Id(f.g.states[s.number])
}

// stateName writes "monitored" or stateName(from).
func (f *fn) stateName(s stateRef) *jen.Statement {
	if s.variable != "" {
		f.g.usesStateName = true
		return jen.Id("stateName").Call(jen.Id(s.variable))
	}
	return jen.Lit(f.g.p.States[s.number].Name)
}

// stateCode writes the code of a state, nil if none is declared.
func (f *fn) stateCode(s stateRef) *jen.Statement {
	if s.variable != "" {
		if !f.g.hasCodes() {
			return nil
		}
		f.g.usesStateCode = true
		return jen.Id("stateCode").Call(jen.Id(s.variable))
	}
	if code := f.g.p.States[s.number].Code; code != "" {
		return jen.Lit(code)
	}
	return nil
}
