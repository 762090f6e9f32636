package check

import (
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// quantity is what a number counts. Types tell durations and times apart from numbers;
// among numbers this tells what the program says about them without a word: a metric
// that is set without "by" counts, one that is set by a length adds bytes.
type quantity string

// The quantities. A number of which nothing is known, a literal or a parameter, goes
// with all of them.
const (
	unknown quantity = ""
	sizes   quantity = "bytes"
	counts  quantity = "a count"
	rates   quantity = "a rate per second"
	codes   quantity = "a number in a header" // a port, a type, a flag: no amount
)

// metricCounts says of a metric what it counts.
var metricCounts = map[quantity]string{
	sizes:  "metric %q adds up bytes",
	counts: "metric %q counts how often it is set",
	rates:  "metric %q is a rate per second",
}

// byteFields are the fields that hold lengths or places in a stream.
var byteFields = map[string]bool{
	"frame.len": true, "frame.caplen": true, "ip.len": true, "ip.frag_offset": true, "tcp.len": true, "tcp.window": true,
	"tcp.seq": true, "tcp.ack": true, "udp.length": true, "port.len": true,
}

// quantities warns of comparisons, sums and differences of numbers that count different
// things. What was multiplied or divided is not looked at: that is how one quantity is
// made another.
func (c *checker) quantities() {
	amounts := c.amounts()
	ast.Walk(c.p.File, func(n ast.Node) bool {
		b, ok := n.(*ast.Binary)
		if !ok || !b.Op.IsComparison() && b.Op != ast.Add && b.Op != ast.Sub {
			return true
		}
		x, y := c.quantity(b.X, amounts), c.quantity(b.Y, amounts)
		if x == unknown || y == unknown || x == y || x == codes && y == counts || x == counts && y == codes {
			return true
		}
		d := c.warnf(diag.MixedUnits, b, "%q between %s and %s", b.Op, x, y)
		switch {
		case x == rates || y == rates:
			d.Hintf("a count divided by its window in seconds is a rate")
		case x == counts || y == counts:
			d.Hintf("to add up bytes write: set … by frame.len")
		}
		for _, side := range []ast.Expr{b.X, b.Y} {
			if m := c.metricOf(side); m != nil {
				d.Note(m.Decl.Name.Span(), metricCounts[c.quantity(side, amounts)], m.Name)
			}
		}
		return true
	})
}

// metricOf returns the metric that an expression reads and nothing else, or nil.
func (c *checker) metricOf(e ast.Expr) *Metric {
	var o Object
	switch e := unparen(e).(type) {
	case *ast.Name:
		o = c.info.Uses[e]
	case *ast.Index:
		o = c.info.Uses[e.Name]
	}
	m, _ := o.(*Metric)
	return m
}

// amounts returns what is added to each metric, where all its operations agree.
func (c *checker) amounts() map[*Metric]quantity {
	out := map[*Metric]quantity{}
	ast.Walk(c.p.File, func(n ast.Node) bool {
		op, ok := n.(*ast.OpAction)
		if !ok || op.Verb != "set" {
			return true
		}
		for _, o := range op.Ops {
			m, ok := c.info.Uses[o.Metric].(*Metric)
			if !ok {
				continue
			}
			q := counts
			if o.By != nil {
				q = c.quantity(o.By, nil)
			}
			if old, seen := out[m]; seen && old != q {
				q = unknown
			}
			out[m] = q
		}
		return true
	})
	return out
}

// quantity returns what a number counts, unknown if that is not sure.
func (c *checker) quantity(e ast.Expr, amounts map[*Metric]quantity) quantity {
	if m := c.metricOf(e); m != nil {
		return m.quantity(amounts)
	}
	switch e := e.(type) {
	case *ast.Paren:
		return c.quantity(e.X, amounts)
	case *ast.SizeLit:
		return sizes
	case *ast.Name:
		switch o := c.info.Uses[e].(type) {
		case *types.Field:
			switch {
			case byteFields[o.Name]:
				return sizes
			case o.Type == types.Int:
				return codes
			}
		case *Param:
			if o.Type == types.Size {
				return sizes
			}
		case *Feature:
			if o.weight < maxWeight {
				return c.quantity(o.Decl.Value, amounts)
			}
		}
	case *ast.Binary:
		if e.Op == ast.Add || e.Op == ast.Sub {
			if x := c.quantity(e.X, amounts); x == c.quantity(e.Y, amounts) {
				return x
			}
		}
	case *ast.Call:
		switch e.Func.Name {
		case "len":
			return sizes
		case "abs", "min", "max":
			q := c.quantity(e.Args[0], amounts)
			for _, a := range e.Args[1:] {
				if c.quantity(a, amounts) != q {
					return unknown
				}
			}
			return q
		}
	}
	return unknown
}

// quantity returns what m counts.
func (m *Metric) quantity(amounts map[*Metric]quantity) quantity {
	added, fed := amounts[m]
	switch {
	case m.Monitor == nil || !fed || added == codes:
		return unknown
	case m.Monitor.Kind.Name == "hll":
		return counts
	case m.Monitor.Kind.Name == "tewma" && added == counts:
		return rates
	case m.Monitor.Kind.Name == "tewma":
		return unknown // bytes per second, and the like
	}
	return added
}
