package smprobe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/sdk"
	"github.com/streamon/streamon/internal/web"
)

// running are the flags of every command that talks to a running probe.
type running struct {
	Socket string `required:"" env:"SMPROBE_SOCKET" placeholder:"PATH" help:"Control socket of the probe."`
}

// control are those of commands that print an answer.
type control struct {
	running
	JSON bool `name:"json" help:"Print the answer as JSON."`
}

// Validate refuses an empty path, as an empty $SMPROBE_SOCKET gives.
func (c *running) Validate() error {
	if c.Socket == "" {
		return errors.New("missing flags: --socket=PATH")
	}
	return nil
}

// controlTimeout bounds a request; loading a plugin takes milliseconds.
const controlTimeout = 15 * time.Second

func (c *running) dial(std *stdio) (*web.Client, context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(std.ctx, controlTimeout)
	return web.Dial(c.Socket), ctx, cancel
}

// print prints v as JSON if that is asked for, else through f.
func (c *control) print(std *stdio, v any, f func()) error {
	if !c.JSON {
		f()
		return nil
	}
	return writeJSON(std, "-", v)
}

// ask makes a request.
func ask[T any](c control, std *stdio, do func(ctx context.Context, client *web.Client) (T, error)) (T, error) {
	client, ctx, cancel := c.dial(std)
	defer cancel()
	return do(ctx, client)
}

// tell makes a request and prints the answer: as JSON, or through f.
func tell[T any](c control, std *stdio, do func(ctx context.Context, client *web.Client) (T, error), f func(T)) error {
	v, err := ask(c, std, do)
	if err != nil {
		return err
	}
	return c.print(std, v, func() { f(v) })
}

type unloadCmd struct {
	Name string `arg:"" help:"Program." predictor:"running"`
	control
}

// Run implements the command.
func (c *unloadCmd) Run(std *stdio) error {
	return tell(c.control, std, func(ctx context.Context, client *web.Client) (web.Done, error) {
		return web.Done{}, client.Unload(ctx, c.Name)
	}, func(web.Done) { fmt.Fprintf(std.out, "unloaded %s\n", c.Name) })
}

type listCmd struct{ control }

// Run implements the command.
func (c *listCmd) Run(std *stdio) error {
	return tell(c.control, std, func(ctx context.Context, client *web.Client) (probe.Summary, error) { return client.Summary(ctx) }, func(s probe.Summary) {
		rows := [][]string{{"PROGRAM", "VERSION", "GEN", "STATUS", "PACKETS", "EVENTS", "IN STATES", "ALERTS", "NS/PACKET", "SHARE", "MEMORY"}}
		for _, p := range s.Programs {
			rows = append(rows, []string{
				p.Name, p.Version, fmt.Sprint(p.Generation), p.Status, fmt.Sprint(p.Packets),
				fmt.Sprint(sum(p.Events)), fmt.Sprint(occupied(p.States)), fmt.Sprint(p.Records.Alert),
				costText(p.Cost, "%.0f", func(c *probe.Cost) float64 { return c.NsPerPacket }),
				costText(p.Cost, "%.0f%%", func(c *probe.Cost) float64 { return 100 * c.Share }),
				sizeText(p.MemoryBytes),
			})
		}
		printTable(std.out, rows, 4)
		printCheckpoints(std.out, s.Checkpoint)
		for _, p := range s.Programs {
			printTrouble(std.out, &p)
		}
		if s.Stuck > 0 {
			fmt.Fprintf(std.out, "calls of programs that were given up and go on in the background: %d\n", s.Stuck)
		}
	})
}

func sum(m map[string]uint64) (n uint64) {
	for _, v := range m {
		n += v
	}
	return n
}

func occupied(states map[string]map[string]int) (n int) {
	for _, e := range states {
		for _, v := range e {
			n += v
		}
	}
	return n
}

type showCmd struct {
	Name  string `arg:"" help:"Program." predictor:"running"`
	Limit int    `default:"20" help:"Entities and table entries to show (${default})."`
	control
}

// Run implements the command.
func (c *showCmd) Run(std *stdio) error {
	var p web.Params
	return tell(c.control, std, func(ctx context.Context, client *web.Client) (d probe.Detail, err error) {
		if d, err = client.Show(ctx, c.Name, c.Limit); err == nil {
			p, err = client.Params(ctx, c.Name)
		}
		return d, err
	}, func(d probe.Detail) {
		printProgram(std.out, &d.Program)
		if d.Shadow != nil {
			fmt.Fprintf(std.out, "shadow\n  %s\n", strings.ReplaceAll(strings.TrimSuffix(d.Shadow.Text(), "\n"), "\n", "\n  "))
		}
		if len(p.Params) > 0 {
			fmt.Fprintln(std.out, "parameters")
			for _, v := range p.Params {
				unit := ""
				if v.Type == "duration" {
					unit = "s"
				}
				fmt.Fprintf(std.out, "  %s = %s%s\n", v.Name, v.Value, unit)
			}
		}
		var rows [][]string
		for _, e := range d.Entities {
			rows = append(rows, []string{"  " + e.Entity, visible(string(e.Key)), e.State, "since " + e.Since})
		}
		for _, e := range d.Entries {
			rows = append(rows, []string{"  " + e.Table, visible(string(e.Key)), visible(string(e.Value))})
		}
		if len(rows) > 0 {
			fmt.Fprintln(std.out, "remembered")
			printTable(std.out, rows, 99)
		}
		if d.More {
			fmt.Fprintln(std.out, "  … more; see --limit")
		}
		printCheckpoints(std.out, d.Checkpoint)
	})
}

type reloadCmd struct {
	Name string `arg:"" optional:"" help:"Program; all without." predictor:"running"`
	control
}

// Run implements the command.
func (c *reloadCmd) Run(std *stdio) error {
	return tell(c.control, std, func(ctx context.Context, client *web.Client) (r web.Reloaded, err error) {
		r.Lists, err = client.Reload(ctx, c.Name)
		return r, err
	}, func(r web.Reloaded) { fmt.Fprintf(std.out, "%d lists read again\n", r.Lists) })
}

type sdkCmd struct {
	JSON bool `name:"json" help:"Print everything, sources included, as JSON."`
}

// Run implements the command.
func (c *sdkCmd) Run(std *stdio) error {
	d, err := sdk.Self()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(std.out).Encode(d)
	}
	fmt.Fprintf(std.out, "go %s %s/%s, program interface %d, sources %s\n", d.Go, d.GOOS, d.GOARCH, d.ABI, d.SHA256)
	if !d.Plugins {
		fmt.Fprintf(std.out, "no plugins: %s\n", d.WhyNot)
		std.hintf("%s", d.Mend)
	}
	return nil
}

type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run(std *stdio) error {
	d, err := sdk.Self()
	if err != nil {
		return err
	}
	version := d.Version
	if version == "" {
		version = "(devel)"
	}
	fmt.Fprintf(std.out, "smprobe %s %s %s/%s\n", version, d.Go, d.GOOS, d.GOARCH)
	for _, info := range std.builtin {
		fmt.Fprintf(std.out, "program %s %s\n", info.Manifest.Name, info.Manifest.Version)
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
