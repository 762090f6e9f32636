package check

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// unused warns of declarations that nothing refers to, and of memory that is
// read and never written or the other way round.
func (c *checker) unused() {
	say := func(id *ast.Ident, what string) {
		c.warnf(diag.Unused, id, "%s %q is never used", what, id.Name)
	}
	for _, p := range c.p.Params {
		if !p.used {
			say(p.Decl.Name, "parameter")
		}
	}
	for _, l := range c.p.Lists {
		if !l.used {
			say(l.Decl.Name, "list")
		}
	}
	for _, e := range c.p.Entities {
		if !e.used {
			say(e.Decl.Name, "entity")
		}
	}
	for _, f := range c.p.Features {
		if !f.used {
			say(f.Decl.Name, "feature")
		}
	}
	for _, m := range c.p.Metrics {
		switch {
		case !m.fed && !m.read && !m.got:
			say(m.Decl.Name, "metric")
		case !m.fed:
			c.warnf(diag.NeverFed, m.Decl.Name, "metric %q is read and never set", m.Name).Hintf("add: set %s", m.Name)
		case !m.read:
			c.warnf(diag.NeverRead, m.Decl.Name, "metric %q is set and never read", m.Name).
				Hintf("use it in a condition: when %s > …", m.Name)
		}
	}
	for _, t := range c.p.Tables {
		switch {
		case !t.written && !t.read:
			say(t.Decl.Name, "table")
		case !t.written:
			c.warnf(diag.NeverFed, t.Decl.Name, "table %q is read and never written", t.Name).Hintf("add: %s[…] = …", t.Name)
		case !t.read:
			c.warnf(diag.NeverRead, t.Decl.Name, "table %q is written and never read", t.Name)
		}
	}
	for _, e := range c.p.Events {
		if !e.handled && e.Kind != TimeoutEvent {
			c.warnf(diag.Unused, e.Decl.Name, "event %q is never handled", e.Name).Hintf("add: on %s { … }", e.Name)
		}
	}
}

// timers warns of timeouts that only one side knows: started and handled nowhere,
// or handled and started nowhere.
func (c *checker) timers() {
	for _, e := range c.p.Events {
		switch {
		case e.Kind != TimeoutEvent || e.handled && e.started:
		case e.started:
			c.warnf(diag.UnhandledTimer, e.Decl.Name, "timeout %q is started and handled nowhere", e.Name).Hintf("add: on %s { … }", e.Name)
		case e.handled:
			c.warnf(diag.NeverStarted, e.Decl.Name, "timeout %q is handled and never started", e.Name).Hintf("add: start %s after …", e.Name)
		default:
			c.warnf(diag.Unused, e.Decl.Name, "event %q is never used", e.Name)
		}
	}
}
