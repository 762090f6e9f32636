package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/internal/suite"
	"github.com/streamon/streamon/internal/trace"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

type testCmd struct {
	Paths     []string `arg:"" help:"Programs, files of tests (NAME_test.txtar beside NAME.smon), directories, or DIR/... for all below." predictor:"program"`
	Filter    string   `name:"run" placeholder:"REGEXP" help:"Only tests whose name matches."`
	Update    bool     `help:"Rewrite what failed tests expect to what happened."`
	Verbose   bool     `short:"v" help:"Print each test."`
	Uncovered bool     `help:"Print the states, transitions and conditions that no test reaches."`
	Need      float64  `placeholder:"PERCENT" help:"Fail if fewer percent of states or of conditions are reached."`
	Parallel  int      `short:"j" placeholder:"N" help:"Run N tests at a time, 0 = one for each processor (${default})." default:"0"`
	JUnit     string   `name:"junit" placeholder:"FILE" help:"Write results to FILE in JUnit's XML."`
	Graph     string   `placeholder:"DIR" help:"Draw what was reached on the state machines: DIR/NAME.svg for each program." type:"path" predictor:"dir"`
	Coverage  string   `placeholder:"FILE" help:"Write what was reached to FILE as JSON: counts of states, transitions and conditions with their lines."`
}

// Run runs the tests.
func (c *testCmd) Run(ctx context.Context, std *stdio) error {
	opt := suite.Options{Compile: compileForTest, Parallel: c.Parallel, Update: c.Update}
	if c.Parallel <= 0 {
		opt.Parallel = runtime.GOMAXPROCS(0)
	}
	if c.Filter != "" {
		re, err := regexp.Compile(c.Filter)
		if err != nil {
			return &build.UserError{Reason: fmt.Sprintf("--run: %v", err)}
		}
		opt.Run = re
	}
	suites, err := suite.Find(c.Paths)
	if err != nil {
		return &build.UserError{Reason: err.Error(), Hint: "give programs, files of tests or directories; DIR/... is a directory and all below"}
	}
	report := &suite.Report{Out: std.out, Verbose: c.Verbose, Uncovered: c.Uncovered}
	suite.Run(ctx, suites, opt, report.Add)
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.JUnit != "" {
		var b bytes.Buffer
		if err := report.JUnit(&b); err != nil {
			return err
		}
		if err := writeOut(c.JUnit, b.Bytes(), "--junit FILE"); err != nil {
			return err
		}
	}
	if c.Coverage != "" {
		if err := writeCoverage(c.Coverage, report); err != nil {
			return err
		}
	}
	if c.Graph != "" {
		if err := drawCoverage(c.Graph, report); err != nil {
			return err
		}
	}
	if !report.Finish(c.Need) {
		return exitError(exitDiagnostics)
	}
	return nil
}

// writeCoverage writes what was reached, by program.
func writeCoverage(path string, r *suite.Report) error {
	all := map[string]*trace.Coverage{}
	for _, res := range r.Results {
		if res.Coverage != nil {
			all[res.Program] = res.Coverage
		}
	}
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return writeOut(path, append(b, '\n'), "--coverage FILE")
}

// compileForTest compiles a program to plain IR. The error holds its diagnostics.
func compileForTest(ctx context.Context, file string) (*ir.Program, error) {
	src, err := readProgram(file)
	if err != nil {
		return nil, err
	}
	p, list, err := codegen.Front(ctx, file, src, codegen.Options{ReadFile: listReader(filepath.Dir(file))})
	if err == nil && list.Count(diag.Error) > 0 {
		var b bytes.Buffer
		if err := list.Print(&b, source.NewFile(file, src), false); err != nil {
			return nil, err
		}
		err = errors.New(string(bytes.TrimSpace(b.Bytes())))
	}
	return p, err
}
