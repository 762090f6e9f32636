package smprobe

import (
	"fmt"
	"io"
	"time"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/web"
)

// limitFlags say what a program may take.
type limitFlags struct {
	Budget  string `placeholder:"TIME" help:"Withhold packets from a program that takes more than TIME for a batch of 256, on average; stop it if it takes more than ten times as much."`
	Memory  string `placeholder:"SIZE" help:"Do not load a program whose structures take more than SIZE, and stop one that allocates more."`
	Restart string `placeholder:"never|on-failure" help:"Start a program that was stopped again, with empty memory: never, or on-failure, at most 5 times in 10 minutes, or on-failure:N/TIME."`
}

// limits reads the flags.
func (f *limitFlags) limits() (probe.Limits, error) {
	return probe.ParseLimits(f.Budget, f.Memory, f.Restart)
}

// processMemory reads --process-memory.
func processMemory(text string) (int64, error) {
	switch text {
	case "none":
		return 0, nil
	case "auto":
		return availableMemory() / 4 * 3, nil
	}
	n, err := config.ParseSize(text)
	if err != nil || n <= 0 {
		return 0, usagef("auto is three quarters of what this process may have, none is no limit", "--process-memory %q: expected a size such as 2GB, auto or none", text)
	}
	return n, nil
}

// shadowPlan is what a request says of a shadow; nil without one.
func shadowPlan(r web.LoadRequest) (*probe.ShadowPlan, error) {
	if r.Shadow == "" {
		if r.Promote != "" {
			return nil, &probe.HintError{Err: fmt.Errorf("promote %.40q: there is no shadow", r.Promote), Usage: true}
		}
		return nil, nil
	}
	d, err := config.ParseDuration(r.Shadow)
	if err != nil {
		return nil, &probe.HintError{Err: fmt.Errorf("shadow %w", err), Usage: true}
	}
	return &probe.ShadowPlan{For: d, Promote: probe.Promote(r.Promote)}, nil
}

// printTrouble says what befell a program, if anything did.
func printTrouble(w io.Writer, p *probe.Program) {
	if p.Error != "" {
		fmt.Fprintf(w, "%s: %s: %s\n", p.Name, p.Status, visible(p.Error))
	}
	if p.Restarts > 0 {
		fmt.Fprintf(w, "%s: started again %d times\n", p.Name, p.Restarts)
	}
	if p.RolledBack != "" {
		fmt.Fprintf(w, "%s: went back to version %s: %s\n", p.Name, p.Version, p.RolledBack)
	}
	if p.Shed > 0 {
		fmt.Fprintf(w, "%s: %d packets withheld\n", p.Name, p.Shed)
	}
}

// followEvery is how often replace asks how far its shadow is.
const followEvery = time.Second

// follow waits for what comes of a replacement that is tried first. It fails if the new
// version was not promoted though it might have been.
func (c *replaceCmd) follow(std *stdio, g probe.Generation) error {
	if !c.JSON {
		fmt.Fprintf(std.out, "%s: version %s runs as a shadow for %s; an interrupt ends the waiting and not the shadow\n", g.Program, g.Shadow.Version, c.Shadow)
	}
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-std.ctx.Done():
			return exitError(exitFailed)
		case <-tick.C:
		}
		r, err := c.ask(std, g.Program)
		if err != nil {
			return err
		}
		if r == nil || r.Version != g.Shadow.Version {
			return fmt.Errorf("program %q was loaded anew meanwhile", g.Program)
		}
		if r.Status == "running" {
			continue
		}
		err = c.print(std, r, func() {
			fmt.Fprint(std.out, r.Text())
			if r.Promoted != nil {
				printMemory(std, r.Promoted.Memory)
			}
		})
		if err == nil && r.Promoted == nil && r.Promote != probe.PromoteNever {
			err = exitError(exitFailed)
		}
		return err
	}
}

// ask asks the probe for the report of a shadow.
func (c *replaceCmd) ask(std *stdio, name string) (*probe.ShadowReport, error) {
	client, ctx, cancel := c.dial(std)
	defer cancel()
	d, err := client.Show(ctx, name, 0)
	return d.Shadow, err
}
