package probe

import (
	"context"
	"errors"
	"fmt"
)

// Words. An *instance* is a program under a name of its own in the probe; one program
// may run as several. A *tenant* is whom instances belong to; those without one are the
// operator's. Whoever asks as a tenant sees and changes that tenant's instances only.

// ErrForeign says that an instance is not the tenant's who asks for it.
var ErrForeign = errors.New("belongs to another tenant")

// maxName bounds the names of instances and tenants, which stand in paths, labels of
// metrics and records.
const maxName = 64

// CheckName refuses what is no name of an instance or a tenant: those have 1 to 64
// letters, digits, hyphens and underscores.
func CheckName(what, name string) error {
	ok := name != "" && len(name) <= maxName
	for i := 0; i < len(name) && ok; i++ {
		c := name[i]
		ok = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
	}
	if !ok {
		return &HintError{
			Err:  fmt.Errorf("%s %.80q: expected a name", what, name),
			Hint: fmt.Sprintf("1 to %d letters, digits, - and _", maxName), Usage: true,
		}
	}
	return nil
}

type tenantKey struct{}

// asker is the tenant that asks.
type asker struct {
	tenant string
	within *Slice
}

// AsTenant returns a context for requests of a tenant: Load gives it what it loads, and
// every other method of the probe that takes the context shows and changes its
// instances only; for others the error wraps ErrForeign. What it loads is shown no packet
// outside within; nil is all traffic. A context that AsTenant did not make is the
// operator's, who may do everything.
func AsTenant(ctx context.Context, tenant string, within *Slice) context.Context {
	return context.WithValue(ctx, tenantKey{}, asker{tenant, within})
}

// TenantOf returns the tenant that asks; isTenant is false if it is the operator.
func TenantOf(ctx context.Context) (tenant string, isTenant bool) {
	a, isTenant := ctx.Value(tenantKey{}).(asker)
	return a.tenant, isTenant
}

// allows refuses whoever the instance does not belong to.
func (in *instance) allows(ctx context.Context) error {
	if !in.isOf(ctx) {
		return fmt.Errorf("program %q %w", in.name, ErrForeign)
	}
	return nil
}

// isOf reports whether who asks may see the instance.
func (in *instance) isOf(ctx context.Context) bool {
	tenant, isTenant := TenantOf(ctx)
	return !isTenant || in.tenant == tenant
}

// own checks the names of an artifact, and makes it that of the tenant that asks.
func (a *Artifact) own(ctx context.Context) error {
	if a.Name == "" {
		a.Name = a.Info.Manifest.Name
	}
	if err := CheckName("instance", a.Name); err != nil {
		return err
	}
	if tenant, ok := TenantOf(ctx); ok {
		if a.Tenant != "" && a.Tenant != tenant {
			return fmt.Errorf("tenant %q: program %q %w", a.Tenant, a.Name, ErrForeign)
		}
		a.Tenant, a.byTenant = tenant, true
		a.within = ctx.Value(tenantKey{}).(asker).within
	}
	if a.Slice != nil {
		if err := a.Slice.Check(); err != nil {
			return err
		}
	}
	if a.Tenant == "" {
		return nil
	}
	return CheckName("tenant", a.Tenant)
}

// hasRoom refuses one more program to a tenant that has as many as it may.
func (p *Probe) hasRoom(ctx context.Context) error {
	tenant, isTenant := TenantOf(ctx)
	if !isTenant || p.opt.TenantPrograms == 0 {
		return nil
	}
	n := 0
	err := p.between(ctx, func() {
		for _, in := range p.programs {
			if in.tenant == tenant {
				n++
			}
		}
	})
	if err == nil && n >= p.opt.TenantPrograms {
		err = &HintError{Err: fmt.Errorf("%d: %w", n+1, ErrTooMany), Hint: "unload one, or ask the operator for more: smprobe run --tenant-programs N"}
	}
	return err
}
