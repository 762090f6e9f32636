package probe

import (
	"context"
	"fmt"
)

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
