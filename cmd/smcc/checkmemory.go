package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
	"github.com/streamon/streamon/lang/types"
)

// memorySize is a size on the command line, written as in a program: 64MB.
type memorySize int64

// UnmarshalText reads a size with the parser of the language.
func (m *memorySize) UnmarshalText(text []byte) error {
	file, diags := lang.Parse("", []byte("program p param size = "+string(text)))
	if !diags.HasErrors() && len(file.Decls) == 1 {
		if p, ok := file.Decls[0].(*ast.ParamDecl); ok {
			if x, ok := p.Value.(*ast.SizeLit); ok && x.Value > 0 {
				*m = memorySize(x.Value)
				return nil
			}
		}
	}
	return fmt.Errorf("%q is not a size: write a number and a unit, for instance 64MB", text)
}

// checkMemory warns of structures of a program that alone take more than a limit,
// and, if there is none, of a program that does.
func checkMemory(list *diag.List, p *codegen.Program, limit int64) {
	file := p.Checked.File
	decls := map[int]ast.Decl{}
	for _, d := range file.Decls {
		decls[d.Span().Start.Offset] = d
	}
	all := structures(p.IR)
	over, sum := false, int64(0)
	for _, s := range all {
		sum += s.Bytes
		if s.Bytes <= limit {
			continue
		}
		over = true
		d := list.Warnf(diag.Oversized, place(decls, s.pos), "%s of %q: %s, more than the %s allowed", s.Kind, s.Name, byteText(s.Bytes), byteText(limit))
		if fits := s.fitting(limit); fits > 0 {
			d.Hintf("capacity: %d would take %s", fits, byteText(s.size(fits)))
		} else {
			d.Hintf("a larger error takes less")
		}
		if s.Capacity == types.DefaultCapacity && !hasCapacity(decls[s.pos.Offset]) {
			d.Note(source.Span{}, "no capacity is given, so it is made for %d keys", s.Capacity)
		}
	}
	if over || sum <= limit {
		return
	}
	at := source.Span{}
	if file.Program != nil {
		at = file.Program.Span()
	}
	d := list.Warnf(diag.Oversized, at, "the structures of the program take %s, more than the %s allowed", byteText(sum), byteText(limit))
	slices.SortStableFunc(all, func(a, b structure) int { return cmp.Compare(b.Bytes, a.Bytes) })
	for _, s := range all[:min(3, len(all))] {
		d.Note(place(decls, s.pos), "%s of %q: %s for %d keys", s.Kind, s.Name, byteText(s.Bytes), s.Capacity)
	}
}

// place returns the span of the declaration that begins at a position.
func place(decls map[int]ast.Decl, pos source.Pos) source.Span {
	if d := decls[pos.Offset]; d != nil {
		return d.Span()
	}
	return source.Span{Start: pos, End: pos}
}

// fitting returns a round capacity with which s keeps to a limit, or 0.
func (s structure) fitting(limit int64) int {
	if s.size == nil {
		return 0
	}
	for step := 1_000_000_000; step > 0; step /= 10 {
		for n := 9; n > 0; n-- {
			if c := n * step; c < s.Capacity && s.size(c) <= limit {
				return c
			}
		}
	}
	return 0
}

// hasCapacity reports whether a declaration says how many keys there are.
func hasCapacity(d ast.Decl) bool {
	var args []*ast.Arg
	switch d := d.(type) {
	case *ast.MetricDecl:
		for _, p := range d.Parts {
			args = append(args, p.Args...)
		}
	case *ast.TableDecl:
		args = d.Options
	case *ast.EntityDecl:
		args = d.Options
	}
	return slices.ContainsFunc(args, func(a *ast.Arg) bool { return a.Name.Name == "capacity" })
}

// byteText prints a number of bytes in the units of the language, with three
// digits: "64MB", "1.17GB".
func byteText(n int64) string {
	x, unit := float64(n), "B"
	for _, next := range []string{"KB", "MB", "GB", "TB"} {
		if x < 1000 {
			break
		}
		x, unit = x/1000, next
	}
	return fmt.Sprintf("%.3g%s", x, unit)
}
