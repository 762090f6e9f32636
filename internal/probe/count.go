package probe

import (
	"math/bits"

	"github.com/streamon/streamon/internal/metrics"
	"github.com/streamon/streamon/runtime/packet"
)

// count counts the packets of a batch by outcome and layer.
func count(c *metrics.Packets, b *packet.Batch) {
	for chunk, left := range countPlain(c, &b.Plain, b.N) {
		for ; left != 0; left &= left - 1 {
			countOutcome(c, b.Packets[64*chunk+bits.TrailingZeros64(left)].Outcome())
		}
	}
}

// countPlain counts n packets as read, and those that are plain by outcome and layer; it
// returns the others.
func countPlain(c *metrics.Packets, plain *packet.Plain, n int) (rest [packet.BatchSize / 64]uint64) {
	c.Read += uint64(n)
	for chunk, tcp := range plain.TCP {
		from, udp := 64*chunk, plain.UDP[chunk]
		if from >= n {
			break
		}
		c.Bytes += plain.Bytes[chunk]
		c.CountLayers(uint64(packet.PlainTCP), uint64(bits.OnesCount64(tcp)))
		c.CountLayers(uint64(packet.PlainUDP), uint64(bits.OnesCount64(udp)))
		c.Decoded += uint64(bits.OnesCount64(tcp | udp))
		rest[chunk] = ^uint64(0) >> (64 - min(64, n-from)) &^ (tcp | udp)
	}
	return rest
}

// countOutcome counts one packet.
func countOutcome(c *metrics.Packets, o packet.Outcome) {
	c.Bytes += uint64(o.CapLen)
	c.CountLayers(uint64(o.Seen), 1)
	switch {
	case o.Problem == packet.None:
		c.Decoded++
	case o.Problem.IsMalformed():
		c.Malformed++
		c.Reasons[o.Problem]++
	case o.Problem == packet.UnknownLink:
		c.UnknownLink++
	default:
		c.Snapped++
	}
}

// limit keeps packet time within what programs can reckon with.
func limit(b *packet.Batch) {
	for i := b.N - 1; i >= 0 && b.Packets[i].Time > maxTime; i-- {
		b.Packets[i].Time = maxTime
	}
}
