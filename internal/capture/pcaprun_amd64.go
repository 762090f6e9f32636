package capture

import (
	"encoding/binary"

	"github.com/streamon/streamon/runtime/cpu"
)

// stepFours is stepAlike for records by fours, so many of them at most, up to four that are not
// all of that length or older than the one before. It returns how many records it stepped
// over.
func (form *pcapForm) stepFours(to *steps, rest []byte, size, fours int) (records int) {
	if !cpu.HasAVX2 || fours <= 0 {
		return 0
	}
	if last := rest[3*size:]; int(binary.LittleEndian.Uint32(last[8:])) != size-plainBytes {
		return 0 // few that are alike are not worth making ready for
	}
	n := to.n
	stepFours(to, &rest[0], size, fours, int64(form.fracNS))
	return to.n - n
}

// stepFours is the kernel: first is where 4·fours records begin, for which to has room.
//
//go:noescape
func stepFours(to *steps, first *byte, size, fours int, fracNS int64)
