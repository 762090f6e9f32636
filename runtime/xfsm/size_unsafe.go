package xfsm

import (
	"unsafe"

	"github.com/streamon/streamon/runtime/dleft"
	"github.com/streamon/streamon/runtime/timer"
)

// TableBytes is the memory that NewTable would take for keys of that size, in bytes.
func TableBytes(capacity, keyBytes int) int64 {
	return dleft.TableBytesOf(capacity, keyBytes, int(unsafe.Sizeof(place{})), 8) + timer.WheelBytes(dleft.TableSlots(capacity))
}

// TimeoutsBytes is the memory that NewTimeouts would take for keys of that size and
// timers that keep so many bytes of a packet, in bytes.
func TimeoutsBytes(capacity, keyBytes, keptBytes int) int64 {
	value := max(int(unsafe.Sizeof(armed[struct{}]{})), int(unsafe.Sizeof(repeat{}))+(keptBytes+7)&^7)
	return dleft.TableBytesOf(capacity, keyBytes, value, 8) + timer.WheelBytes(dleft.TableSlots(capacity))
}
