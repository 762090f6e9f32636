package capture

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/runtime/packet"
)

// ring is the blocks that the kernel fills, in order, over and over. Blocks from at on
// are looked at; the kept ones before it were read, and go back to the kernel with
// giveBack.
//
// The layout is that of TPACKET_V3 (linux/if_packet.h), numbers in the byte order of the
// machine.
type ring struct {
	mem    []byte
	blocks int
	at     int
	kept   int
	isOpen bool // block at is ours
	left   int  // packets in it that were not read
	next   int  // where the next of them begins
}

// Offsets of a block's header, and of a packet's.
const (
	blockStatus = 8
	blockCount  = 12
	blockFirst  = 16

	pktNext   = 0
	pktSec    = 4
	pktNsec   = 8
	pktSnap   = 12
	pktLen    = 16
	pktStatus = 20
	pktMAC    = 24
	pktTCI    = 32
	pktTPID   = 36
)

const vlanBytes = 4

// make makes and maps the ring of a socket.
func (r *ring) make(fd int, opt *LiveOptions) (err error) {
	r.blocks = opt.Ring / blockBytes
	const frame = 2048 // for TPACKET_V3 it bounds nothing
	req := unix.TpacketReq3{
		Block_size: blockBytes, Block_nr: uint32(r.blocks), Frame_size: frame, Frame_nr: uint32(r.blocks * (blockBytes / frame)),
		Retire_blk_tov: uint32(max(1, opt.Timeout/time.Millisecond)),
	}
	if err := unix.SetsockoptTpacketReq3(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &req); err != nil {
		return err
	}
	r.mem, err = unix.Mmap(fd, 0, r.blocks*blockBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	return err
}

func (r *ring) unmap() error {
	if r.mem == nil {
		return nil
	}
	mem := r.mem
	r.mem = nil
	return unix.Munmap(mem)
}

func (r *ring) block(i int) []byte { return r.mem[i*blockBytes : (i+1)*blockBytes : (i+1)*blockBytes] }

// has reports whether there is a packet to read.
func (r *ring) has() bool {
	for {
		if r.isOpen && r.left > 0 {
			return true
		}
		if r.isOpen {
			r.isOpen = false
			r.kept++
			r.at = (r.at + 1) % r.blocks
		}
		if r.kept == r.blocks {
			return false
		}
		b := r.block(r.at)
		if atomic.LoadUint32(word32(b, blockStatus))&unix.TP_STATUS_USER == 0 {
			return false
		}
		r.isOpen = true
		r.left = int(binary.NativeEndian.Uint32(b[blockCount:]))
		r.next = int(binary.NativeEndian.Uint32(b[blockFirst:]))
	}
}

// time returns the time of the packet that there is to read.
func (r *ring) time() packet.Time {
	h := r.block(r.at)[r.next:]
	return packet.Time(binary.NativeEndian.Uint32(h[pktSec:]))*1e9 + packet.Time(binary.NativeEndian.Uint32(h[pktNsec:]))
}

// read reads the packet that there is to read. Its data is valid until giveBack.
func (r *ring) read(f *Frame, link packet.LinkType) {
	h := r.block(r.at)[r.next:]
	u32 := func(at int) uint32 { return binary.NativeEndian.Uint32(h[at:]) }
	mac, snap := int(binary.NativeEndian.Uint16(h[pktMAC:])), int(u32(pktSnap))
	f.Time, f.Link, f.WireLen = r.time(), link, u32(pktLen)
	if status := u32(pktStatus); link == packet.LinkEthernet && status&unix.TP_STATUS_VLAN_VALID != 0 && snap >= 12 {
		tpid := uint16(unix.ETH_P_8021Q)
		if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
			tpid = binary.NativeEndian.Uint16(h[pktTPID:])
		}
		mac -= vlanBytes // the ring has room for it, see openSocket
		copy(h[mac:], h[mac+vlanBytes:mac+vlanBytes+12])
		binary.BigEndian.PutUint16(h[mac+12:], tpid)
		binary.BigEndian.PutUint16(h[mac+14:], uint16(u32(pktTCI)))
		snap += vlanBytes
		f.WireLen += vlanBytes
	}
	f.Data = h[mac : mac+snap : mac+snap]
	r.left--
	r.next += int(u32(pktNext))
}

// giveBack gives the blocks that were read to the kernel.
func (r *ring) giveBack() {
	if r.isOpen && r.left == 0 {
		r.has() // closes it
	}
	for ; r.kept > 0; r.kept-- {
		b := r.block((r.at - r.kept + r.blocks) % r.blocks)
		atomic.StoreUint32(word32(b, blockStatus), unix.TP_STATUS_KERNEL)
	}
}

// unread counts the packets that are in the ring and gives them up.
func (r *ring) unread() (n uint64) {
	for range r.blocks {
		if !r.has() {
			break
		}
		n += uint64(r.left)
		r.left = 0
	}
	return n
}
