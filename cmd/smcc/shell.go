package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/streamon/streamon/internal/shell"
	"github.com/streamon/streamon/internal/smprobe"
	"github.com/streamon/streamon/internal/starter"
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,fish,zsh" help:"bash, fish or zsh."`
}

// Run prints what a shell has to read so that it completes both commands.
func (c *completionCmd) Run(std *stdio) error {
	text, err := shell.Script(c.Shell)
	if err != nil {
		return err
	}
	_, err = std.out.Write(text)
	return err
}

type manCmd struct {
	Command string `arg:"" optional:"" enum:"smcc,smprobe" default:"smcc" help:"smcc or smprobe."`
}

// Run prints a manual page, for man -l -.
func (c *manCmd) Run(k *kong.Kong, std *stdio) error {
	about := smccPage
	if c.Command == "smprobe" {
		probe, err := smprobe.CommandLine()
		if err != nil {
			return err
		}
		k, about = probe, smprobePage
	}
	_, err := io.WriteString(std.out, shell.Man(k, about))
	return err
}

// complete answers a shell that completes a line, and reports whether one asked.
func complete(k *kong.Kong, std *stdio) bool {
	words := map[string]shell.Words{
		"program":  shell.Files(".smon", ".xml"),
		"smon":     shell.Files(".smon"),
		"dir":      shell.Files(),
		"template": shell.Among(templateNames),
		"explain":  shell.Either(shell.Files(".smon", ".xml"), shell.Among(codeNames)),
		"run":      probeRun,
	}
	asked, err := shell.Complete(k, words, std.out)
	if err != nil {
		fmt.Fprintf(std.err, "smcc: internal error: completing: %v\n", err)
	}
	return asked
}

// probeRun returns words for the arguments of smcc run, which are those of
// smprobe run.
func probeRun(done []string, last string) []string {
	k, err := smprobe.CommandLine()
	if err != nil {
		return nil
	}
	run, err := shell.Sub(k, "run", shell.ProbeWords(smprobe.Running, settings))
	if err != nil {
		return nil
	}
	return run(done, last)
}

// settings returns PROGRAM.PARAM= for the parameters of the programs in a line.
func settings(line []string, _ string) (list []string) {
	for _, file := range line {
		if !strings.HasSuffix(file, ".smon") && !strings.HasSuffix(file, ".xml") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		p, _ := lang.Parse(file, text)
		if p == nil || p.Program == nil {
			continue
		}
		for _, d := range p.Decls {
			if d, ok := d.(*ast.ParamDecl); ok {
				list = append(list, p.Program.Name.Name+"."+d.Name.Name+"=")
			}
		}
	}
	return list
}

func templateNames() (list []string) {
	for _, t := range starter.Templates() {
		list = append(list, t.Name)
	}
	return list
}

func codeNames() (list []string) {
	for _, c := range diag.Codes() {
		list = append(list, c.String())
	}
	return list
}
