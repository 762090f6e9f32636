package partition

import (
	"cmp"
	"slices"

	"github.com/streamon/streamon/codegen/ir"
)

// maxOwners bounds how many choices of deciding fields are tried; a program with
// more has that many entities that it can only be owned by their whole keys.
const maxOwners = 64

// Of returns the plan of a program. It changes nothing in p and keeps it.
func Of(p *ir.Program) *Plan {
	uses := collect(p)
	if why, found := ruledOut(p, uses); found {
		return &Plan{Why: why, p: p}
	}
	f := finder{p: p, uses: uses, groups: make([][]int, len(p.Metrics)+len(p.Tables))}
	for i, u := range uses {
		f.groups[u.group] = append(f.groups[u.group], i)
	}
	var best *attempt
	for _, owner := range owners(p) {
		a := f.try(owner)
		if best == nil || a.cost < best.cost {
			best = a
		}
		if best.cost == 0 {
			break
		}
	}
	if best.wrong != nil {
		return &Plan{Why: first(best.wrong), p: p}
	}
	return best.plan(&f)
}

// ruledOut returns the first line that keeps any plan from working.
func ruledOut(p *ir.Program, uses []use) (Reason, bool) {
	var why []Reason
	packets := 0
	for _, e := range p.Events {
		switch {
		case e.Kind == ir.TickEvent:
			why = append(why, Reason{e.Pos, "event " + e.Name + " happens for the whole program"})
		case e.Entity < 0:
			why = append(why, Reason{e.Pos, "event " + e.Name + " has no entity"})
		}
		if e.Kind != ir.PacketEvent {
			continue
		}
		if packets++; packets == Max+1 {
			why = append(why, Reason{e.Pos, "more than 64 packet events"})
		}
		for _, x := range append(e.Bind[:len(e.Bind):len(e.Bind)], e.Where) {
			if x != nil && isTimed(x) {
				why = append(why, Reason{e.Pos, "which packets are event " + e.Name + " depends on the time"})
				break
			}
		}
	}
	if len(p.Events) > 1<<16-1 {
		why = append(why, Reason{p.Events[1<<16-1].Pos, "too many events"})
	}
	seen := map[place]bool{}
	for _, u := range uses {
		if u.wrong != "" {
			why = append(why, Reason{u.stmt.Position(), u.wrong})
		}
		if seen[u.place] {
			why = append(why, Reason{u.stmt.Position(), "one operation stands twice in a handler"})
		}
		seen[u.place] = true
	}
	if packets == 0 {
		why = append(why, Reason{Text: "the program has no packet event"})
	}
	if len(p.Entities) == 0 {
		why = append(why, Reason{Text: "the program follows no entity"})
	}
	return first(why), len(why) > 0
}

// first returns the reason that stands first in the source.
func first(why []Reason) Reason {
	if len(why) == 0 {
		return Reason{}
	}
	return slices.MinFunc(why, func(a, b Reason) int { return cmp.Compare(a.Pos.Offset, b.Pos.Offset) })
}

// owners lists which fields of the entities may decide, the whole keys first.
func owners(p *ir.Program) [][][]int {
	all := [][][]int{nil}
	whole := make([][]int, len(p.Entities))
	for i, e := range p.Entities {
		sets := subsets(len(e.Fields))
		whole[i] = sets[0]
		var next [][][]int
		for _, head := range all {
			for _, s := range sets {
				next = append(next, append(head[:len(head):len(head)], s))
			}
		}
		if all = next; len(all) > maxOwners {
			for j := i + 1; j < len(p.Entities); j++ {
				whole[j] = subsets(len(p.Entities[j].Fields))[0]
			}
			return [][][]int{whole}
		}
	}
	return all
}

// subsets lists the non-empty sets of 0 … n-1, the largest first.
func subsets(n int) [][]int {
	var out [][]int
	for bits := 1; bits < 1<<n; bits++ {
		var s []int
		for i := range n {
			if bits>>i&1 != 0 {
				s = append(s, i)
			}
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	return out
}

// finder looks for positions.
type finder struct {
	p      *ir.Program
	uses   []use
	groups [][]int // numbers of uses, by group
}

// attempt is what comes of one choice of deciding fields.
type attempt struct {
	owner  [][]int
	at     [][2][]int // positions by group
	travel map[int]bool
	wrong  []Reason
	cost   int
}

// Costs of an attempt: a use in the way counts more than all else together, a write
// that travels more than fields that do not decide.
const (
	costWrong  = 1 << 40
	costTravel = 1 << 10
)

// try finds the best positions for each structure when the fields of owner decide.
func (f *finder) try(owner [][]int) *attempt {
	a := &attempt{owner: owner, at: make([][2][]int, len(f.groups)), travel: map[int]bool{}}
	owned := make([][]string, len(f.p.Events))
	lengths := map[int]bool{}
	for i, e := range f.p.Events {
		for _, x := range owner[e.Entity] {
			key := parts(f.p, e, []ir.Expr{&ir.EntityField{Typed: ir.Typed{T: f.p.Entities[e.Entity].Fields[x].Type}, Index: x}})
			owned[i] = append(owned[i], key[0].text)
		}
	}
	for i, o := range owner { // a structure has as many positions as an owner has fields
		lengths[len(o)] = true
		a.cost += len(f.p.Entities[i].Fields) - len(o)
	}
	for g, uses := range f.groups {
		if len(uses) == 0 {
			continue
		}
		best := f.position(uses, owned, lengths)
		a.at[g] = best.at
		a.wrong = append(a.wrong, best.wrong...)
		for _, i := range best.travel {
			a.travel[i] = true
		}
		a.cost += best.cost()
	}
	if w := f.distinctWrites(a.travel); len(w) > Max {
		a.wrong = append(a.wrong, Reason{w[Max].stmt.Position(), "more than 64 operations on what other entities own"})
		a.cost += costWrong
	}
	return a
}

// placing is what comes of one choice of positions for one group.
type placing struct {
	at     [2][]int
	travel []int
	wrong  []Reason
}

func (p placing) cost() int { return costWrong*len(p.wrong) + costTravel*len(p.travel) }

// position finds the best positions for one group.
func (f *finder) position(uses []int, owned [][]string, lengths map[int]bool) placing {
	var best placing
	for n, monitor := range f.choices(uses, 0, owned, lengths) {
		for m, seen := range f.detectors(uses, monitor, owned, lengths) {
			p := placing{at: [2][]int{monitor, seen}}
			for _, i := range uses {
				f.judge(&p, i, owned[f.uses[i].event])
			}
			if n+m == 0 || p.cost() < best.cost() {
				best = p
			}
		}
	}
	return best
}

// choices lists the positions that structure k of a group may have: where the owner
// stands in the key of a use that has to be local, or any. There is always one; nil
// if nothing touches the structure.
func (f *finder) choices(uses []int, k int, owned [][]string, lengths map[int]bool) [][]int {
	size := 0
	for _, i := range uses {
		u := f.uses[i]
		if u.parts[k] == nil {
			continue
		}
		if size = len(u.parts[k]); u.stays != "" {
			if found := match(u.parts[k], owned[u.event]); found != nil {
				return found
			}
		}
	}
	return tuples(size, lengths)
}

// detectors lists the positions in the distinct key that go with positions in the
// flow key: those of the same values.
func (f *finder) detectors(uses []int, monitor []int, owned [][]string, lengths map[int]bool) [][]int {
	for _, i := range uses {
		key, distinct := f.uses[i].parts[0], f.uses[i].parts[1]
		if key == nil || distinct == nil {
			continue
		}
		if found := match(distinct, texts(key, monitor)); found != nil {
			return found
		}
	}
	return f.choices(uses, 1, owned, lengths)
}

// match lists the ordered choices of positions at which a key has some values.
func match(key []part, values []string) [][]int {
	var out [][]int
	var grow func(head []int)
	grow = func(head []int) {
		if len(head) == len(values) {
			out = append(out, slices.Clone(head))
			return
		}
		for i, x := range key {
			if x.text == values[len(head)] && !slices.Contains(head, i) {
				grow(append(head[:len(head):len(head)], i))
			}
		}
	}
	grow(nil)
	return out
}

// texts returns what a key has at some positions.
func texts(key []part, positions []int) []string {
	var out []string
	for _, n := range positions {
		out = append(out, key[n].text)
	}
	return out
}

// judge decides about one use: local, travelling or wrong.
func (f *finder) judge(p *placing, i int, owned []string) {
	u := f.uses[i]
	local, one, timed := true, true, false
	var to []string
	for k, key := range u.parts {
		if key == nil {
			continue
		}
		values := texts(key, p.at[k])
		for _, n := range p.at[k] {
			timed = timed || key[n].timed
		}
		local = local && slices.Equal(values, owned)
		one = one && (to == nil || slices.Equal(to, values))
		to = values
	}
	switch {
	case local:
	case u.stays != "":
		p.wrong = append(p.wrong, Reason{u.stmt.Position(), f.foreign(u) + ": " + u.stays})
	case !one:
		p.wrong = append(p.wrong, Reason{u.stmt.Position(), f.foreign(u) + ": its two keys name two owners"})
	case timed:
		p.wrong = append(p.wrong, Reason{u.stmt.Position(), f.foreign(u) + ": which one depends on the time"})
	default:
		p.travel = append(p.travel, i)
	}
}

// foreign says what a key without the owner means.
func (f *finder) foreign(u use) string {
	e := f.p.Events[u.event]
	return "event " + e.Name + " uses " + f.structure(u.group) + " of a " + f.p.Entities[e.Entity].Name + " that may not be its own"
}

func (f *finder) structure(group int) string {
	if group < len(f.p.Metrics) {
		return "metric " + f.p.Metrics[group].Name
	}
	return "table " + f.p.Tables[group-len(f.p.Metrics)].Name
}

// maxTuples bounds the positions that are tried for a structure that is only written.
const maxTuples = 1024

// tuples lists ordered choices of positions in a key of that many parts, of the
// lengths given if there are any. There is always one; nil for no parts.
func tuples(parts int, lengths map[int]bool) [][]int {
	if parts == 0 {
		return [][]int{nil}
	}
	var out [][]int
	var grow func(head []int)
	grow = func(head []int) {
		if lengths[len(head)] && len(out) < maxTuples {
			out = append(out, head)
		}
		for i := range parts {
			if !slices.Contains(head, i) && len(out) < maxTuples {
				grow(append(head[:len(head):len(head)], i))
			}
		}
	}
	grow(nil)
	if out == nil {
		return [][]int{{0}}
	}
	return out
}
