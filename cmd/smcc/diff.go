package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/codegen/eval"
	"github.com/streamon/streamon/internal/change"
)

type diffCmd struct {
	Old    string        `arg:"" help:"Program as it was (.smon or .xml)." predictor:"program"`
	New    string        `arg:"" help:"Program as it is to be." predictor:"program"`
	Args   []string      `arg:"" optional:"" passthrough:"" help:"Arguments of smprobe run, for instance -r trace.pcap; without them only the programs are compared. The flags below may stand among them." predictor:"run"`
	Exact  bool          `help:"Use the reference evaluator with exact counters instead of compiled code."`
	Cache  string        `help:"Directory for intermediate files." type:"path"`
	Within time.Duration `default:"10m" placeholder:"DURATION" help:"Alike records that are so far apart at most are one that has moved (${default})."`
	JSON   bool          `name:"json" help:"Print differences as JSON."`
}

// diffResult is what smcc diff --json prints.
type diffResult struct {
	OldRecords  int                 `json:"old_records"`
	NewRecords  int                 `json:"new_records"`
	Same        int                 `json:"same"`
	Differences []change.Difference `json:"differences"`
	Memory      []inherited         `json:"memory"`
	GoneStates  []string            `json:"gone_states"`
}

type inherited struct {
	Name string `json:"name"`
	Kept bool   `json:"kept"`
	Why  string `json:"why,omitempty"`
}

// edition is one of the two programs.
type edition struct {
	*codegen.Program
	file string
	src  []byte
}

// Run compares. The exit code is 1 if records differ.
func (c *diffCmd) Run(ctx context.Context, std *stdio) error {
	if slices.ContainsFunc(c.Args, allowsExec) {
		return &build.UserError{Reason: "smcc diff runs no commands, so it takes no --allow-exec"}
	}
	if i := slices.IndexFunc(c.Args, spoilsRecords); i >= 0 {
		return &build.UserError{Reason: fmt.Sprintf("smcc diff reads the records itself, so it takes no %s", c.Args[i]), Hint: "run each version with smcc run"}
	}
	var both [2]edition
	for i, file := range []string{c.Old, c.New} {
		p, src, err := (input{File: file}).load(ctx, std)
		if err != nil {
			return err
		}
		both[i] = edition{p, file, src}
	}
	res := diffResult{Differences: []change.Difference{}, Memory: []inherited{}, GoneStates: []string{}}
	sameName := both[0].Name() == both[1].Name()
	if sameName {
		c.memory(both, &res)
	}
	if len(c.Args) > 0 {
		var records [2][]change.Record
		for i, v := range both {
			var err error
			if records[i], err = c.records(ctx, v, std); err != nil {
				return err
			}
		}
		res.OldRecords, res.NewRecords = len(records[0]), len(records[1])
		diffs, same := change.Compare(records[0], records[1], c.Within)
		res.Differences, res.Same = append(res.Differences, diffs...), same
	}
	if err := c.print(std.out, both, sameName, &res); err != nil {
		return err
	}
	if len(res.Differences) > 0 {
		return exitError(exitDiagnostics)
	}
	return nil
}

// spoilsRecords reports whether an argument of the probe changes what stands on its
// standard output.
func spoilsRecords(arg string) bool {
	name, _, _ := strings.Cut(arg, "=")
	return slices.Contains([]string{"-q", "--quiet", "--alerts", "--summary", "--state", "--replay", "--socket"}, name)
}

// memory finds out what a hot replacement would keep.
func (c *diffCmd) memory(both [2]edition, res *diffResult) {
	var structures [2][]change.Structure
	var states [2][]string
	for i, v := range both {
		for _, l := range v.Layouts() {
			structures[i] = append(structures[i], change.Structure{Name: l.Name, Layout: l.Text})
		}
		for _, s := range v.IR.States {
			states[i] = append(states[i], s.Name)
		}
	}
	for _, m := range change.Memory(structures[0], structures[1]) {
		res.Memory = append(res.Memory, inherited(m))
	}
	res.GoneStates = append(res.GoneStates, change.Gone(states[0], states[1])...)
}

// records runs one version over the captures and reads what it reports.
func (c *diffCmd) records(ctx context.Context, v edition, std *stdio) ([]change.Record, error) {
	var out, said bytes.Buffer
	into := &stdio{std.in, &out, &said}
	var err error
	if c.Exact {
		err = runExact(eval.Info(v.IR), v.Version, c.Args, into)
	} else {
		run := runCmd{input: input{File: v.file}, Args: c.Args, Cache: c.Cache}
		err = run.compiled(ctx, v.Program, v.src, into)
	}
	if err != nil {
		io.Copy(std.err, &said)
		return nil, err
	}
	return change.ReadRecords(&out)
}

func (c *diffCmd) print(w io.Writer, both [2]edition, sameName bool, res *diffResult) error {
	if c.JSON {
		b, err := json.MarshalIndent(res, "", "  ")
		if err == nil {
			_, err = fmt.Fprintf(w, "%s\n", b)
		}
		return err
	}
	var b strings.Builder
	if len(c.Args) > 0 {
		kinds := map[change.Kind]int{}
		for i := range res.Differences {
			kinds[res.Differences[i].Kind]++
			b.WriteString(res.Differences[i].Text())
		}
		fmt.Fprintf(&b, "records: %d before, %d now; %d the same, %d moved, %d reworded, %d lost, %d gained\n", res.OldRecords, res.NewRecords,
			res.Same, kinds[change.Moved], kinds[change.Reworded], kinds[change.Lost], kinds[change.Gained])
	}
	if !sameName {
		fmt.Fprintf(&b, "memory: %s and %s are different programs to a probe; neither replaces the other\n", both[0].Name(), both[1].Name())
	} else {
		memoryText(&b, res, both[1].IR.States[0].Name)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func memoryText(b *strings.Builder, res *diffResult, start string) {
	var kept []string
	for _, m := range res.Memory {
		if m.Kept {
			kept = append(kept, m.Name)
		}
	}
	fmt.Fprintf(b, "memory: a hot replacement keeps %d of %d structures", len(kept), len(res.Memory))
	if len(kept) > 0 {
		fmt.Fprintf(b, ": %s", strings.Join(kept, ", "))
	}
	b.WriteString("\n")
	for _, m := range res.Memory {
		if !m.Kept {
			fmt.Fprintf(b, "  %s: %s\n", m.Name, m.Why)
		}
	}
	for _, s := range res.GoneStates {
		fmt.Fprintf(b, "  entities in state %s return to %s: the state is gone\n", s, start)
	}
}
