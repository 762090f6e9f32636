// Package gogen turns the IR into Go: one file that a person can read, that go
// vet accepts and that is the same on every run.
//
// It owns what the generated file looks like; what it means was decided by
// lowering and by the passes, and real work is done by packages under runtime/,
// which are named here as strings (a test checks them). There is one emitter
// file for each layer of the paper:
//
//	event.go      which packets happen, for which entity   (Process, onSyn)
//	chunk.go      64 packets at a time: Process; match.go: which events happen
//	column.go     hashes and metrics of a chunk, column by column; idle.go: whether that was all
//	metric.go     operations on metrics; table.go: on side tables; key.go: their keys
//	feature.go    computed values; expr.go, cond.go, val.go: expressions
//	decision.go   states, arms, transitions; locals.go: values within a handler
//	action.go     alerts, messages, verdicts
//	exec.go       commands
//	timer.go      timeouts and ticks; capture.go: what they keep of a packet
//	memory.go     structures and how they are inherited; machine.go: the instance
//	steer.go      who owns what, if the program can be run in shards; shard.go: a shard's part
//	twin.go       the same for heads of packets
//	manifest.go   what the host is told; stats.go: what it can ask
//
// How undefined is written: every Go expression comes with the guards under which
// it is defined (see val). Guards on layers are merged and tested first, in one
// comparison of p.Has; floats are NaN.
//
//	src, err := gogen.Emit(p, gogen.Options{Package: "main", ID: id, Version: version})
package gogen

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/codegen/partition"
)

// runtimePath is where the packages are that generated code imports.
const runtimePath = "github.com/streamon/streamon/runtime/"

// Options say how the file is named and identified. The zero value is that of a
// plugin without identity.
type Options struct {
	Package    string // package clause; "" = main. A main package gets an empty func main, for plugins
	ID         string // Manifest.ID
	Version    string // Manifest.Version
	Rules      []Rule // Manifest.Rules
	SourcePath string // file name in line directives; "" = the program's File, else its name
	FileName   string // name of the generated file, for leading back from line directives; "" = the program's name + ".go"
}

// source is the file name for a directive; positions may come from other files.
func (o Options) source(pos ir.Pos) string {
	if o.SourcePath != "" {
		return o.SourcePath
	}
	return path.Base(pos.Filename)
}

// resetMark stands for a line directive that leads back to the generated file;
// its line number is known when the file is laid out.
const resetMark = "//line smcc-reset:1"

// gen writes one file. The slices of names are parallel to the program's
// declarations.
type gen struct {
	p    *ir.Program
	opt  Options
	file *jen.File
	errs []error

	top     scope // names of the file
	members scope // fields and methods of machine

	params, lists, states, events                   []string
	metrics, detectors, tops, topLists, topValues   []string
	tables, storers                                 []string
	entities, movers, expirers, lookers             []string
	namers, keyVars                                 []string
	sharders, writers                               []string
	plan                                            *partition.Plan
	handlers, timeouts, ticks, captureVars          []string
	captures                                        []captures
	structures                                      []structure
	wheels                                          []wheel
	layers                                          layers
	texts                                           []*jen.Statement // constant texts that records refer to
	fields                                          int              // most named values of one record
	args                                            int              // most arguments of one command
	stores                                          map[int]bool     // tables that are written
	usesTop                                         map[int]bool     // topk metrics with a key: whose list can be had
	fixed                                           []*jen.Statement // what the constant parts of keys contribute to their hashes
	batches                                         []batched        // by event
	writeBatches                                    []batched        // for the writes of an event, likewise
	columnar                                        map[int]columnar // metrics that are done column by column
	columns, values, rates, seen                    int              // columns of hashes, values, values that are floats, and answers of detectors
	skips                                           skips            // packets that match does not look at
	idle                                            *idle            // nil = it cannot be told that a chunk is idle
	verdicts, records, usesStateName, usesStateCode bool
}

// wheel is one set of timers: what is bound to the agenda, in order.
type wheel struct {
	field  string
	states bool   // Bind takes the names of the states
	fire   string // method that takes one timer and runs it
}

// Emit returns the Go source of p. The error joins everything in p that Go cannot
// be written for; ir.Verify finds most of it before.
func Emit(p *ir.Program, opt Options) ([]byte, error) {
	_, src, err := emit(p, opt)
	return src, err
}

// emit is Emit, and returns what it knew of p.
func emit(p *ir.Program, opt Options) (*gen, []byte, error) {
	if opt.Package == "" {
		opt.Package = "main"
	}
	if opt.FileName == "" {
		opt.FileName = p.Name + ".go"
	}
	if opt.SourcePath == "" {
		opt.SourcePath = p.File
	}
	g := &gen{p: p, opt: opt, plan: partition.Of(p), top: fileScope(), members: memberScope(), stores: map[int]bool{}, usesTop: map[int]bool{}}
	for i, d := range p.Metrics {
		if d.Monitor != nil && d.Monitor.Kind == "topk" && len(d.Key) > 0 {
			g.usesTop[i] = true
		}
	}
	g.name()
	g.structures = g.memory()
	g.planWheels()
	handlers := g.emitHandlers() // what they use decides what the rest has
	g.file = g.newFile()
	g.emitFile(handlers)
	if len(g.errs) > 0 {
		return nil, nil, fmt.Errorf("gogen: %w", errors.Join(g.errs...))
	}
	var b bytes.Buffer
	if err := g.file.Render(&b); err != nil {
		return nil, nil, fmt.Errorf("gogen: laying out %s: %w", g.p.Name, err)
	}
	return g, g.number(addTwins(b.Bytes())), nil
}

func (g *gen) fail(err error) { g.errs = append(g.errs, err) }

// newFile returns an empty file of the package.
func (g *gen) newFile() *jen.File {
	f := jen.NewFilePathName("generated/"+g.p.Name, g.opt.Package)
	for _, pkg := range runtimePackages {
		f.ImportName(runtimePath+pkg, pkg)
	}
	return f
}

// runtimePackages are those that generated code may import.
var runtimePackages = []string{"dleft", "flow", "list", "metric", "packet", "program", "sketch", "timer", "xfsm"}

// method writes a method of machine.
func (g *gen) method(name string, params []jen.Code, body ...jen.Code) {
	g.file.Func().Params(jen.Id("m").Op("*").Id("machine")).Id(name).Params(params...).Block(body...)
	g.file.Line()
}

// emitHandlers writes the methods that do the program's work, to a file of their
// own.
func (g *gen) emitHandlers() *jen.File {
	g.file = g.newFile()
	g.planColumns()
	for i, e := range g.p.Events {
		switch e.Kind {
		case ir.PacketEvent:
			g.emitPacketEvent(i)
		case ir.TimeoutEvent:
			g.emitTimeout(i)
		case ir.TickEvent:
			g.emitTick(i)
		}
	}
	g.planSkips()
	g.emitMatch()
	g.emitFill()
	g.emitIdle()
	g.emitShards()
	for i := range g.p.Entities {
		g.emitMover(i)
		g.emitExpiry(i)
		g.emitLooker(i)
		if g.records {
			g.emitNamer(i)
		}
	}
	if g.records {
		g.emitEmit()
	}
	for i := range g.p.Tables {
		if g.stores[i] {
			g.emitStorer(i)
		}
	}
	for i := range g.p.Metrics {
		if g.usesTop[i] {
			g.emitTop(i)
		}
	}
	return g.file
}

// emitFile writes all parts in the order in which they are read.
func (g *gen) emitFile(handlers *jen.File) {
	g.emitHead()
	g.emitManifest()
	g.emitConsts()
	g.emitMachine()
	for i := range g.p.Events {
		g.emitCaptureType(i)
	}
	g.emitNew()
	g.emitActivate()
	g.emitLazyStates()
	g.emitBegin()
	g.emitProcess()
	g.emitChunk()
	g.emitPass()
	g.emitTickMethod()
	g.emitAdvance()
	g.file.Add(handlers.Group)
	g.emitStats()
	g.emitStates()
	g.emitTables()
	g.emitTops()
	g.emitStateTexts()
}

// number replaces the marks by directives with the number of the line that
// follows; marks that nothing stands between are one.
func (g *gen) number(src []byte) []byte {
	var out bytes.Buffer
	line := 0
	lines := bytes.Split(src, []byte("\n"))
	for i, l := range lines {
		if i == len(lines)-1 && len(l) == 0 {
			break
		}
		line++
		if bytes.Equal(bytes.TrimSpace(l), []byte(resetMark)) {
			out.WriteString("//line " + g.opt.FileName + ":" + strconv.Itoa(line+1) + ":1\n")
			continue
		}
		out.Write(l)
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// emitHead writes the header, the package comment and, for a plugin, main.
func (g *gen) emitHead() {
	from := g.p.File
	if from == "" {
		from = g.p.Name
	}
	g.file.HeaderComment("// Code generated by smcc from " + from + "; DO NOT EDIT.")
	if g.opt.Package == "main" {
		g.file.PackageComment("// Command " + g.p.Name + " is a StreaMon program, built as a plugin.")
		g.file.Func().Id("main").Params().Block()
		g.file.Line()
	} else {
		g.file.PackageComment("// Package " + g.opt.Package + " is the StreaMon program " + g.p.Name + ".")
	}
}

// emitConsts writes the numbers of states and events.
func (g *gen) emitConsts() {
	list := func(doc string, names []string) {
		if len(names) == 0 {
			return
		}
		defs := []jen.Code{jen.Id(names[0]).Op("=").Iota()}
		for _, n := range names[1:] {
			defs = append(defs, jen.Id(n))
		}
		g.file.Comment(doc)
		g.file.Const().Defs(defs...)
		g.file.Line()
	}
	list("The states, by number; the first is the default state.", g.states)
	list("The events, by number.", g.events)
}
