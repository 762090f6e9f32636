package probe

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/streamon/streamon/runtime/packet"
)

// Words. Before a replacement both versions can be run as *shadows*: two instances more, of
// the present code and of the new one, that are shown the same packets from the same batch
// on, with empty memory and without actions: what they report is kept and compared, what
// they decide about packets is void. Both begin empty, so what they report otherwise is the
// doing of the code and not of what the running instance remembers from before. The running
// instance goes on all the while. Then the new version is *promoted*, which is an ordinary
// replacement that keeps the memory of the running instance and nothing of the shadows'; or
// it is not, and all is as it was. Time is packet time.

// Promote says when a version that ran as a shadow becomes the running one.
type Promote string

// The rules of promotion. A version that was stopped, or that batches were withheld from, is
// never promoted.
const (
	PromoteAuto    Promote = "auto"     // whatever the differences
	PromoteNever   Promote = "never"    // the differences are wanted, and nothing else
	PromoteIfEqual Promote = "if-equal" // if both report the same
)

// ShadowPlan says how a replacement is tried first.
type ShadowPlan struct {
	For     time.Duration
	Promote Promote // "" = PromoteIfEqual
}

// Bounds of what shadows report.
const (
	maxShadowBytes = 16 << 20 // of each
	maxDifferences = 100      // that are listed
	shadowWithin   = 10 * time.Minute
)

// shadow is a pair of shadows of one instance.
type shadow struct {
	of       *instance // that runs
	old, new *instance
	artifact Artifact
	plan     ShadowPlan
	begun    packet.Time
	until    packet.Time // valid iff hasBegun
	hasBegun bool
	report   *ShadowReport
}

// check refuses what is no plan.
func (s *ShadowPlan) check() error {
	if s.Promote == "" {
		s.Promote = PromoteIfEqual
	}
	switch {
	case s.For <= 0:
		return &HintError{Err: fmt.Errorf("shadow %v: expected a time above 0", s.For), Usage: true}
	case !slices.Contains([]Promote{PromoteAuto, PromoteNever, PromoteIfEqual}, s.Promote):
		return &HintError{Err: fmt.Errorf("promote %.40q: expected auto, never or if-equal", string(s.Promote)), Usage: true}
	}
	return nil
}

// startShadow begins to try a. The running instance is old.
func (p *Probe) startShadow(ctx context.Context, a Artifact, old *instance, plan ShadowPlan) (Generation, error) {
	if err := plan.check(); err != nil {
		return Generation{}, err
	}
	s := &shadow{of: old, artifact: a, plan: plan, report: &ShadowReport{
		Status: "running", Version: a.Info.Manifest.Version, Against: old.info.Manifest.Version, Promote: plan.Promote,
	}}
	var err error
	same := Artifact{Info: old.info, Path: old.path, Name: old.name}
	for _, k := range []struct {
		in   **instance
		a    Artifact
		kept *int
	}{{&s.old, same, &s.report.OldRecords}, {&s.new, a, &s.report.NewRecords}} {
		k.a.isShadow = true
		if *k.in, err = p.make(k.a, old, nil); err == nil {
			err = (*k.in).weigh() // its memory is its own
		}
		if err != nil {
			return Generation{}, fmt.Errorf("program %q: %w", a.Name, err)
		}
		(*k.in).out = newRecorder(k.kept)
	}
	g := old.generation()
	s.until = never
	err = p.between(ctx, func() {
		if slices.ContainsFunc(p.shadows, func(o *shadow) bool { return o.of == old }) {
			g.Program = ""
			return
		}
		p.shadows = append(p.shadows, s)
		old.tried = s.report
		for _, in := range []*instance{s.old, s.new} {
			in.isShown = true
			if err := in.activate(nil, nil); err != nil {
				in.stop(err)
			}
		}
		if p.hasFirst {
			s.begin(p.newest)
			p.due = min(p.due, s.until)
		} else {
			p.due = math.MinInt64
		}
		p.choose()
		g.Shadow = s.report.copy()
	})
	if err == nil && g.Program == "" {
		err = &HintError{Err: fmt.Errorf("program %q: a version is tried already", a.Name), Hint: "wait for it, or replace without a shadow, which ends it"}
	}
	return g, err
}

// begin sets the time from which the shadows are compared.
func (s *shadow) begin(now packet.Time) {
	s.hasBegun, s.begun, s.until = true, now, now+packet.Time(s.plan.For)
	s.report.Begun, s.report.Until = timeText(s.begun), timeText(s.until)
}

// seeToShadows concludes those whose time has come.
func (p *Probe) seeToShadows(now packet.Time) {
	for _, s := range slices.Clone(p.shadows) {
		switch {
		case s.hasBegun:
		case p.hasFirst:
			s.begin(p.first)
		default:
			p.due = math.MinInt64
		}
		if s.until <= now || s.new.stopped != nil {
			p.conclude(s)
		} else {
			p.due = min(p.due, s.until)
		}
	}
}

// conclude compares what the shadows have reported, and promotes the new version if it
// may be.
func (p *Probe) conclude(s *shadow) {
	p.dropShadow(s)
	r := s.report
	s.compare()
	switch {
	case s.new.stopped != nil:
		s.refuse("the new version was stopped: %v", s.new.stopped)
	case s.new.account.shed.Load() > 0:
		s.refuse("packets were withheld from the new version: %d, over its budget of %v", s.new.account.shed.Load(), s.new.limits.Budget)
	case r.Promote == PromoteNever:
		s.refuse("it was only to be compared")
	case r.Promote == PromoteIfEqual && s.old.stopped != nil:
		s.refuse("the present version was stopped as a shadow, and less was compared: %v", s.old.stopped)
	case r.Promote == PromoteIfEqual && s.old.account.shed.Load() > 0:
		s.refuse("packets were withheld from the present version as a shadow: %d, and less was compared", s.old.account.shed.Load())
	case r.Promote == PromoteIfEqual && (len(r.Differences) > 0 || r.Cut):
		s.refuse("the versions report otherwise")
	default:
		s.artifact.isFresh = s.of.stopped != nil
		in, err := p.make(s.artifact, s.of, nil)
		if err == nil {
			err = p.swap(in, s.of)
		}
		if err != nil {
			s.refuse("%v", err)
			break
		}
		if in.tried = r; in.stopped != nil {
			s.refuse("the new version was stopped: %v", in.stopped)
			break
		}
		g := in.generation()
		r.Status, r.Promoted = "promoted", &g
	}
	p.opt.Notef("program %s: %s", s.of.name, r.line())
}

// retarget has the shadows of an instance be those of another one of the same code.
func (p *Probe) retarget(from, to *instance) {
	for _, s := range p.shadows {
		if s.of == from {
			s.of = to
		}
	}
}

// refuse notes why the new version does not become the running one.
func (s *shadow) refuse(format string, args ...any) {
	s.report.Status, s.report.Why = "refused", fmt.Sprintf(format, args...)
}

// dropShadow ends the instances of s.
func (p *Probe) dropShadow(s *shadow) {
	p.shadows = slices.DeleteFunc(p.shadows, func(o *shadow) bool { return o == s })
	p.choose()
}

// endShadows ends those whose instance has gone, or all when there are no more packets.
func (p *Probe) endShadows(all bool, why string) {
	for _, s := range slices.Clone(p.shadows) {
		if all || !slices.Contains(p.programs, s.of) {
			s.compare()
			s.report.Status, s.report.Why = "ended", why
			p.opt.Notef("program %s: %s", s.of.name, s.report.line())
			p.shadows = slices.DeleteFunc(p.shadows, func(o *shadow) bool { return o == s })
		}
	}
}
