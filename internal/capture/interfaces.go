package capture

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/net/bpf"

	"github.com/streamon/streamon/runtime/packet"
)

// Words of live capture. An *interface* is captured through one or more *sockets*, each
// with a *ring* of blocks in memory that the kernel shares with us. The kernel fills a
// block with packets and gives it to us when it is full, or when its *timeout* has
// passed; we give it back when its packets are done with. If all blocks are ours the
// kernel drops packets, and counts them.

// LiveOptions say how interfaces are captured. The zero value is not useful: see
// DefaultLive.
type LiveOptions struct {
	Sockets int           // for each interface; the kernel spreads flows over them, both directions to one
	Ring    int           // bytes of the ring of one socket
	Timeout time.Duration // after which a block that is not full is given to us
	Promisc bool          // also packets for other stations
	// Logf takes a line about an interface that went down or came back; nil = nobody.
	Logf func(format string, args ...any)
}

// DefaultLive returns the options that `smprobe run -i` has without others.
func DefaultLive() LiveOptions {
	return LiveOptions{Sockets: 1, Ring: 64 << 20, Timeout: 20 * time.Millisecond, Promisc: true}
}

// Bounds of LiveOptions.
const (
	blockBytes = 256 << 10 // of one block. On a quiet link each takes the packets of one timeout, however few
	MinRing    = 4 << 20
	MaxRing    = 2 << 30
	MaxSockets = 64
)

// MaxSnap is the most that is kept of a packet.
const MaxSnap = maxPacketBytes

// A FilterFor returns the classic BPF program that decides, in the kernel, which packets
// of an interface of a link type are captured, and how much of each: its result is a
// number of bytes, 0 for none. Nil takes all.
type FilterFor func(link packet.LinkType) ([]bpf.RawInstruction, error)

// InterfaceCounts is what became of the packets of an interface, since it was opened.
// What a filter rejected is in none of Captured and Dropped; Received and Sent, which
// the interface itself counts, have it.
type InterfaceCounts struct {
	Name     string `json:"name"`
	Sockets  int    `json:"sockets"`
	Captured uint64 `json:"captured"` // handed out
	Dropped  uint64 `json:"dropped"`  // by the kernel, since the ring was full; and those unread at the end
	Freezes  uint64 `json:"freezes"`  // how often the ring was full
	Received uint64 `json:"received"` // by the interface, whoever they are for
	Sent     uint64 `json:"sent"`     // by the interface
	Missed   uint64 `json:"missed"`   // dropped by the interface or its driver
	Down     uint64 `json:"down"`     // how often it went down
}

// everything is the filter that takes n bytes of each packet; nothing for 0.
func everything(n uint32) []bpf.RawInstruction {
	return []bpf.RawInstruction{{Op: 0x06, K: n}} // ret #n
}

// ErrNoInterface is wrapped where an interface is named that is not there.
var ErrNoInterface = errors.New("there is no such interface")

// InterfaceError is why an interface cannot be captured from.
type InterfaceError struct {
	Name string
	Err  error
}

// Error says which interface, and why.
func (e *InterfaceError) Error() string { return fmt.Sprintf("capturing from %q: %v", e.Name, e.Err) }

// Unwrap returns why.
func (e *InterfaceError) Unwrap() error { return e.Err }

// InterfaceInfo describes an interface to choose from.
type InterfaceInfo struct {
	Name      string   `json:"name"`
	State     string   `json:"state"` // up, down or no carrier
	Kind      string   `json:"kind"`  // ethernet, loopback, raw (IP), … or "type N"
	Driver    string   `json:"driver,omitempty"`
	MTU       int      `json:"mtu"`
	MAC       string   `json:"mac,omitempty"`
	Addresses []string `json:"addresses"`
	Missing   string   `json:"missing,omitempty"` // what it takes to capture from it
}
