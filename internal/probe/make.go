package probe

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/streamon/streamon/internal/checkpoint"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/program"
)

// make builds an instance that does not run yet. It changes nothing that old uses, nor
// what was saved.
func (p *Probe) make(a Artifact, old *instance, saved *checkpoint.Program) (in *instance, err error) {
	m := &a.Info.Manifest
	if m.ABI != program.ABI {
		return nil, fmt.Errorf("uses program interface %d, this probe offers %d", m.ABI, program.ABI)
	}
	in = &instance{
		clock: noClock,
		info:  a.Info, path: a.Path, name: a.Name, tenant: a.Tenant, slice: a.Slice, within: a.within, number: 1, logf: p.opt.Logf,
		out: p.opt.Records, shards: make([]*shard, p.shardsOf(m)), probe: p,
		code: codeOf(a.Info.New), restarts: restarts{at: never}, isShadow: a.isShadow, isFresh: a.isFresh,
	}
	in.asked, in.limits = p.limit(&a, old)
	in.fault.init()
	in.giveUp.Store(int64(p.opt.GiveUp))
	settings, listFiles := a.Settings, a.Lists
	var texts map[string][]byte
	if old != nil {
		in.number, in.tenant = old.number+1, old.tenant
		if a.Slice == nil {
			in.slice = old.slice
		}
		if a.within == nil { // the operator asks, or for a tenant that may see all
			in.within = old.within
		}
	}
	if old != nil && !a.IsWhole {
		texts = old.lists.texts
		settings = inherit(settings, old.settings, func(name string) bool { return param(m, name) != nil })
		listFiles = inherit(listFiles, old.lists.files, func(name string) bool { return listInfo(m, name) != nil })
	}
	in.origin = export.Origin{Program: m.Name, Version: m.Version, Tenant: in.tenant}
	if in.name != m.Name {
		in.origin.Instance = in.name
	}
	if err := in.narrow(); err != nil {
		return nil, err
	}
	values, err := in.set(settings)
	if err != nil {
		return nil, err
	}
	if in.lists, err = newLists(in.name, m, listFiles, texts); err != nil {
		return nil, err
	}
	for i := range in.shards {
		env := &program.Env{
			Seed: p.opt.Seed, Memory: in.memory(i, old, saved), List: in.lists.get,
			Param: func(name string) (program.Value, bool) { v, ok := values[name]; return v, ok },
		}
		if in.shards[i], err = p.makeShard(in, i, env); err != nil {
			return nil, err
		}
		if err := env.Memory.Err(); err != nil {
			return nil, &SavedError{err}
		}
	}
	return in, nil
}

// weigh finds out how large the structures of a program with a memory budget are, and
// refuses one that is over it. It asks the program, whose memory is that of the generation
// before: nobody may be at work with that.
func (in *instance) weigh() error {
	if in.limits.Memory == 0 {
		return nil
	}
	s, err := in.stats()
	if err != nil {
		return err
	}
	in.made = 0
	for _, u := range s.Memory {
		in.made += u.Bytes
	}
	in.last = newStats(&in.info.Manifest) // what it has counted is not its own yet
	if in.made <= in.limits.Memory {
		return nil
	}
	return &HintError{
		Err:   fmt.Errorf("memory: its structures take %s, its budget is %s", sizeText(in.made), sizeText(in.limits.Memory)),
		Hint:  "smcc explain says what takes how much, and what less would cost",
		Usage: true,
	}
}

// shardsOf returns the number of shards that a program is run in.
func (p *Probe) shardsOf(m *program.Manifest) int {
	if m.Partition.OK {
		return max(1, p.opt.Workers)
	}
	return 1
}

// memory returns the memory of shard i of a new generation: that of the old one, or what
// was saved of one in another process, is inherited shard by shard, if there are as many.
func (in *instance) memory(i int, old *instance, saved *checkpoint.Program) *program.Memory {
	switch {
	case old == nil && saved != nil && len(saved.Shards) == len(in.shards):
		return program.Restore(saved.Shards[i])
	case old == nil || in.isFresh || in.isShadow || len(old.shards) != len(in.shards):
		return program.NewMemory()
	}
	return old.shards[i].mem.Next()
}

// makeShard makes shard i of in.
func (p *Probe) makeShard(in *instance, i int, env *program.Env) (s *shard, err error) {
	s = &shard{mem: env.Memory, sink: sink{in: in}}
	s.sink.shard, s.gate.strays = s, &in.probe.strays
	env.Sink = &s.sink
	if n := len(in.shards); n > 1 {
		env.Shard, env.Shards = i, n
	}
	inst, err := in.construct(s, env)
	switch {
	case err != nil:
		return nil, err
	case inst == nil:
		return nil, errors.New("starting: it has no instance")
	}
	s.inst = inst
	if env.Shards > 1 {
		var ok bool
		if s.split, ok = s.inst.(program.Sharded); !ok {
			return nil, errors.New("starting: its manifest says that it can be run in shards, its instance cannot")
		}
	}
	return s, nil
}

// construct calls New. Memory that comes of it is that of structures: see inUse, which
// looks for this function on stacks.
func (in *instance) construct(s *shard, env *program.Env) (inst program.Instance, err error) {
	type made struct {
		inst program.Instance
		err  error
	}
	var m made
	failed := in.call(s, "starting", func() {
		var room []any
		if env.Shards > 1 {
			room = apart()
		}
		m.inst, m.err = in.info.New(env)
		runtime.KeepAlive(room)
	})
	switch {
	case failed != nil:
		return nil, failed
	case m.err != nil:
		return nil, fmt.Errorf("starting: %w", m.err)
	}
	return m.inst, nil
}

// activate ends the making of a generation; from here on neither the old one nor what was
// saved, if there is one, is used.
func (in *instance) activate(old *instance, saved *checkpoint.Program) error {
	for _, s := range in.shards {
		if err := in.call(s, "taking over memory", s.inst.Activate); err != nil {
			return err
		}
	}
	for i, s := range in.shards {
		if log := s.mem.Settle(); i == 0 { // the shards declare and inherit the same
			in.inherited = log
		}
	}
	// Structures that were taken over go on counting: what they skipped is not to count twice.
	if in.before.sum.Skipped > 0 {
		if s, err := in.stats(); err == nil {
			in.before.sum.Skipped -= min(s.Skipped, in.before.sum.Skipped)
		}
	}
	switch {
	case old != nil && !in.isFresh:
		in.spread(len(old.shards), func(name string) bool {
			return slices.ContainsFunc(old.inherited, func(o program.Inheritance) bool { return o.Name == name })
		})
	case old == nil && saved != nil && len(saved.Shards) > 0:
		in.spread(len(saved.Shards), func(name string) bool {
			return slices.ContainsFunc(saved.Shards[0], func(i program.Image) bool { return i.Name == name })
		})
	}
	return nil
}

// spread says of the structures that had been there in another number of shards why they
// were not kept.
func (in *instance) spread(shards int, had func(name string) bool) {
	if shards == len(in.shards) {
		return
	}
	for i := range in.inherited {
		if l := &in.inherited[i]; had(l.Name) {
			l.Why = fmt.Sprintf("spread otherwise: was in %d shards, is in %d", shards, len(in.shards))
		}
	}
}

func (in *instance) generation() Generation {
	m := &in.info.Manifest
	g := Generation{Program: in.name, Version: m.Version, Number: in.number, Memory: []Inheritance{}}
	for _, i := range in.inherited {
		g.Memory = append(g.Memory, Inheritance(i))
	}
	return g
}
