package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/internal/starter"
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

type newCmd struct {
	Name     string `arg:"" optional:"" help:"Name of the program, with a directory if need be: scan, detectors/scan." predictor:"dir"`
	Template string `short:"t" default:"${template}" help:"What to begin with (${default}); --list shows what there is." predictor:"template"`
	List     bool   `help:"List the templates."`
}

// Run writes a program to begin with to NAME.smon, which must not be there.
func (c *newCmd) Run(std *stdio) error {
	if c.List {
		w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		for _, t := range starter.Templates() {
			fmt.Fprintf(w, "%s\t%s\n", t.Name, t.Doc)
		}
		return w.Flush()
	}
	if c.Name == "" {
		return &build.UserError{Reason: `expected "<name>"`, Hint: "smcc new my_scan --template scan; smcc new --list shows the templates"}
	}
	name := strings.TrimSuffix(filepath.Base(c.Name), ".smon")
	if !types.IsName(name) {
		return &build.UserError{Reason: fmt.Sprintf("a program cannot be called %q", name), Hint: "names have letters, digits and _, and do not begin with a digit"}
	}
	text, err := starter.Program(c.Template, name)
	if err != nil {
		return &build.UserError{Reason: err.Error(), Hint: templateHint(c.Template)}
	}
	file := filepath.Join(filepath.Dir(c.Name), name+".smon")
	if _, diags := lang.Check(file, text, nil); diags.HasErrors() { // a name that the language keeps for itself
		return &build.UserError{Reason: fmt.Sprintf("a program cannot be called %q: %v", name, diags.Err()), Hint: "give it another name"}
	}
	if err := writeFresh(file, text); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s\n", file)
	fmt.Fprintf(std.err, "smcc: hint: smcc check %s; smcc run %[1]s -r trace.pcap\n", file)
	return nil
}

// writeFresh writes a file that must not be there; half of one is not left behind.
func writeFresh(file string, text []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return &build.UserError{Reason: file + " is there already", Hint: "give another name; smcc new overwrites nothing"}
	}
	if err != nil {
		return &build.UserError{Reason: err.Error(), Hint: "give a directory that is there and can be written to"}
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(file)
		return &build.UserError{Reason: err.Error(), Hint: "is the disk full?"}
	}
	return nil
}

// templateHint names the templates, or the one that was probably meant.
func templateHint(wrong string) string {
	names := templateNames()
	if near := diag.Nearest(wrong, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "there are " + strings.Join(names, ", ")
}
