package smprobe

import (
	"context"
	"fmt"
	"slices"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/probe"
)

// artifacts opens the programs built in, those of the command line and those of the
// configuration file. Nothing of them runs.
func (c *runCmd) artifacts(h *host) (list []probe.Artifact, err error) {
	set, _ := config.ParseSettings(c.Set) // check has read them
	lists, _ := config.ParseSettings(c.List)
	var names []string
	add := func(a probe.Artifact) {
		names = append(names, a.Info.Manifest.Name)
		// Of two settings for one parameter the last one holds.
		a.Tenant = c.Tenant
		a.Settings, a.Lists = append(a.Settings, set...), append(a.Lists, lists...)
		list = append(list, a)
	}
	for _, info := range h.std.builtin {
		add(probe.Artifact{Info: info})
	}
	for _, path := range c.Program {
		info, err := h.open(path)
		if err != nil {
			return nil, err
		}
		add(probe.Artifact{Info: info, Path: path})
	}
	if c.file != nil {
		for _, p := range c.file.Programs {
			info, err := h.open(p.File)
			if err != nil {
				return nil, err
			}
			a := probe.Artifact{Info: info, Path: p.File}
			a.Settings, a.Lists = p.Settings(info.Manifest.Name)
			if a.Limits, err = probe.ParseLimits(p.Budget, p.Memory, p.Restart); err != nil {
				return nil, fmt.Errorf("%s: %w", p.File, err)
			}
			add(a)
		}
	}
	for _, s := range append(set, lists...) {
		if !slices.Contains(names, s.Program) {
			hint := fmt.Sprintf("loaded are %q", names)
			if len(names) == 0 {
				hint = "load one with -p FILE.so"
			}
			return nil, usagef(hint, "%s: no program %q is loaded", s, s.Program)
		}
	}
	return list, nil
}

// load loads all programs; one that cannot be loaded ends the command, since its
// results would be missed.
func (c *runCmd) load(ctx context.Context, h *host) error {
	list, err := c.artifacts(h)
	if err != nil {
		return err
	}
	h.loaded = map[string]string{}
	return h.kept.loadAll(ctx, list, func(a *probe.Artifact) (probe.Generation, error) {
		g, err := h.Probe.Load(ctx, *a)
		if err == nil {
			h.loaded[a.Info.Manifest.Name] = signature(a)
		}
		return g, err
	})
}

// signature is what of an artifact makes it another one.
func signature(a *probe.Artifact) string {
	m := &a.Info.Manifest
	mine := func(list []config.Setting) (own []config.Setting) {
		for _, s := range list {
			if s.Program == m.Name {
				own = append(own, s)
			}
		}
		return own
	}
	return fmt.Sprint(m.ID, " ", m.Version, " ", mine(a.Settings), " ", mine(a.Lists), " ", a.Limits)
}

// verify is run --check: it opens and checks everything that a run would begin with, and
// changes nothing.
func (c *runCmd) verify(std *stdio) error {
	h := &host{std: std, Probe: c.probe(std, &outputs{}, nil)}
	defer h.close()
	list, err := c.artifacts(h)
	if err != nil {
		return err
	}
	if err := verifyAll(h.Probe, list); err != nil {
		return err
	}
	if err := c.checkpointFlags.verify(std); err != nil {
		return err
	}
	if err := c.apiFlags.verify(); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "fine: programs %d, sinks %d\n", len(list), len(c.specs))
	return nil
}

// verifyAll checks every program with its settings, and that no two have one name.
func verifyAll(p *probe.Probe, list []probe.Artifact) error {
	seen := map[string]bool{}
	for _, a := range list {
		name := a.Info.Manifest.Name
		if seen[name] {
			return usagef("", "program %q is there twice", name)
		}
		seen[name] = true
		if err := p.Verify(a); err != nil {
			return err
		}
	}
	return nil
}
