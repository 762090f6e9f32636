// Package suite runs the tests that stand beside programs: NAME_test.txtar beside
// NAME.smon. A section whose name has no dot is a test, a script of package script;
// the others are files, for lists. What stands before the first section is for readers.
//
//	Bots, and hosts that only look like bots.
//	-- bot --
//	at 0s  dns 10.0.0.53:53 > 10.0.0.1:1024 answer nowhere.example nxdomain  x10 every 1s
//	expect state 10.0.0.1 alert
//
// Tests run on the reference evaluator, so that no sketch errs. Each has an instance of
// its own; what they reach of the program is counted together.
package suite

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/script"
	"github.com/streamon/streamon/internal/trace"
)

// Ending is what the name of a file of tests ends with.
const Ending = "_test.txtar"

// Options say how tests are run.
type Options struct {
	// Compile compiles a program to IR that no pass has seen.
	Compile  func(ctx context.Context, file string) (*ir.Program, error)
	Run      *regexp.Regexp // only tests whose name matches; nil = all
	Parallel int            // tests at a time; 0 = 1
	Update   bool           // rewrite what tests expect
}

// Suite is one program and its tests.
type Suite struct {
	Program string // path
	File    string // of the tests; "" = there is none
}

// Result is what came of a suite.
type Result struct {
	Suite
	Err      error // the program does not compile, or the file cannot be read
	Tests    []Test
	Coverage *trace.Coverage // nil if nothing ran
	Updated  bool            // File was rewritten
}

// Test is what came of one test.
type Test struct {
	Name     string
	Line     int // of its section in the file
	Failures []script.Failure
	Took     time.Duration
}

// Failed reports whether something did not hold.
func (r *Result) Failed() bool {
	for _, t := range r.Tests {
		if len(t.Failures) > 0 {
			return true
		}
	}
	return r.Err != nil
}

// Run runs suites, several tests at a time, and calls done with each result in order.
func Run(ctx context.Context, suites []Suite, opt Options, done func(*Result)) {
	slots := make(chan struct{}, max(1, opt.Parallel))
	results := make([]chan *Result, len(suites))
	for i, s := range suites {
		results[i] = make(chan *Result, 1)
		go func() { results[i] <- runSuite(ctx, s, opt, slots) }()
	}
	for _, c := range results {
		done(<-c)
	}
}

// runSuite runs the tests of one program; each holds a slot while it runs.
func runSuite(ctx context.Context, s Suite, opt Options, slots chan struct{}) *Result {
	res := &Result{Suite: s}
	if s.File == "" {
		return res
	}
	slots <- struct{}{}
	p, err := opt.Compile(ctx, s.Program)
	<-slots
	if err != nil {
		res.Err = err
		return res
	}
	data, err := os.ReadFile(s.File)
	if err != nil {
		res.Err = err
		return res
	}
	ar := txtar.Parse(data)
	total := trace.NewCounter(p)
	var mu sync.Mutex
	var tests sync.WaitGroup
	line := 1 + strings.Count(string(ar.Comment), "\n")
	res.Tests = make([]Test, 0, len(ar.Files)) // has room for all: results stay where they are
	var mended []func()
	for i := range ar.Files {
		f := &ar.Files[i]
		at := line
		line += 1 + strings.Count(string(f.Data), "\n")
		if strings.Contains(f.Name, ".") || opt.Run != nil && !opt.Run.MatchString(f.Name) {
			continue
		}
		res.Tests = append(res.Tests, Test{Name: f.Name, Line: at})
		test := &res.Tests[len(res.Tests)-1]
		text := string(f.Data)
		tests.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if ctx.Err() != nil {
				return
			}
			begun := time.Now()
			run := func(text string) (*script.Result, *trace.Counter) {
				c := trace.NewCounter(p)
				return script.Run(text, script.Options{Info: c.Info(), Open: opener(s), Read: reader(s, ar), Value: c.Value}), c
			}
			got, counter := run(text)
			if fresh := got.Mended; opt.Update && len(got.Failures) > 0 && fresh != text {
				got, counter = run(fresh)
				mu.Lock()
				mended = append(mended, func() { f.Data = []byte(fresh) })
				mu.Unlock()
			}
			mu.Lock()
			defer mu.Unlock()
			test.Failures, test.Took = got.Failures, time.Since(begun)
			total.Add(&counter.Coverage)
		})
	}
	tests.Wait()
	if err := ctx.Err(); err != nil {
		res.Err = err
		return res
	}
	if len(res.Tests) > 0 {
		res.Coverage = &total.Coverage
	}
	if len(mended) > 0 {
		for _, f := range mended {
			f()
		}
		res.Updated, res.Err = true, os.WriteFile(s.File, txtar.Format(ar), 0o666)
	}
	return res
}

// opener opens captures by paths relative to the file of tests.
func opener(s Suite) func(string) (capture.Source, error) {
	return func(name string) (capture.Source, error) { return capture.Open(beside(s, name)) }
}

// reader reads the files of lists: sections of the archive, else files beside it.
func reader(s Suite, ar *txtar.Archive) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		for _, f := range ar.Files {
			if f.Name == name {
				return f.Data, nil
			}
		}
		return os.ReadFile(beside(s, name))
	}
}

func beside(s Suite, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(s.File), name)
}
