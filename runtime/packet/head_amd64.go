package packet

import (
	"encoding/binary"
	"math/bits"
)

// headRows fills the heads of the records of the short way's kind, says so in h.Plain, and
// returns the others. What may be a tunnel is left, too: what is in it is the packet.
func (d *Decoder) headRows(h *Heads, r *Records, from int, set uint64) (left uint64) {
	if set == 0 || !HasKernel(r.Link, r.Iface) || len(r.Data) <= r.Head {
		return set
	}
	from &= BatchSize - 64 // no bounds checks
	done, udp, bytes := headWay(&h.Of[from], &r.Data[r.Head], len(r.Data)-r.Head, &r.At[from], &r.Times[from], set, &shortLanes)
	for look := udp; look != 0; look &= look - 1 {
		i := from + bits.TrailingZeros64(look)
		if p := &h.Of[i]; p.SrcPort >= 1024 && p.DstPort >= 1024 && (isTunnelPort(p.SrcPort) || isTunnelPort(p.DstPort)) {
			done &^= look & -look
			bytes -= uint64(binary.LittleEndian.Uint32(r.Data[int(r.At[i])+r.Head-8:]))
		}
	}
	h.Plain.TCP[from/64], h.Plain.UDP[from/64], h.Plain.Bytes[from/64] = done&^udp, done&udp, bytes
	return set &^ done
}

// headWay is the kernel, shortWay for heads.
//
//go:noescape
func headWay(heads *Head, data *byte, size int, at *uint32, times *Time, set uint64, lanes *lanes) (done, udp, bytes uint64)
