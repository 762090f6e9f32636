package main

import "strings"

// ownFlags are the flags of commands that hand arguments on to the probe, and whether
// they take a value.
var ownFlags = map[string]map[string]bool{
	"run": {
		"--exact": false, "--cache": true, "--trace": true, "--trace-limit": true, "--trace-misses": false, "--trace-brief": false, "--json": false,
		"--plot": true, "--plot-key": true, "--plot-value": true,
	},
	"diff": {"--exact": false, "--cache": true, "--within": true, "--json": false},
}

// hoist moves the flags of smcc run and smcc diff before the arguments that they hand
// on, so that they may stand anywhere: kong reads none behind the first that it does
// not know.
func hoist(args []string) []string {
	if len(args) < 2 || ownFlags[args[0]] == nil {
		return args
	}
	flags := ownFlags[args[0]]
	own, rest := args[:1:1], []string(nil)
	for i := 1; i < len(args); i++ {
		if args[i] == "--" {
			rest = append(rest, args[i:]...)
			break
		}
		name, _, hasValue := strings.Cut(args[i], "=")
		takes, isOwn := flags[name]
		switch {
		case !isOwn:
			rest = append(rest, args[i])
		case takes && !hasValue && i+1 < len(args):
			own = append(own, args[i], args[i+1])
			i++
		default:
			own = append(own, args[i])
		}
	}
	return append(own, rest...)
}
