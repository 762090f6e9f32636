package probe

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/runtime/program"
)

// Limits are what an instance may take. Zero fields are no limit, and of a replacement, as
// before.
type Limits struct {
	// Budget is the time that it may take for a batch, on average. Batches are withheld
	// from one that takes more; NoBudget is none.
	Budget time.Duration
	// Memory is what it may take, in bytes; NoMemory is no limit.
	Memory int64
	// Restart says what becomes of it when it was stopped.
	Restart *Restart
}

// Limits that a replacement takes off.
const (
	NoBudget time.Duration = -1
	NoMemory int64         = -1
)

// Restart is whether and how often a program that was stopped is started again, with empty
// memory. Time is packet time.
type Restart struct {
	OnFailure bool
	Most      int           // times …
	Within    time.Duration // … in this time; then it stays stopped
}

// OnFailure is the policy on-failure without numbers of one's own.
var OnFailure = Restart{OnFailure: true, Most: 5, Within: 10 * time.Minute}

// ParseLimits reads limits: a time such as 2ms, a size such as 64MB, and never, on-failure or
// on-failure:N/TIME. Nothing says nothing, and none takes a limit off.
func ParseLimits(budget, memory, restart string) (l Limits, err error) {
	wrong := func(what, text, hint string) error {
		return &HintError{Err: fmt.Errorf("%s %.40q: expected %s, or none", what, text, hint), Usage: true}
	}
	switch budget {
	case "":
	case "none":
		l.Budget = NoBudget
	default:
		if l.Budget, err = config.ParseDuration(budget); err != nil || l.Budget <= 0 {
			return l, wrong("budget", budget, "a time such as 2ms")
		}
	}
	switch memory {
	case "":
	case "none":
		l.Memory = NoMemory
	default:
		if l.Memory, err = config.ParseSize(memory); err != nil || l.Memory <= 0 {
			return l, wrong("memory", memory, "a size such as 64MB")
		}
	}
	r := OnFailure
	rate, hasRate := strings.CutPrefix(restart, "on-failure:")
	if hasRate {
		r.Most, r.Within, err = config.ParseRate(rate)
	}
	switch {
	case err != nil || !hasRate && restart != "" && restart != "never" && restart != "on-failure":
		return l, &HintError{Err: fmt.Errorf("restart %.40q: expected never, on-failure, or on-failure:5/10m", restart), Usage: true}
	case restart == "never":
		l.Restart = &Restart{}
	case restart != "":
		l.Restart = &r
	}
	return l, nil
}

// String returns what two limits differ in, if they do.
func (l Limits) String() string {
	text := fmt.Sprint(l.Budget, " ", l.Memory)
	if l.Restart != nil {
		text += " " + l.Restart.String()
	}
	return text
}

// String returns the policy as ParseLimits reads it.
func (r Restart) String() string {
	if !r.OnFailure {
		return "never"
	}
	return fmt.Sprintf("on-failure:%d/%s", r.Most, program.AppendDuration(nil, int64(r.Within), ""))
}

// over returns l with what it does not say as in old.
func (l Limits) over(old Limits) Limits {
	if l.Budget == 0 {
		l.Budget = old.Budget
	}
	if l.Memory == 0 {
		l.Memory = old.Memory
	}
	if l.Restart == nil {
		l.Restart = old.Restart
	}
	return l
}

// within returns l with no more than most.
func (l Limits) within(most Limits) Limits {
	if most.Budget > 0 && (l.Budget <= 0 || l.Budget > most.Budget) {
		l.Budget = most.Budget
	}
	if most.Memory > 0 && (l.Memory <= 0 || l.Memory > most.Memory) {
		l.Memory = most.Memory
	}
	if l.Restart != nil && l.Restart.OnFailure {
		l.Restart = l.Restart.within(most.Restart)
	}
	return l
}

// within returns r, but no more often than most says, or than OnFailure if that is nil.
func (r *Restart) within(most *Restart) *Restart {
	if most == nil {
		most = &OnFailure
	}
	return &Restart{OnFailure: most.OnFailure, Most: min(r.Most, most.Most), Within: max(r.Within, most.Within)}
}

// LimitsInForce are Limits with the names of output.
type LimitsInForce struct {
	Budget  string `json:"budget,omitempty"`  // time for a batch
	Memory  int64  `json:"memory,omitempty"`  // bytes
	Restart string `json:"restart,omitempty"` // on-failure:N/TIME
}

// inForce returns the limits for listings, nil if there are none.
func (l *Limits) inForce() *LimitsInForce {
	f := LimitsInForce{Memory: l.Memory}
	if l.Budget > 0 {
		f.Budget = l.Budget.String()
	}
	if l.Restart != nil && l.Restart.OnFailure {
		f.Restart = l.Restart.String()
	}
	if f == (LimitsInForce{}) {
		return nil
	}
	return &f
}

// limit gives the instance its limits: those of a, else those of its generation before, else
// the probe's. A tenant can lower the probe's and not raise them.
func (p *Probe) limit(a *Artifact, old *instance) (asked, l Limits) {
	asked = a.Limits
	if old != nil && !a.IsWhole {
		asked = asked.over(old.asked)
	}
	if a.byTenant {
		asked = asked.within(p.opt.Limits)
	}
	l = asked.over(p.opt.Limits)
	l.Budget, l.Memory = max(l.Budget, 0), max(l.Memory, 0)
	return asked, l
}

// Words. Every batch pays a budget into a program's *account*, and what the program takes for
// it is drawn. In debt by more than patience budgets, it is *shed*: batches are withheld, and
// counted, until the debt is paid. So it is never over its budget for long, and not shed for
// one bad moment, which a machine has. If hopeless batches of a window are withheld it is
// stopped: it would be shown next to nothing.
const (
	patience   = 16
	shedWindow = 1024 // batches
	hopeless   = shedWindow * 9 / 10
)

// account is the time that one program may still take. Its shards draw from their own.
type account struct {
	isShed atomic.Bool
	shed   atomic.Uint64 // packets withheld
	seen   atomic.Uint64 // batches of the present window
	missed atomic.Uint64 // of those, withheld
}

// admit reports whether the program is to be shown a batch of n packets. why is that it has
// to be stopped.
func (in *instance) admit(n int) (ok bool, why error) {
	if doom := in.doom.Load(); doom != nil {
		return false, *doom
	}
	budget := int64(in.limits.Budget)
	if budget == 0 || n == 0 {
		return n > 0, nil
	}
	most := int64(0)
	for _, s := range in.shards {
		most = max(most, s.debt.Load())
	}
	a := &in.account
	switch {
	case most <= 0:
		a.isShed.Store(false)
	case most > patience*budget:
		a.isShed.Store(true)
	}
	shed := a.isShed.Load()
	if shed {
		a.shed.Add(uint64(n))
		a.missed.Add(1)
		for _, s := range in.shards {
			s.pay(budget)
		}
	}
	if a.seen.Add(1)%shedWindow == 0 {
		if missed := a.missed.Swap(0); missed >= hopeless {
			return false, fmt.Errorf("time: %d of %d batches were withheld: it takes more than %d times its budget of %v", missed, shedWindow, shedWindow/(shedWindow-hopeless), in.limits.Budget)
		}
	}
	return !shed, nil
}

// mostDrawn bounds what one batch draws, in budgets: a machine may stand still for a while.
const mostDrawn = 256

// draw takes the time of a batch that the shard was shown from its account, into which that batch
// pays first: of several batches in flight each has its own.
func (s *shard) draw(took, budget int64) {
	s.pay(budget)
	s.debt.Add(min(took, mostDrawn*budget))
}

// pay pays a budget into the shard's account; what is not used is not kept.
func (s *shard) pay(budget int64) {
	for {
		debt := s.debt.Load()
		if debt == -budget || s.debt.CompareAndSwap(debt, max(debt-budget, -budget)) {
			return
		}
	}
}
