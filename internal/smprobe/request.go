package smprobe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/web"
)

// compileTimeout bounds the request that has the probe compile a source: more than the
// probe takes at most, with those that it compiles before.
const compileTimeout = 330 * time.Second

type loadFlags struct {
	File string   `arg:"" help:"Program: a plugin made by smcc build, or a source (.smon, .xml), which the probe compiles." predictor:"loadable"`
	Set  []string `sep:"none" placeholder:"PROGRAM.PARAM=VALUE" help:"Set a parameter." predictor:"set"`
	List []string `sep:"none" placeholder:"PROGRAM.LIST=FILE" help:"Take a list from a file."`
	// One plugin may run several times.
	Name   string   `placeholder:"NAME" help:"Name of the instance in the probe; without it, the program's. Settings go by it."`
	Tenant string   `placeholder:"NAME" help:"Whom the instance belongs to; without it, the operator."`
	VLAN   []int    `name:"vlan" placeholder:"ID" help:"Show it packets of this VLAN only, 0 = of none; may be repeated."`
	Net    []string `sep:"none" placeholder:"NET" help:"Show it packets from or to this network only; may be repeated."`
	limitFlags
	control
}

// request makes the paths absolute: the probe may run in another directory. A source is not
// in it yet.
func (f *loadFlags) request() (r web.LoadRequest, err error) {
	if !f.isSource() {
		if r.Path, err = filepath.Abs(f.File); err != nil {
			return r, err
		}
	}
	r.Name, r.Tenant = f.Name, f.Tenant
	r.Budget, r.Memory, r.Restart = f.Budget, f.Memory, f.Restart
	if _, err := f.limits(); err != nil {
		return r, err
	}
	if s := (&probe.Slice{VLANs: f.VLAN, Nets: f.Net}); !s.IsAll() {
		r.Slice = s
	}
	if _, err := config.ParseSettings(f.Set); err != nil {
		return r, usagef("for instance --set ddos.threshold=100", "%v", err)
	}
	r.Set = f.Set
	lists, err := config.ParseSettings(f.List)
	if err != nil {
		return r, usagef("for instance --list bad.names=bad.txt", "%v", err)
	}
	for _, s := range lists {
		if s.Value, err = filepath.Abs(s.Value); err != nil {
			return r, err
		}
		r.Lists = append(r.Lists, s.String())
	}
	return r, nil
}

// isSource reports whether the probe is to compile the file.
func (f *loadFlags) isSource() bool {
	ext := filepath.Ext(f.File)
	return ext == ".smon" || ext == ".xml"
}

// send makes the request, as change has it. It brings a source to the probe, if it is one,
// and then sends the request with do.
func (f *loadFlags) send(std *stdio, change func(*web.LoadRequest), do func(*web.Client, context.Context, web.LoadRequest) (probe.Generation, error)) (g probe.Generation, err error) {
	r, err := f.request()
	if err != nil {
		return g, err
	}
	change(&r)
	if f.isSource() {
		if r.Upload, err = f.upload(std); err != nil {
			return g, err
		}
	}
	client, ctx, cancel := f.dial(std)
	defer cancel()
	g, err = do(client, ctx, r)
	return g, unseen(r.Path, err)
}

// unseen says of a plugin that is there, but not for the probe, why that may be: a service has a /tmp of its
// own, and no home directories.
func unseen(path string, err error) error {
	var p *web.Problem
	if path == "" || !errors.As(err, &p) || !strings.Contains(p.Error(), path) {
		return err
	}
	if !strings.Contains(p.Error(), syscall.ENOENT.Error()) && !strings.Contains(p.Error(), syscall.EACCES.Error()) {
		return err
	}
	if _, here := os.Stat(path); here != nil {
		return err
	}
	return &probe.HintError{Err: err, Hint: "it is there, but the probe does not see it or may not read it: copy it to where its user may read, as /usr/local/lib/smprobe; " +
		"a service sees neither the homes nor the /tmp of others"}
}

// upload has the probe compile the source.
func (f *loadFlags) upload(std *stdio) (id string, err error) {
	text, err := os.ReadFile(f.File)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(std.ctx, compileTimeout)
	defer cancel()
	up, err := web.Dial(f.Socket).Upload(ctx, filepath.Base(f.File), text)
	if up.Log != "" {
		std.notef("%s", up.Log)
	}
	return up.Upload, err
}

type loadCmd struct{ loadFlags }

// Run implements the command.
func (c *loadCmd) Run(std *stdio) error {
	g, err := c.send(std, func(*web.LoadRequest) {}, (*web.Client).Load)
	if err != nil {
		return err
	}
	return c.print(std, g, func() { fmt.Fprintf(std.out, "loaded %s, version %s\n", g.Program, g.Version) })
}

type replaceCmd struct {
	Shadow  string `placeholder:"TIME" help:"Try it first: run both versions for TIME on the same packets, with empty memory and without actions, and compare what they report."`
	Promote string `enum:",auto,never,if-equal" default:"" placeholder:"auto|never|if-equal" help:"Replace after --shadow: in any case, never, or if both report the same (if-equal)."`
	loadFlags
}

// Run implements the command.
func (c *replaceCmd) Run(std *stdio) error {
	if c.Promote != "" && c.Shadow == "" {
		return usagef("for instance --shadow 30s --promote auto", "--promote needs --shadow")
	}
	g, err := c.send(std, func(r *web.LoadRequest) { r.Shadow, r.Promote = c.Shadow, c.Promote }, (*web.Client).Replace)
	if err != nil {
		return err
	}
	if g.Shadow != nil {
		return c.follow(std, g)
	}
	return c.print(std, g, func() {
		fmt.Fprintf(std.out, "replaced %s: version %s, generation %d\n", g.Program, g.Version, g.Number)
		printMemory(std, g.Memory)
	})
}

// printMemory says what a generation took over.
func printMemory(std *stdio, memory []probe.Inheritance) {
	var kept []string
	for _, m := range memory {
		if m.Kept {
			kept = append(kept, m.Name)
		}
	}
	if len(kept) > 0 {
		fmt.Fprintf(std.out, "  kept %s\n", strings.Join(kept, ", "))
	}
	for _, m := range memory {
		if !m.Kept {
			fmt.Fprintf(std.out, "  %s: %s\n", m.Name, m.Why)
		}
	}
}
