// Package smprobe is the command line of the probe. It is a package, and not the
// command itself, so that a static probe can be built around it with programs
// inside.
//
// It owns flags, wiring, messages and exit codes; packets are package probe's, the
// control socket package web's.
package smprobe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/streamon/streamon/internal/access"
	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/checkpoint"
	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/loader"
	"github.com/streamon/streamon/internal/mitigate"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/sdk"
	"github.com/streamon/streamon/internal/sink"
	"github.com/streamon/streamon/internal/web"
	"github.com/streamon/streamon/runtime/program"
)

// Exit codes.
const (
	exitFine   = 0
	exitFailed = 1 // a file could not be read, a program not be loaded, output not be written
	exitUsage  = 2 // wrong arguments, or a plugin that does not fit
	exitBug    = 3 // our fault: a program was stopped by a panic
)

const about = `Run StreaMon programs over packets.

Example: smcc build p2p.smon && smprobe run -r trace.pcap -p p2p.so`

// commands is the command line; the fields' types hold each command's flags.
type commands struct {
	Run        runCmd        `cmd:"" help:"Read captures and run programs over them."`
	Load       loadCmd       `cmd:"" help:"Load a program into a running probe."`
	Replace    replaceCmd    `cmd:"" help:"Replace a program in a running probe; it keeps what both versions declare alike."`
	Unload     unloadCmd     `cmd:"" help:"Remove a program from a running probe."`
	List       listCmd       `cmd:"" help:"List the programs of a running probe."`
	Show       showCmd       `cmd:"" help:"Show one program of a running probe: counters, states, memory."`
	Top        topCmd        `cmd:"" help:"Watch a running probe: programs, what they cost, who is in which state, alerts."`
	Alerts     alertsCmd     `cmd:"" help:"Show the last alerts of a running probe."`
	Blocks     blocksCmd     `cmd:"" help:"List what a running probe blocks."`
	Lift       liftCmd       `cmd:"" help:"End blocks before their time: all, or some."`
	Reload     reloadCmd     `cmd:"" help:"Read list files again."`
	Interfaces interfacesCmd `cmd:"" help:"List the interfaces that packets can be captured from."`
	Token      tokenCmd      `cmd:"" help:"Make a token for --tokens."`
	Bench      benchCmd      `cmd:"" help:"Measure programs on synthetic or recorded packets in memory."`
	SDK        sdkCmd        `cmd:"" name:"sdk" help:"Print what smcc must know of this probe to build plugins for it."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// stdio is where a command reads and writes, and what is built in.
type stdio struct {
	ctx      context.Context // done on an interrupt
	in       io.Reader
	out, err io.Writer
	builtin  []*program.Info
	plugin   func(path string) (*program.Info, error) // opens plugins; nil = package loader

	args []string     // the command line
	log  *slog.Logger // takes messages instead of err, if they are to be JSON

	saying sync.Mutex // messages come from several goroutines
}

// exitError ends a command with a code; what there is to say was said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// usageError is an error of the arguments.
type usageError struct{ msg, hint string }

func (e *usageError) Error() string { return e.msg }

func usagef(hint, format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...), hint}
}

// Main runs the command in args and returns its exit code: 0 fine, 1 something
// could not be done, 2 wrong usage, 3 our bug. builtin are programs linked into
// this binary; run runs them besides the plugins it is given.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, builtin []*program.Info) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the process
	useLargePages()
	std := &stdio{ctx: ctx, in: stdin, out: stdout, err: stderr, builtin: builtin}
	return std.main(args)
}

func (s *stdio) main(args []string) int {
	s.args = args
	done := -1
	cmd, _, err := s.parse(func(code int) { done = code })
	if done >= 0 { // --help
		return done
	}
	if err != nil {
		return s.report(err)
	}
	return s.report(cmd.Run())
}

// parse reads the command line, and the configuration file if it names one. exit is
// called after --help.
func (s *stdio) parse(exit func(code int)) (*kong.Context, *commands, error) {
	var cli commands
	parser, err := s.parser(&cli, exit)
	if err != nil {
		return nil, nil, fmt.Errorf("internal error: %w", err)
	}
	if path := configPath(s.args); path != "" {
		if cli.Run.file, err = config.ReadFile(path, configurable(parser)); err != nil {
			return nil, nil, err
		}
		kong.Resolvers(fileFlags(cli.Run.file)).Apply(parser)
	}
	cmd, err := parser.Parse(negative(spread(s.args)))
	if err == nil {
		err = refuseEmpty(cmd)
	}
	if err != nil {
		return nil, nil, usagef(s.helpFor(parser), "%s", noValue.ReplaceAllString(err.Error(), "its value is missing"))
	}
	return cmd, &cli, nil
}

// noValue is what package kong says of a flag at the end that needs a value.
var noValue = regexp.MustCompile(`expected \w+ value but got "EOL" \(<EOL>\)`)

// helpFor is the command that says more about the one in the arguments.
func (s *stdio) helpFor(parser *kong.Kong) string {
	for _, n := range parser.Model.Children {
		if len(s.args) > 0 && s.args[0] == n.Name {
			return "smprobe " + n.Name + " --help"
		}
	}
	return "smprobe --help"
}

// parser returns the parser of the command line; exit is called after --help.
func (s *stdio) parser(cli *commands, exit func(code int)) (*kong.Kong, error) {
	return kong.New(cli, kong.Name("smprobe"), kong.Description(about),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Writers(s.out, s.err),
		kong.KindMapper(reflect.Int, kong.MapperFunc(wholeNumber)),
		kong.KindMapper(reflect.Uint64, kong.MapperFunc(wholeNumber)),
		kong.Exit(exit), kong.Bind(s))
}

// report says what went wrong and how to mend it, and returns the exit code.
func (s *stdio) report(err error) int {
	var exit exitError
	var usage *usageError
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &usage):
		s.errorf("%v", err)
		s.hintf("%s", usage.hint)
		return exitUsage
	}
	s.say(err)
	if _, usage := explain(err); usage {
		return exitUsage
	}
	return exitFailed
}

// say prints an error, one line for each that it joins, and its hint.
func (s *stdio) say(err error) {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range j.Unwrap() {
			s.say(e)
		}
		return
	}
	s.errorf("%v", err)
	hint, _ := explain(err)
	s.hintf("%s", hint)
}

func (s *stdio) errorf(format string, args ...any) {
	s.message(slog.LevelError, "error: ", fmt.Sprintf(format, args...))
}

// notef says what is no error of ours.
func (s *stdio) notef(format string, args ...any) {
	s.message(slog.LevelInfo, "", fmt.Sprintf(format, args...))
}

func (s *stdio) hintf(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); text != "" {
		s.message(slog.LevelInfo, "hint: ", text)
	}
}

// message writes one message; in JSON an error is known by its level.
func (s *stdio) message(level slog.Level, prefix, text string) {
	s.saying.Lock()
	defer s.saying.Unlock()
	switch {
	case s.log == nil:
		fmt.Fprintf(s.err, "smprobe: %s%s\n", prefix, strings.ReplaceAll(text, "\n", "\n  "))
	case level == slog.LevelError:
		s.log.Error(text)
	default:
		s.log.Info(prefix + text)
	}
}

// explain says what mends an error, or nothing, and whether the arguments are wrong:
// a plugin that does not fit this probe, or a setting that a program does not take.
func explain(err error) (hint string, usage bool) {
	var file *config.FileError
	var wrong *sink.Error
	var hinted *probe.HintError
	var mismatch *sdk.Mismatch
	var problem *web.Problem
	var owner *access.OwnerError
	var program *programError
	switch {
	case errors.As(err, &program):
		return program.hint, true
	case errors.As(err, &hinted):
		return hinted.Hint, hinted.Usage
	case errors.As(err, &file):
		return "check it without running anything: smprobe run --config FILE --check", true
	case errors.As(err, &wrong):
		return sink.Hint, true
	case errors.As(err, &mismatch):
		return mismatch.Hint, true
	case errors.As(err, &problem):
		return problem.Hint, problem.Usage
	case errors.As(err, &owner):
		return owner.Hint(), false
	case errors.Is(err, access.ErrOutside):
		return "copy it to the folder that the probe was started with, --plugin-dir", false
	case errors.Is(err, checkpoint.ErrForeign):
		return "it was not touched; give --checkpoint another file", true
	case errors.Is(err, checkpoint.ErrInUse):
		return "give each probe a file of its own", false
	case errors.As(err, new(*checkpoint.OtherError)):
		return "it was not touched; move it away to begin with empty memory", false
	case errors.Is(err, sdk.ErrNoTrailer):
		return "make a plugin with: smcc build FILE.smon", false
	case errors.As(err, new(*loader.PlaceError)):
		return "set TMPDIR to a directory with room for it that this user may write to, not mounted noexec", false
	case errors.Is(err, loader.ErrFull):
		return "start the probe again", false
	case errors.Is(err, sdk.ErrDamaged):
		return "copy it again, or make it again with: smcc build FILE.smon", false
	case errors.Is(err, web.ErrNoProbe):
		return "start one: smprobe run --socket PATH …", false
	case errors.Is(err, mitigate.ErrRight):
		return "start as root, or give the right once: setcap cap_net_raw,cap_net_admin+ep " + self(), false
	case errors.As(err, new(*capture.InterfaceError)):
		return captureHint(err), false
	case errors.Is(err, os.ErrPermission):
		return "check the permissions of the file and of its directory", false
	}
	return "", false
}
