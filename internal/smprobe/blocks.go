package smprobe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/mitigate"
	"github.com/streamon/streamon/internal/web"
)

type blocksCmd struct {
	Address string `arg:"" optional:"" help:"Blocks of what comes from or goes to this address; all without."`
	Program string `placeholder:"NAME" help:"Blocks that this instance wants." predictor:"running"`
	Limit   int    `default:"20" help:"Blocks to show (${default})."`
	control
}

// Run implements the command.
func (c *blocksCmd) Run(std *stdio) error {
	return tell(c.control, std, func(ctx context.Context, client *web.Client) (web.Blocks, error) {
		return client.Blocks(ctx, web.BlockChoice{Address: c.Address, Program: c.Program}, c.Limit)
	}, func(b web.Blocks) {
		if b.Mode == mitigate.DryRun.String() {
			fmt.Fprintln(std.out, "dry run: this would be blocked, and is not")
		}
		rows := [][]string{{"FROM", "TO", "UNTIL", "BY"}}
		for _, e := range b.Blocks {
			var by []string
			for _, claim := range e.By {
				if claim.Tenant != "" {
					claim.Program += " of " + claim.Tenant
				}
				by = append(by, claim.Program)
			}
			from, to := "any", "any"
			if e.Src.IsValid() {
				from = e.Src.String()
			}
			if e.Dst.IsValid() {
				to = e.Dst.String()
			}
			rows = append(rows, []string{from, to, e.Until.UTC().Format(time.RFC3339), strings.Join(by, ", ")})
		}
		printTable(std.out, rows, len(rows[0]))
		if more := b.Total - len(b.Blocks); more > 0 {
			fmt.Fprintf(std.out, "… %d more; see --limit\n", more)
		}
	})
}

type liftCmd struct {
	Address string `arg:"" optional:"" help:"Only blocks of what comes from or goes to this address."`
	Program string `placeholder:"NAME" help:"Only blocks that this instance wants."`
	Hold    string `default:"10m" placeholder:"TIME" help:"Block nothing of it again for so long; 0s = programs may at once (${default})."`
	Socket  string `env:"SMPROBE_SOCKET" placeholder:"PATH" help:"Control socket of the probe. Without it the table of nftables is removed, whether a probe runs or not."`
	Table   string `name:"block-table" default:"streamon" placeholder:"NAME" help:"That table (${default})."`
	JSON    bool   `name:"json" help:"Print the answer of the probe as JSON."`
}

// Run implements the command.
func (c *liftCmd) Run(std *stdio) error {
	hold, err := config.ParseDuration(c.Hold)
	if err != nil || hold < 0 {
		return usagef("for instance --hold 1h", "--hold %q: expected a time", c.Hold)
	}
	if !mitigate.IsTableName(c.Table) {
		return tableName(c.Table)
	}
	if c.Socket == "" {
		return c.liftTable(std, hold)
	}
	return tell(control{running{c.Socket}, c.JSON}, std, func(ctx context.Context, client *web.Client) (web.Lifted, error) {
		return client.Lift(ctx, web.BlockChoice{Address: c.Address, Program: c.Program}, hold)
	}, func(l web.Lifted) {
		fmt.Fprintf(std.out, "lifted %d blocks\n", l.Lifted)
		if hold > 0 {
			fmt.Fprintf(std.out, "nothing of it is blocked again for %v; --hold 0s ends that\n", hold)
		}
	})
}

// liftTable removes everything that a probe has blocked here with nftables.
func (c *liftCmd) liftTable(std *stdio, hold time.Duration) error {
	if c.Address != "" || c.Program != "" || c.JSON {
		return usagef("smprobe lift --socket PATH …, or smprobe lift for everything", "without --socket everything is lifted")
	}
	switch err := mitigate.Lift(c.Table, hold); {
	case errors.Is(err, mitigate.ErrNoTable):
		fmt.Fprintf(std.out, "nothing is blocked: there is no table %s of a probe\n", c.Table)
		return nil
	case err != nil:
		return err
	}
	fmt.Fprintf(std.out, "lifted everything; a running probe blocks nothing for %v\n", hold)
	return nil
}
