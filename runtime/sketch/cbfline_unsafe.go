package sketch

import "unsafe"

// cbfLine is one cache line: six cells of two 40-bit counters, by parity of the
// turn; a counter is lo + hi·2³².
type cbfLine struct {
	turn uint32 // at which the line was last touched
	lo   [cbfCells][2]uint32
	hi   [cbfCells][2]uint8
}

// low is the lower 32 bits of the counters of a cell, &l.lo[cell]. cell is not tested: it
// comes from pairs6.
func (l *cbfLine) low(cell uint8) *[2]uint32 {
	return (*[2]uint32)(unsafe.Add(unsafe.Pointer(&l.lo), 8*uintptr(cell)))
}

// high is what the counters of a cell have beyond 32 bits, in one: 0 iff both have none.
func (l *cbfLine) high(cell uint8) uint16 {
	return *(*uint16)(unsafe.Add(unsafe.Pointer(&l.hi), 2*uintptr(cell)))
}

// least is the smallest of a key's four counters of one half-window.
func least(l0, l1 *cbfLine, p0, p1 *[2]uint8, half uint32) uint64 {
	return min(l0.get(p0[0], half), l0.get(p0[1], half), l1.get(p1[0], half), l1.get(p1[1], half))
}

func (l *cbfLine) get(cell uint8, half uint32) uint64 {
	return uint64(l.lo[cell][half&1]) | uint64(l.hi[cell][half&1])<<32
}

func (l *cbfLine) put(cell uint8, half uint32, v uint64) {
	l.lo[cell][half&1], l.hi[cell][half&1] = uint32(v), uint8(v>>32)
}

func (l *cbfLine) raise(cell uint8, half uint32, have, want uint64) {
	if have < want {
		l.put(cell, half, want)
	}
}

// lower takes v off a counter.
func (l *cbfLine) lower(cell uint8, half uint32, v uint64) {
	l.put(cell, half, l.get(cell, half)-v)
}

// used returns how many cells count something at a turn.
func (l *cbfLine) used(turn uint32) (n int) {
	var half [2]uint32 // masks of the counters that hold, by parity of their turn
	switch turn - l.turn {
	case 0:
		half = [2]uint32{^uint32(0), ^uint32(0)}
	case 1:
		half[l.turn&1] = ^uint32(0)
	default:
		return 0
	}
	for i := range l.lo {
		v := (l.lo[i][0]|uint32(l.hi[i][0]))&half[0] | (l.lo[i][1]|uint32(l.hi[i][1]))&half[1]
		n += int((v | -v) >> 31)
	}
	return n
}

// refresh brings l from the turn of its last touch to the present one.
func (l *cbfLine) refresh(turn uint32) {
	if turn-l.turn == 1 {
		for i := range l.lo {
			l.put(uint8(i), turn, 0)
		}
		l.turn = turn
		return
	}
	*l = cbfLine{turn: turn}
}
