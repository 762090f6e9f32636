package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/streamon/streamon/internal/checkpoint"
	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Artifact is a compiled program with what the operator says about it.
type Artifact struct {
	Info *program.Info
	Path string // where it came from, for listings
	// Name is that of the instance in the probe, "" = the program's.
	Name string
	// Tenant is whom it belongs to, "" = who asks. A replacement does not change it.
	Tenant string
	// Slice is the traffic that it is shown, nil = all, and of a replacement, as before.
	Slice *Slice
	// Settings override parameters, Lists name the files of file(…) lists. Those for
	// other instances are ignored. A replacement inherits what it does not name.
	Settings, Lists []config.Setting
	// Limits are what it may take; zero fields as Options.Limits, and of a replacement, as
	// before.
	Limits Limits
	// IsWhole says that a replacement inherits neither settings, lists nor limits.
	IsWhole bool

	// Shadow has a replacement tried first; nil = it is not.
	Shadow *ShadowPlan

	isShadow bool   // make it a shadow
	byTenant bool   // a tenant asks
	within   *Slice // what it may see; nil = all
}

// Errors of the lifecycle, wrapped in messages that name the program.
var (
	ErrLoaded    = errors.New("is loaded already")
	ErrNotLoaded = errors.New("is not loaded")
)

// HintError is an error with a way out.
type HintError struct {
	Err   error
	Hint  string // may be empty
	Usage bool   // the arguments are wrong: a setting that the program does not take
}

// Error returns the error without the hint.
func (e *HintError) Error() string { return e.Err.Error() }

// Unwrap returns the error without the hint.
func (e *HintError) Unwrap() error { return e.Err }

// Generation is the result of Load and Replace.
type Generation struct {
	Program string        `json:"program"` // name of the instance
	Version string        `json:"version"`
	Number  int           `json:"generation"`       // 1 = loaded, more = replaced that often
	Memory  []Inheritance `json:"memory"`           // what became of every structure
	Shadow  *ShadowReport `json:"shadow,omitempty"` // of a replacement that is tried first: it has not happened yet

	Since *int64 `json:"-"` // newest packet time of what Restore had of it, ns since the epoch; nil = nothing
}

// WhyNew is Inheritance.Why of what is declared for the first time.
const WhyNew = program.WhyNew

// Inheritance is program.Inheritance with the names of output.
type Inheritance struct {
	Name string `json:"name"`
	Kept bool   `json:"kept"`
	Why  string `json:"why,omitempty"` // why it was not kept
}

// Load adds a program. It sees the packets from the next batch on. The error wraps
// ErrLoaded if an instance of that name is there, or ErrForeign if it is another
// tenant's. It begins with what Restore has of it; if that is damaged, the error is a
// SavedError, and a second Load begins with empty memory.
func (p *Probe) Load(ctx context.Context, a Artifact) (Generation, error) {
	p.lifecycle.Lock()
	defer p.lifecycle.Unlock()
	if err := a.own(ctx); err != nil {
		return Generation{}, err
	}
	old, err := p.find(ctx, a.Name)
	if err != nil {
		return Generation{}, err
	}
	if old != nil {
		err := fmt.Errorf("program %q %w (version %s)", a.Name, ErrLoaded, old.info.Manifest.Version)
		return Generation{}, &HintError{Err: err, Hint: "use replace to change to another version"}
	}
	return p.start(ctx, a, nil)
}

// Replace makes a the running generation of its program, between two batches, so no
// packet sees both. The new generation keeps every structure that both declare
// alike, and its settings and lists unless a has others. If Replace fails the old
// generation runs on, untouched. A program that was stopped begins with
// empty memory. With a.Shadow the new version is tried first, and Replace returns when that
// has begun: what comes of it is in Detail. The error wraps ErrNotLoaded if there is no such
// program.
//
// The code of the old generation stays mapped: Go cannot unload a plugin.
func (p *Probe) Replace(ctx context.Context, a Artifact) (Generation, error) {
	p.lifecycle.Lock()
	defer p.lifecycle.Unlock()
	if err := a.own(ctx); err != nil {
		return Generation{}, err
	}
	old, err := p.find(ctx, a.Name)
	if err != nil {
		return Generation{}, err
	}
	if old == nil {
		return Generation{}, &HintError{Err: fmt.Errorf("program %q %w", a.Name, ErrNotLoaded), Hint: "use load"}
	}
	switch m := &a.Info.Manifest; {
	case m.Name != old.info.Manifest.Name:
		return Generation{}, &HintError{
			Err:  fmt.Errorf("%q is an instance of program %q, this is program %q", a.Name, old.info.Manifest.Name, m.Name),
			Hint: "use load with another name, or unload first",
		}
	case a.Tenant != "" && a.Tenant != old.tenant:
		return Generation{}, &HintError{Err: fmt.Errorf("program %q stays with its tenant %q", a.Name, old.tenant), Hint: "use unload and load", Usage: true}
	}
	if plan := a.Shadow; plan != nil {
		a.Shadow = nil
		return p.startShadow(ctx, a, old, *plan)
	}
	return p.start(ctx, a, old)
}

// Verify makes an instance of a and lets go of it: the error is what Load would
// say about its settings and lists. The probe stays as it is.
func (p *Probe) Verify(a Artifact) error {
	if err := a.own(context.Background()); err != nil {
		return err
	}
	in, err := p.make(a, nil, nil)
	if err == nil {
		err = in.weigh()
	}
	if err != nil {
		return fmt.Errorf("program %q: %w", a.Name, err)
	}
	return nil
}

// Live returns nil as soon as the goroutine of Run has come to the end of a batch, or
// none runs; the error of ctx if that takes too long.
func (p *Probe) Live(ctx context.Context) error { return p.between(ctx, func() {}) }

// Unload removes a program; the next batch is not shown to it. Its memory is freed,
// its code stays mapped. Of one that is not loaded it removes what Restore has.
func (p *Probe) Unload(ctx context.Context, name string) error {
	p.lifecycle.Lock()
	defer p.lifecycle.Unlock()
	in, err := p.mustFind(ctx, name)
	if errors.Is(err, ErrNotLoaded) {
		switch c, e := p.findPending(ctx, name); {
		case e != nil:
			return e
		case c != nil:
			return p.between(ctx, func() { p.forget(name) })
		}
	}
	if err != nil {
		return err
	}
	return p.between(ctx, func() {
		p.programs = slices.DeleteFunc(p.programs, func(i *instance) bool { return i == in })
		p.choose()
	})
}

// find returns the instance of that name, or nil; the error wraps ErrForeign if it is
// not theirs who ask.
func (p *Probe) find(ctx context.Context, name string) (in *instance, err error) {
	if err = p.between(ctx, func() { in = p.lookup(name) }); err == nil && in != nil {
		err = in.allows(ctx)
	}
	return in, err
}

// mustFind is find with an error that wraps ErrNotLoaded instead of nil.
func (p *Probe) mustFind(ctx context.Context, name string) (*instance, error) {
	in, err := p.find(ctx, name)
	if err == nil && in == nil {
		err = p.notLoaded(ctx, name)
	}
	return in, err
}

// lookup is find for the worker.
func (p *Probe) lookup(name string) *instance {
	for _, in := range p.programs {
		if in.name == name {
			return in
		}
	}
	return nil
}

func (p *Probe) notLoaded(ctx context.Context, name string) error {
	var names []string
	p.between(ctx, func() {
		for _, in := range p.programs {
			if in.isOf(ctx) {
				names = append(names, in.name)
			}
		}
	})
	hint := "no program is loaded"
	if len(names) > 0 {
		hint = fmt.Sprintf("loaded are %q", names)
	}
	return &HintError{Err: fmt.Errorf("program %.80q %w", name, ErrNotLoaded), Hint: hint}
}

// start makes the next generation of a program, whose present one is old or nil,
// and swaps it in. The making runs in the caller's goroutine: the worker goes on
// with the old generation meanwhile.
func (p *Probe) start(ctx context.Context, a Artifact, old *instance) (Generation, error) {
	var saved *checkpoint.Program
	unfit := ""
	if old == nil {
		var err error
		if saved, unfit, err = p.savedOf(ctx, &a); err != nil {
			return Generation{}, err
		}
	}
	in, err := p.make(a, old, saved)
	if err != nil {
		if errors.As(err, new(*SavedError)) {
			p.between(ctx, func() { p.forget(a.Name) })
		}
		return Generation{}, fmt.Errorf("program %q: %w", a.Name, err)
	}
	var refused error
	err = p.between(ctx, func() {
		if refused = p.swap(in, old, saved); refused != nil || old != nil {
			return
		}
		p.forget(a.Name)
		for i := range in.inherited {
			if unfit != "" {
				in.inherited[i].Why = unfit
			}
		}
	})
	if err != nil {
		return Generation{}, err
	}
	if refused != nil {
		return Generation{}, fmt.Errorf("program %q: %w", a.Name, refused)
	}
	if in.stopped != nil {
		return Generation{}, fmt.Errorf("program %q: %w", a.Name, in.stopped)
	}
	g := in.generation()
	if saved != nil {
		if c, ok := saved.Core(); ok && c.Started {
			g.Since = &c.Now
		}
	}
	return g, nil
}

// swap makes in the running generation in the place of old, or beside all others if that
// is nil. If in is over its memory budget nothing is changed. No batch is being processed.
func (p *Probe) swap(in, old *instance, saved *checkpoint.Program) error {
	if err := in.weigh(); err != nil {
		return err
	}
	if old == nil {
		p.programs = append(p.programs, in)
	} else {
		in.before = old.counters()
		in.before.lost += old.lost
		p.programs[slices.Index(p.programs, old)] = in
	}
	if old != nil {
		in.tried = old.tried
	}
	in.activate(old, saved)
	p.choose()
	return nil
}

// make builds an instance that does not run yet. It changes nothing that old uses, nor
// what was saved.
func (p *Probe) make(a Artifact, old *instance, saved *checkpoint.Program) (in *instance, err error) {
	m := &a.Info.Manifest
	if m.ABI != program.ABI {
		return nil, fmt.Errorf("uses program interface %d, this probe offers %d", m.ABI, program.ABI)
	}
	in = &instance{
		info: a.Info, path: a.Path, name: a.Name, tenant: a.Tenant, slice: a.Slice, within: a.within, number: 1, logf: p.opt.Logf,
		out: p.opt.Records, shards: make([]*shard, p.shardsOf(m)), probe: p, giveUp: p.opt.GiveUp,
		code: codeOf(a.Info.New), restarts: restarts{at: never}, isShadow: a.isShadow,
	}
	in.asked, in.limits = p.limit(&a, old)
	in.fault.init()
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
// What a panic left behind is not to be relied on.
func (in *instance) memory(i int, old *instance, saved *checkpoint.Program) *program.Memory {
	switch {
	case old == nil && saved != nil && len(saved.Shards) == len(in.shards):
		return program.Restore(saved.Shards[i])
	case old == nil || old.isInternal || in.isShadow || len(old.shards) != len(in.shards):
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
	failed := in.call(s, "starting", func() { m.inst, m.err = in.info.New(env) })
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
func (in *instance) activate(old *instance, saved *checkpoint.Program) {
	for _, s := range in.shards {
		if err := in.call(s, "taking over memory", s.inst.Activate); err != nil {
			in.stop(err)
			return
		}
	}
	for i, s := range in.shards {
		if log := s.mem.Settle(); i == 0 { // the shards declare and inherit the same
			in.inherited = log
		}
	}
	// Structures that were taken over go on counting: what they skipped is not to count twice.
	if in.before.skipped > 0 {
		if s, err := in.stats(); err == nil {
			in.before.skipped -= min(s.Skipped, in.before.skipped)
		}
	}
	switch {
	case old != nil && !old.isInternal:
		in.spread(len(old.shards), func(name string) bool {
			return slices.ContainsFunc(old.inherited, func(o program.Inheritance) bool { return o.Name == name })
		})
	case old == nil && saved != nil && len(saved.Shards) > 0:
		in.spread(len(saved.Shards), func(name string) bool {
			return slices.ContainsFunc(saved.Shards[0], func(i program.Image) bool { return i.Name == name })
		})
	}
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

// choose is called when programs have come or gone. It makes the decoder decode what the
// present ones need, and no more. Without programs it decodes everything, for the summary.
func (p *Probe) choose() {
	p.endShadows(false, "the program was replaced or unloaded meanwhile")
	p.line = slices.Clone(p.programs)
	for _, s := range p.shadows {
		p.line = append(p.line, s.old, s.new)
	}
	line := p.line
	p.watched.Store(&line)
	var layers packet.Layers
	for _, in := range p.line {
		layers |= packet.Layers(in.info.Manifest.Layers)
	}
	if len(p.line) == 0 {
		layers = packet.AppLayers
	}
	p.dec.App = layers & packet.AppLayers
	p.want()
	if p.crew != nil {
		p.crew.changed = true
	}
}
