package program

import (
	"unsafe"

	"github.com/streamon/streamon/runtime/packet"
)

// Where kernels find what they read of packets and heads.
const (
	packetSize = unsafe.Sizeof(packet.Packet{})
	packetSrc  = unsafe.Offsetof(packet.Packet{}.Src)
	packetDst  = unsafe.Offsetof(packet.Packet{}.Dst)
	packetTime = unsafe.Offsetof(packet.Packet{}.Time)

	headSize = unsafe.Sizeof(packet.Head{})
	headSrc  = unsafe.Offsetof(packet.Head{}.Src)
	headDst  = unsafe.Offsetof(packet.Head{}.Dst)
	headTime = unsafe.Offsetof(packet.Head{}.Time)
)

// Only assembly reads them.
var _ = [...]uintptr{packetSize, packetSrc, packetDst, packetTime, headSize, headSrc, headDst, headTime}
