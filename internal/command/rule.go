package command

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/streamon/streamon/runtime/program"
)

// shells read their arguments as commands, so that text of packets among them would be
// one. The list is a reminder, not a wall: others take commands too.
var shells = []string{"sh", "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "mksh", "tcsh", "zsh"}

// CheckAllow returns an error if programs cannot be allowed: each has to be the whole
// path of a file that can be run and is no shell, and no two have one name.
func CheckAllow(paths []string) error {
	_, err := resolve(paths)
	return err
}

// resolve returns the whole path of each program by what programs may call it.
func resolve(paths []string) (map[string]string, error) {
	allowed := map[string]string{}
	for _, path := range paths {
		if err := checkProgram(path); err != nil {
			return nil, err
		}
		for _, name := range []string{path, filepath.Base(path)} {
			if other := allowed[name]; other != "" && other != path {
				return nil, fmt.Errorf("%s: %s has the same name", path, other)
			}
			allowed[name] = path
		}
	}
	return allowed, nil
}

// checkProgram says why a program cannot be allowed.
func checkProgram(path string) error {
	if !filepath.IsAbs(path) || filepath.Clean(path) != path {
		return fmt.Errorf("%q is not the whole path of a program", path)
	}
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() || st.Mode()&0o111 == 0 {
		return fmt.Errorf("%s is not a file that can be run", path)
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for _, p := range []string{path, real} {
		if slices.Contains(shells, filepath.Base(p)) {
			return fmt.Errorf("%s is a shell: it would run what packets say", path)
		}
	}
	return nil
}

// vector returns the arguments of a command, copied, with the whole path of its
// program, or why it may not run.
func (r *Runner) vector(rec *program.Record) (args []string, reason string) {
	if len(rec.Args) == 0 || len(rec.Args) > maxArgs {
		return nil, fmt.Sprintf("%d arguments", len(rec.Args))
	}
	path := r.allowed[string(rec.Arg(0))]
	if path == "" {
		return nil, "the program is not allowed"
	}
	args = append(args, path)
	for i := 1; i < len(rec.Args); i++ {
		a := rec.Arg(i)
		switch {
		case bytes.IndexByte(a, 0) >= 0:
			reason = "holds a NUL"
		case len(a) > maxArg:
			reason = fmt.Sprintf("has %d bytes, %d are allowed", len(a), maxArg)
		case !rec.Args[i].Fixed && len(a) > 0 && a[0] == '-':
			reason = "would be an option, and comes from a packet"
		}
		if reason != "" {
			return nil, fmt.Sprintf("argument %d %s", i, reason)
		}
		args = append(args, string(a))
	}
	return args, ""
}

// lines cuts output into lines that a log can hold.
func lines(output string) []string {
	output = strings.TrimRight(output, "\n")
	if output == "" {
		return nil
	}
	list := strings.Split(output, "\n")
	for i, l := range list {
		list[i] = fmt.Sprintf("%q", l)
	}
	return list
}
