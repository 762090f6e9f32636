package smprobe

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"

	"golang.org/x/net/bpf"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/filter"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/runtime/packet"
)

// liveFlags are the flags of run about interfaces, and about which packets are taken.
type liveFlags struct {
	Interface []string `short:"i" sep:"none" placeholder:"IF" help:"Capture from an interface, several with several -i; smprobe interfaces lists them."`
	Filter    string   `placeholder:"EXPR" help:"Take only packets that EXPR holds for, in the syntax of tcpdump, as in \"tcp port 80\"."`
	Prefilter string   `default:"auto" enum:"auto,off" placeholder:"auto|off" help:"Let the kernel leave out packets that no event of the loaded programs can match (${default})."`
	Sockets   int      `default:"1" placeholder:"N" help:"Sockets for each interface, over which the kernel spreads flows (${default})."`
	Ring      string   `default:"64MiB" placeholder:"SIZE" help:"Memory for packets that wait, for each socket (${default})."`
	Snap      int      `default:"262144" placeholder:"BYTES" help:"Bytes to take of each packet from an interface (${default})."`
	NoPromisc bool     `name:"no-promisc" help:"Only packets for this station."`
	Inline    string   `placeholder:"IF:IF" help:"Hand on packets between two interfaces, both ways, but those that programs drop or block; see doc/mitigation.md."`
	User      string   `placeholder:"NAME" help:"Become this user when interfaces are open, before outputs are."`

	told bool // why some packets of captures are left out
}

// check refuses arguments that do not go together.
func (c *liveFlags) check() error {
	ring, err := config.ParseSize(c.Ring)
	seen := map[string]bool{}
	for _, name := range c.Interface {
		if seen[name] {
			return usagef("", "-i %s: is given twice", name)
		}
		seen[name] = true
	}
	switch {
	case err != nil:
		return usagef("for instance --ring 128MiB", "--ring: %v", err)
	case ring < capture.MinRing || ring > capture.MaxRing:
		return usagef("", "--ring %s: expected %d MiB to %d MiB", c.Ring, capture.MinRing>>20, capture.MaxRing>>20)
	case c.Sockets < 1 || c.Sockets > capture.MaxSockets:
		return usagef("", "--sockets %d: expected 1 to %d", c.Sockets, capture.MaxSockets)
	case c.Snap < 64 || c.Snap > capture.MaxSnap:
		return usagef("", "--snap %d: expected 64 to %d", c.Snap, capture.MaxSnap)
	}
	if _, err := filter.Parse(c.Filter); err != nil {
		return usagef("the syntax is that of tcpdump: host 10.0.0.1 and tcp port 80", "--filter: %v", err)
	}
	return c.checkUser()
}

// live is a capture from interfaces with the filter in force.
type live struct {
	*capture.Interfaces
	operator *filter.Expr
	snap     uint32
	isOff    bool // no prefilter
	std      *stdio

	mu   sync.Mutex
	last error // that was reported
}

// openInterfaces opens the interfaces; it is nil without any.
func (c *liveFlags) openInterfaces(std *stdio) (*live, error) {
	if len(c.Interface) == 0 {
		return nil, nil
	}
	opt := capture.DefaultLive()
	opt.Sockets, opt.Promisc, opt.Logf = c.Sockets, !c.NoPromisc, std.notef
	ring, _ := config.ParseSize(c.Ring)
	opt.Ring = int(ring)
	src, err := capture.OpenInterfaces(c.Interface, opt)
	if err != nil {
		return nil, err
	}
	l := &live{Interfaces: src, snap: uint32(c.Snap), isOff: c.Prefilter == "off", std: std}
	if c.Filter != "" {
		l.operator, _ = filter.Parse(c.Filter)
	}
	return l, nil
}

// want is probe.Options.Wanted.
func (l *live) want(filters []string) {
	if err := l.set(filters); err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.last == nil || l.last.Error() != err.Error() {
			l.std.errorf("%v", err)
			l.last = err
		}
	}
}

func (l *live) set(filters []string) error {
	rule := filter.Rule{Operator: l.operator}
	if filters != nil && !l.isOff {
		rule.Wanted = []*filter.Expr{}
		for _, f := range filters {
			e, err := filter.Parse(f)
			if err != nil { // of a compiler that knows more than we do
				rule.Wanted = nil
				break
			}
			rule.Wanted = append(rule.Wanted, e)
		}
	}
	return l.SetFilter(func(link packet.LinkType) ([]bpf.RawInstruction, error) {
		return filter.Compile(rule, filter.Target{Link: link, Snap: l.snap, Kernel: true})
	})
}

// run runs f, in which the source is read, until it ends: after an interrupt what the rings
// hold is still read.
func (l *live) run(ctx context.Context, f func(context.Context) error) error {
	defer context.AfterFunc(ctx, l.Stop)()
	return f(context.WithoutCancel(ctx))
}

// randomSeed is a seed that nobody outside can know, so that nobody can choose addresses
// which fall together in tables.
func randomSeed() uint64 {
	var b [8]byte
	rand.Read(b[:]) // does not fail
	return binary.NativeEndian.Uint64(b[:])
}

// filtered leaves out of a capture what the operator does not want.
func (c *liveFlags) filtered(src capture.Source, std *stdio) capture.Source {
	if c.Filter == "" {
		return src
	}
	op, _ := filter.Parse(c.Filter)
	m := filter.NewMatcher(op)
	return capture.Filtered(src, func(f *capture.Frame) bool {
		ok := m.Match(f.Link, f.Data)
		if err := m.Err(); err != nil && !c.told { // once a run, however many files it reads
			c.told = true
			std.errorf("%s: %v; such packets are left out", src.Name(), err)
		}
		return ok
	})
}

// captureHint says what mends an error of OpenInterfaces.
func captureHint(err error) string {
	var at *capture.InterfaceError
	if errors.Is(err, capture.ErrNoInterface) && errors.As(err, &at) {
		return nearInterface(at.Name)
	}
	if !errors.Is(err, os.ErrPermission) {
		return ""
	}
	return "capturing needs the capability CAP_NET_RAW and nothing else: start as root with --user NAME, " +
		"or once: setcap cap_net_raw+ep " + fmt.Sprint(self())
}

// nearInterface says which interface may have been meant.
func nearInterface(name string) string {
	list, err := net.Interfaces()
	if err != nil {
		return ""
	}
	var names []string
	for _, i := range list {
		names = append(names, i.Name)
	}
	if near := diag.Nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(names) > 8 {
		return "smprobe interfaces lists them"
	}
	return "there are " + strings.Join(names, ", ")
}

// self is the path of this program.
func self() string {
	path, err := os.Executable()
	if err != nil {
		return "smprobe"
	}
	return path
}
