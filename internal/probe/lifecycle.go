package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/streamon/streamon/internal/config"
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
	isFresh  bool   // with empty memory, whatever it follows
	byTenant bool   // a tenant asks
	within   *Slice // what it may see; nil = all
}

// Errors of the lifecycle, wrapped in messages that name the program.
var (
	ErrLoaded    = errors.New("is loaded already")
	ErrNotLoaded = errors.New("is not loaded")
	// ErrStopped says that a generation was stopped while it took over; the log has it already.
	ErrStopped = errors.New("was stopped")
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
// generation runs on, untouched; but if the new one has failed while it took over memory,
// the old one begins anew, and the error wraps ErrStopped: see rollback. What replaces a
// program that was stopped begins with empty memory. With a.Shadow the new version is tried first, and Replace returns when that
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
