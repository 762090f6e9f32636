package capture

import "time"

// Words of inline capture. A probe that is *inline* stands between two interfaces, its
// *sides*: it takes each packet that comes in at one and sends it from the other. Nothing
// passes that it does not hand on.

// InlineOptions say how packets are taken. The zero value is not useful: see DefaultInline.
type InlineOptions struct {
	Buffer int // bytes of waiting packets, in the kernel, of each side and each way
	// Logf takes a line about an interface that went down or came back; nil = nobody.
	Logf func(format string, args ...any)
}

// DefaultInline returns the options that `smprobe run --inline` has without others.
func DefaultInline() InlineOptions { return InlineOptions{Buffer: 64 << 20} }

// InlineCounts is what became of the packets that came in at one side. The sum of the last
// four is what was captured.
type InlineCounts struct {
	From      string `json:"from"`
	To        string `json:"to"`
	Forwarded uint64 `json:"forwarded"` // sent from the other side
	Dropped   uint64 `json:"dropped"`   // as programs wanted
	Blocked   uint64 `json:"blocked"`   // since a block is in force
	Failed    uint64 `json:"failed"`    // the other side did not take them, or they were too long
}

// Fate is what becomes of a packet.
type Fate uint8

// The fates of packets.
const (
	Forward Fate = iota // it is sent from the other side
	Drop                // it is not, since a program wants that
	Block               // it is not, since a block is in force
)

const (
	inlineChunk = 128                  // packets that are taken from a side at once
	inlineSpace = 66 << 10             // bytes for each: a packet that segmentation is left for has up to 64 KiB and its headers
	sendWait    = 2 * time.Millisecond // for room in a side's queue
)
