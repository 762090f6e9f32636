package main

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// hoist moves the flags of a command that hands arguments on to the probe, such as smcc
// run, before these, so that they may stand anywhere: kong reads none behind the first
// that it does not know.
func hoist(model *kong.Node, args []string) []string {
	if len(args) < 2 {
		return args
	}
	i := slices.IndexFunc(model.Children, func(n *kong.Node) bool { return n.Name == args[0] && handsOn(n) })
	if i < 0 {
		return args
	}
	flags := map[string]*kong.Flag{}
	for _, f := range model.Children[i].Flags {
		flags["--"+f.Name] = f
	}
	own, rest := args[:1:1], []string(nil)
	for i := 1; i < len(args); i++ {
		if args[i] == "--" {
			rest = append(rest, args[i:]...)
			break
		}
		name, _, hasValue := strings.Cut(args[i], "=")
		f := flags[name]
		switch {
		case f == nil:
			rest = append(rest, args[i])
		case !f.IsBool() && !hasValue && i+1 < len(args):
			own = append(own, args[i], args[i+1])
			i++
		default:
			own = append(own, args[i])
		}
	}
	return append(own, rest...)
}

// handsOn reports whether a command takes arguments of another one.
func handsOn(n *kong.Node) bool {
	return slices.ContainsFunc(n.Positional, func(p *kong.Positional) bool { return p.Passthrough })
}
