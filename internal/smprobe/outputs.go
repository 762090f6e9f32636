package smprobe

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/command"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/internal/feed"
	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/zmq"
)

// outputs are the files that a run writes, the sockets that it sends to, and the
// commands that it runs.
type outputs struct {
	records export.Writer
	alerts  *os.File
	pubs    []*zmq.Pub
	runner  *command.Runner
	evid    *capture.Writer
	evidBuf *bufio.Writer
	evidOut *os.File
	feed    *feed.Hub // nil if nobody can ask for records
	closed  bool
}

// open creates the output files and sockets.
func (c *runCmd) open(std *stdio) (o *outputs, err error) {
	o = &outputs{}
	var tee export.Tee
	if !c.Quiet && c.Alerts != "-" && c.Summary != "-" && c.State != "-" {
		if isTerminal(std.out) {
			tee = append(tee, export.NewText(std.out, os.Getenv("NO_COLOR") == ""))
		} else {
			tee = append(tee, export.NewJSON(std.out))
		}
	}
	switch c.Alerts {
	case "":
	case "-":
		tee = append(tee, export.NewJSON(std.out))
	default:
		if o.alerts, err = os.Create(c.Alerts); err != nil {
			return nil, err
		}
		tee = append(tee, export.NewJSON(o.alerts))
	}
	for _, e := range c.Publish {
		p, err := zmq.Listen(e)
		if err != nil {
			o.close()
			return nil, err
		}
		o.pubs = append(o.pubs, p)
		tee = append(tee, p)
	}
	if c.hasAPI() {
		o.feed = feed.New()
		tee = append(tee, o.feed)
	}
	if o.runner, err = command.Start(command.Options{Allow: c.AllowExec, Records: tee, Logf: std.notef}); err != nil {
		o.close()
		return nil, err
	}
	o.records = o.runner
	if c.Evidence != "" {
		if o.evidOut, err = os.Create(c.Evidence); err != nil {
			o.close()
			return nil, err
		}
		o.evidBuf = bufio.NewWriter(o.evidOut)
		o.evid = capture.NewWriter(o.evidBuf, "packets that StreaMon programs captured")
	}
	return o, nil
}

// packets returns where evidence goes, or nil.
func (o *outputs) packets() probe.Evidence {
	if o.evid == nil {
		return nil // and not an interface that holds a nil pointer
	}
	return o.evid
}

// published returns what the sockets sent.
func (o *outputs) published() (list []zmq.Counts) {
	for _, p := range o.pubs {
		list = append(list, p.Counts())
	}
	return list
}

// commands returns what became of the commands that programs asked for; nil = there
// were none.
func (o *outputs) commands() *command.Counts {
	if n := o.runner.Counts(); n != (command.Counts{}) {
		return &n
	}
	return nil
}

// close ends all files, sockets and commands; a second call does nothing.
func (o *outputs) close() error {
	if o.closed {
		return nil
	}
	o.closed = true
	var errs []error
	if o.runner != nil {
		o.runner.Close()
	}
	for _, p := range o.pubs {
		errs = append(errs, p.Close())
	}
	if o.alerts != nil {
		errs = append(errs, o.alerts.Close())
	}
	if o.evid != nil {
		errs = append(errs, o.evid.Flush(), o.evidBuf.Flush())
	}
	if o.evidOut != nil {
		errs = append(errs, o.evidOut.Close())
	}
	return errors.Join(errs...)
}

// writeJSON writes v to a file, or to standard output for "-".
func writeJSON(std *stdio, path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if path == "-" {
		_, err = std.out.Write(text)
		return err
	}
	return os.WriteFile(path, text, 0o666)
}
