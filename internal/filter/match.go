package filter

import (
	"golang.org/x/net/bpf"

	"github.com/streamon/streamon/runtime/packet"
)

// Matcher evaluates an expression here and not in the kernel, on frames of captures. One
// goroutine uses it.
type Matcher struct {
	e      *Expr
	byLink map[packet.LinkType]*bpf.VM // nil = not to be evaluated
	err    error

	vm   *bpf.VM         // of the last frame: hardly ever is the next of another link type
	link packet.LinkType // its type, if there is a vm
}

// NewMatcher returns a matcher.
func NewMatcher(e *Expr) *Matcher { return &Matcher{e: e, byLink: map[packet.LinkType]*bpf.VM{}} }

// Match reports whether the expression holds for a frame. Frames of link types that
// expressions are not for do not match, see Err.
func (m *Matcher) Match(link packet.LinkType, data []byte) bool {
	if m.vm == nil || m.link != link {
		vm, known := m.byLink[link]
		if !known {
			vm = m.compile(link)
			m.byLink[link] = vm
		}
		m.vm, m.link = vm, link
	}
	if m.vm == nil {
		return false
	}
	n, err := m.vm.Run(data)
	return err == nil && n > 0
}

// Err returns why there were frames that could not be matched, or nil.
func (m *Matcher) Err() error { return m.err }

func (m *Matcher) compile(link packet.LinkType) *bpf.VM {
	raw, err := Compile(Rule{Operator: m.e}, Target{Link: link, Snap: 1 << 18})
	if err != nil {
		m.err = err
		return nil
	}
	code, _ := bpf.Disassemble(raw)
	vm, err := bpf.NewVM(code)
	if err != nil {
		m.err = err
		return nil
	}
	return vm
}
