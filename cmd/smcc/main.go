// Command smcc compiles StreaMon programs: to a plugin that a running probe
// loads, to a probe with the program inside, or to Go source.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/streamon/streamon/codegen/build"
	"github.com/streamon/streamon/internal/starter"
)

// Exit codes.
const (
	exitFine        = 0
	exitDiagnostics = 1 // the program has errors
	exitUsage       = 2 // wrong arguments, files or tools
	exitBug         = 3 // our fault

	exitInterrupted = 130 // by the user, as shells count it
)

const about = `Compile StreaMon programs for smprobe.

Example: smcc build p2p.smon && smprobe run -r trace.pcap -p p2p.so`

// commands is the command line; the fields' types hold each command's flags.
type commands struct {
	Build   buildCmd   `cmd:"" help:"Compile FILE to a plugin (FILE.so), or with --static to a probe with the program inside."`
	Check   checkCmd   `cmd:"" help:"Report errors and warnings."`
	New     newCmd     `cmd:"" help:"Write a program to begin with to NAME.smon."`
	Gen     genCmd     `cmd:"" help:"Write the generated Go source."`
	Fmt     fmtCmd     `cmd:"" help:"Rewrite programs in the canonical form."`
	Convert convertCmd `cmd:"" help:"Write a program in XML as .smon, or one in .smon as XML."`
	Run     runCmd     `cmd:"" help:"Run FILE over captures, compiled or (--exact) by the reference evaluator."`
	Test    testCmd    `cmd:"" help:"Run the tests that stand beside programs (NAME_test.txtar), and say how much of them is reached."`
	Diff    diffCmd    `cmd:"" help:"Compare two versions of a program: what they report about captures, and what a hot replacement keeps."`
	Explain explainCmd `cmd:"" help:"Explain a program: its layers, memory, bounds and partition plan; or a diagnostic code."`
	Graph   graphCmd   `cmd:"" help:"Draw the state machines of a program, as SVG, DOT or Mermaid."`
	Lsp     lspCmd     `cmd:"" help:"Answer an editor: the language server, over standard input and output."`
	Doctor  doctorCmd  `cmd:"" help:"Check that plugins can be built and loaded here."`
	Version versionCmd `cmd:"" help:"Print the version."`

	Completion completionCmd `cmd:"" help:"Print what bash, fish or zsh must read to complete smcc and smprobe."`
	Man        manCmd        `cmd:"" help:"Print the manual page of smcc or smprobe: smcc man | man -l -."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the process
	os.Exit(run(ctx, os.Args[1:], &stdio{os.Stdin, os.Stdout, os.Stderr}))
}

// stdio is where a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// exitError ends a command with a code; what there is to say was said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

func run(ctx context.Context, args []string, std *stdio) (code int) {
	var cli commands
	done := -1
	parser, err := kong.New(&cli, kong.Name("smcc"), kong.Description(about), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Writers(std.out, std.err),
		kong.Exit(func(code int) { done = code }), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(std),
		kong.Vars{"template": starter.Default})
	if err != nil {
		fmt.Fprintf(std.err, "smcc: internal error: %v\n", err)
		return exitBug
	}
	if complete(parser, std) {
		return exitFine
	}
	cmd, err := parser.Parse(hoist(parser.Model.Node, args))
	if done >= 0 { // --help
		return done
	}
	if err != nil {
		fmt.Fprintf(std.err, "smcc: error: %v\nsmcc: hint: smcc --help\n", err)
		return exitUsage
	}
	return report(std.err, cmd.Run())
}

// report says what went wrong, and how to mend it, and returns the exit code.
func report(w io.Writer, err error) int {
	var exit exitError
	var user *build.UserError
	var compile *build.CompileError
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &exit):
		return int(exit)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(w, "smcc: interrupted")
		return exitInterrupted
	case errors.As(err, &user):
		fmt.Fprintf(w, "smcc: error: %v\n", err)
		if user.Hint != "" {
			fmt.Fprintf(w, "smcc: hint: %s\n", user.Hint)
		}
		return exitUsage
	case errors.As(err, &compile):
		fmt.Fprintf(w, "smcc: internal error: %v\nsmcc: hint: this is a bug of smcc; please report it with the sources and the log in %s\n%s\n",
			compile, compile.Dir, compile.Log)
		return exitBug
	}
	fmt.Fprintf(w, "smcc: internal error: %v\n", err)
	return exitBug
}
