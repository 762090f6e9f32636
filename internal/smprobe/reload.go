package smprobe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/streamon/streamon/internal/probe"
)

// watch sees to signals and to the service manager until the function it returns is
// called.
func (c *runCmd) watch(ctx context.Context, h *host) (done func()) {
	hups := make(chan os.Signal, 1)
	if c.Config != "" {
		signal.Notify(hups, syscall.SIGHUP)
	}
	reloads := func(ctx context.Context) {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hups:
				notify("RELOADING=1")
				if err := c.reload(ctx, h); err != nil {
					h.std.say(err)
					h.std.notef("%s was not taken over: the probe goes on as it was", c.Config)
				}
				notify("READY=1")
			}
		}
	}
	end := background(ctx, reloads, h.beat)
	return func() {
		signal.Stop(hups)
		end()
	}
}

// reload reads the configuration file again, and changes programs, sinks and what holds
// alerts back. Everything is checked before anything is changed; what goes wrong in spite
// of that is said, and the rest is done.
func (c *runCmd) reload(ctx context.Context, h *host) error {
	_, cli, err := h.std.parse(func(int) {})
	if err != nil {
		return err
	}
	next := &cli.Run
	if err := next.check(); err != nil {
		return err
	}
	list, err := next.artifacts(h)
	if err != nil {
		return err
	}
	if err := verifyAll(h.Probe, list); err != nil {
		return err
	}
	if err := h.out.replace(c, next, h.std); err != nil {
		return err
	}
	said, err := h.change(ctx, list)
	if err != nil { // the sinks are others already
		h.std.say(err)
	}
	if n, err := h.Probe.Reload(ctx, ""); err != nil {
		h.std.say(err)
	} else if n > 0 {
		said = append(said, fmt.Sprintf("%d lists read again", n))
	}
	said = append(said, fmt.Sprintf("%d sinks", len(h.out.sinks.Specs())))
	h.std.notef("%s was read again: %s", c.Config, strings.Join(said, ", "))
	if names := c.fixed(next); len(names) > 0 {
		h.std.notef("a restart is needed for the new %s", strings.Join(names, ", "))
	}
	return nil
}

// change loads, replaces and unloads programs so that those of the configuration are
// the ones in list. Programs that were loaded by command stay.
func (h *host) change(ctx context.Context, list []probe.Artifact) (said []string, err error) {
	wanted := map[string]string{}
	var errs []error
	for _, a := range list {
		name := a.Info.Manifest.Name
		wanted[name] = signature(&a)
		old, there := h.loaded[name]
		if _, err := h.Probe.Program(ctx, name); errors.Is(err, probe.ErrNotLoaded) {
			there = false // it was unloaded by command
		}
		if there && old == wanted[name] {
			continue
		}
		a.IsWhole = true
		verb := "loaded"
		var g probe.Generation
		if there {
			verb = "replaced"
			g, err = h.Probe.Replace(ctx, a)
		} else {
			g, err = h.Probe.Load(ctx, a)
			if errors.As(err, new(*probe.SavedError)) { // packets do not wait
				errs = append(errs, err)
				g, err = h.Probe.Load(ctx, a)
			}
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		h.loaded[name] = wanted[name]
		said = append(said, verb+" "+name)
		if !there {
			said = append(said, restored(&g)...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(h.loaded)) {
		if _, ok := wanted[name]; ok {
			continue
		}
		if err := h.Probe.Unload(ctx, name); err != nil && !errors.Is(err, probe.ErrNotLoaded) {
			errs = append(errs, err)
			continue
		}
		delete(h.loaded, name)
		said = append(said, "unloaded "+name)
	}
	return said, errors.Join(errs...)
}

// changeable are the fields of runCmd that a reload changes.
var changeable = []string{"Program", "Set", "List", "Sink", "Dedup", "AlertRate", "NeverBlock", "MaxBlocks", "MaxBlocksTenant", "LongestBlock", "DropFor", "Config", "Check"}

// fixed returns the flags whose values differ and cannot be changed while the probe runs.
func (c *runCmd) fixed(next *runCmd) (flags []string) {
	was, is := reflect.ValueOf(c).Elem(), reflect.ValueOf(next).Elem()
	for _, f := range reflect.VisibleFields(was.Type()) {
		if !f.IsExported() || f.Anonymous || slices.Contains(changeable, f.Name) ||
			reflect.DeepEqual(was.FieldByIndex(f.Index).Interface(), is.FieldByIndex(f.Index).Interface()) {
			continue
		}
		name := f.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		flags = append(flags, "--"+name)
	}
	return flags
}

// beatLimit is how long the goroutine of packets may be at one batch and still count
// as alive.
const beatLimit = 5 * time.Second

// beat tells a service manager that the probe is ready, and that it is alive as often as
// it wants to hear it.
func (h *host) beat(ctx context.Context) {
	notify("READY=1")
	every := watchdog()
	if every == 0 {
		return
	}
	tick := time.NewTicker(every / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if h.Healthy(ctx) == nil {
				notify("WATCHDOG=1")
			}
		}
	}
}
