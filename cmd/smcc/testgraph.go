package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/codegen/graph"
	"github.com/streamon/streamon/codegen/graph/draw"
	"github.com/streamon/streamon/internal/suite"
	"github.com/streamon/streamon/internal/trace"
	"github.com/streamon/streamon/lang"
)

// drawCoverage draws the machines of each program that has been tested, with what was
// reached, to a file in dir. Two programs of one name are an error.
func drawCoverage(dir string, r *suite.Report) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return &build.UserError{Reason: err.Error(), Hint: "give a directory: --graph DIR"}
	}
	drawn := map[string]string{}
	for _, res := range r.Results {
		if res.Coverage == nil {
			continue
		}
		src, err := readProgram(res.Program)
		if err != nil {
			return err
		}
		p, diags := lang.Check(res.Program, src, listReader(filepath.Dir(res.Program)))
		if diags.HasErrors() {
			return fmt.Errorf("%s: has errors after its tests have run", res.Program)
		}
		path := filepath.Join(dir, outputName(res.Program, ".svg"))
		if other, ok := drawn[path]; ok {
			return &build.UserError{Reason: fmt.Sprintf("%s and %s would both be drawn to %s", other, res.Program, path), Hint: "test them one after the other, to two directories"}
		}
		drawn[path] = res.Program
		g := graph.Of(p)
		g.Mark(reachedOf(res.Coverage), reachedText(res.Coverage, len(res.Tests)))
		var text bytes.Buffer
		if err := g.SVG(&text); err != nil {
			return err
		}
		if err := os.WriteFile(path, text.Bytes(), 0o666); err != nil {
			return &build.UserError{Reason: err.Error(), Hint: "give a directory that can be written to: --graph DIR"}
		}
	}
	return nil
}

// reachedText says what was reached in a line.
func reachedText(c *trace.Coverage, tests int) string {
	word := "tests"
	if tests == 1 {
		word = "test"
	}
	s, t, k := c.StateRatio(), c.TransitionRatio(), c.ConditionRatio()
	return fmt.Sprintf("reached by %d %s: states %d/%d, transitions %d/%d, conditions %d/%d", tests, word, s.Done, s.All, t.Done, t.All, k.Done, k.All)
}

// reachedOf brings counts to what a graph is marked with.
func reachedOf(c *trace.Coverage) *draw.Reached {
	r := &draw.Reached{States: map[string]uint64{}, Transitions: map[draw.Transition]uint64{}, Conditions: map[draw.Place]draw.Outcomes{}}
	for _, s := range c.States {
		r.States[s.Name] = s.Count
	}
	for _, t := range c.Transitions {
		r.Transitions[draw.Transition{From: t.From, To: t.To, Line: t.Line}] += t.Count
	}
	for _, k := range c.Conditions {
		r.Conditions[draw.Place{Line: k.Line, Column: k.Column}] = draw.Outcomes{Held: k.Held, DidNot: k.DidNot}
	}
	return r
}
