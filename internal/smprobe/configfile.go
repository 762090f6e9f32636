package smprobe

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/sink"
)

// configPath returns what --config of run names, or "". The file is read before the
// command line is: it has values of flags.
func configPath(args []string) string {
	if len(args) == 0 || args[0] != "run" {
		return ""
	}
	for i, a := range args {
		switch path, ok := strings.CutPrefix(a, "--config="); {
		case a == "--":
			return ""
		case ok:
			return path
		case a == "--config" && i+1 < len(args):
			return args[i+1]
		}
	}
	return ""
}

// notInFile are the flags of run that are no keys of a configuration file: programs
// and sinks are tables there.
var notInFile = []string{"help", "config", "check", "program", "set", "list", "sink"}

// configurable returns the flags of run that may stand in a configuration file.
func configurable(parser *kong.Kong) (names []string) {
	for _, n := range parser.Model.Children {
		if n.Name != "run" {
			continue
		}
		for _, f := range n.Flags {
			if !slices.Contains(notInFile, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// fileFlags gives flags that are not on the command line their values of the file.
func fileFlags(f *config.File) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		v, ok := f.Flags[flag.Name]
		if !ok {
			return nil, nil
		}
		list, ok := v.([]any)
		switch {
		case !ok && flag.IsSlice():
			list = []any{v}
		case !ok:
			return fmt.Sprint(v), nil
		case !flag.IsSlice():
			return nil, fmt.Errorf("%s: %s takes one value, not a list", f.Path, flag.Name)
		}
		texts := make([]any, len(list))
		for i, e := range list {
			texts[i] = fmt.Sprint(e)
		}
		return texts, nil
	})
}

// sinks returns the sinks of the command line and of the configuration file.
func (c *runCmd) sinks() (specs []*sink.Spec, err error) {
	for _, text := range c.Sink {
		s, err := sink.Parse(text)
		if err != nil {
			return nil, err
		}
		specs = append(specs, s)
	}
	if c.file == nil {
		return specs, nil
	}
	for _, k := range c.file.Sinks {
		s, err := sink.ParseOptions(k.To, k.Options)
		if err != nil {
			return nil, misplaced(c.file, k.Options, err)
		}
		specs = append(specs, s)
	}
	return specs, nil
}

// misplaced says of a key of the whole file that stands in the table of a sink where it belongs.
func misplaced(f *config.File, options map[string]string, err error) error {
	for _, key := range slices.Sorted(maps.Keys(options)) {
		if f.IsKey(key) && strings.Contains(err.Error(), fmt.Sprintf("unknown option %q", key)) {
			return &probe.HintError{Err: err, Hint: key + ": " + config.Misplaced, Usage: true}
		}
	}
	return err
}
