// Package shell has what a command line can do beside its work: complete itself in
// a shell, and describe itself as a manual page. Both are made from the model of
// package kong, so that they know every command and flag.
//
// A shell asks by running the command with the line so far in COMP_LINE and where
// the cursor is in COMP_POINT, as bash does it (see its manual, Programmable
// Completion). [Complete] answers; the functions that ask are in [Script].
package shell

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/posener/complete"
	"github.com/willabides/kongplete"
)

// Words returns what the word being typed can become. done are the words before
// it, without the command.
type Words func(done []string, last string) []string

// Complete answers a shell that asks how the line goes on, a word a line, and
// reports whether one did. A field with the tag predictor:"NAME" is completed by
// words[NAME]; the others are completed by their enum, or by the shell, which then takes
// names of files.
func Complete(k *kong.Kong, words map[string]Words, w io.Writer) (bool, error) {
	if os.Getenv("COMP_LINE") == "" || os.Getenv("COMP_POINT") == "" {
		return false, nil
	}
	cmd, err := command(k, words)
	if err != nil {
		return true, err
	}
	var out bytes.Buffer
	c := complete.New(k.Model.Name, cmd)
	c.Out = &out
	c.Complete()
	lines := slices.Sorted(strings.Lines(out.String()))
	for _, l := range slices.Compact(lines) {
		if _, err := io.WriteString(w, l); err != nil {
			return true, err
		}
	}
	return true, nil
}

// Sub returns words for the arguments of a command that takes those of another
// one's command called name.
func Sub(k *kong.Kong, name string, words map[string]Words) (Words, error) {
	cmd, err := command(k, words)
	if err != nil {
		return nil, err
	}
	sub, ok := cmd.Sub[name]
	if !ok {
		return nil, fmt.Errorf("%s has no command %s", k.Model.Name, name)
	}
	return func(done []string, last string) []string {
		a := complete.Args{Completed: done, All: append(slices.Clone(done), last), Last: last}
		if len(done) > 0 {
			a.LastCompleted = done[len(done)-1]
		}
		return sub.Predict(a)
	}, nil
}

func command(k *kong.Kong, words map[string]Words) (complete.Command, error) {
	predictors := map[string]complete.Predictor{}
	for name, f := range words {
		predictors[name] = complete.PredictFunc(func(a complete.Args) []string { return f(a.Completed, a.Last) })
	}
	return kongplete.Command(k, kongplete.WithPredictors(predictors))
}

// Files returns words that are files with one of the endings, and directories.
func Files(endings ...string) Words {
	return func(_ []string, last string) (list []string) {
		dir := last[:strings.LastIndexByte(last, '/')+1]
		entries, err := os.ReadDir(expand(dir))
		if err != nil {
			return nil // nothing to offer
		}
		for _, e := range entries {
			name := e.Name()
			if strings.HasPrefix(name, ".") && !strings.HasPrefix(last[len(dir):], ".") {
				continue
			}
			isDir := e.IsDir()
			if e.Type()&os.ModeSymlink != 0 {
				st, err := os.Stat(expand(dir) + name)
				isDir = err == nil && st.IsDir()
			}
			switch {
			case isDir:
				list = append(list, dir+name+"/")
			case slices.ContainsFunc(endings, func(end string) bool { return strings.HasSuffix(name, end) }):
				list = append(list, dir+name)
			}
		}
		return list
	}
}

// expand puts the home directory for a tilde, and the present one for nothing.
func expand(dir string) string {
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return home + "/" + rest
		}
	}
	if dir == "" {
		return "./"
	}
	return dir
}

// Among returns words that are the same wherever they stand.
func Among(list func() []string) Words {
	return func([]string, string) []string { return list() }
}

// Either returns the words of all of list.
func Either(list ...Words) Words {
	return func(done []string, last string) (out []string) {
		for _, f := range list {
			out = append(out, f(done, last)...)
		}
		return out
	}
}
