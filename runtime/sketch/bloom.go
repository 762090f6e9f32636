package sketch

import (
	"math"

	"github.com/streamon/streamon/runtime/flow"
	"github.com/streamon/streamon/runtime/image"
)

// Pair remembers keys for at least a window of packet time: two Bloom filters,
// one taking insertions and one from the period before (paper §III-B).
//
// Accuracy: a key that was set is seen for at least one window, unless more than
// capacity keys came first. A key that was not is reported as seen with
// probability at most err while both filters hold at most capacity keys each.
// Memory: 64 bytes per block, see NewPair. Cost: one cache line per operation.
//
// Rotation by time: periods are floor(now/window); when the period changes by
// one the current filter becomes the previous one and a new one begins, when it
// changes by more both are empty. Rotation by fill: after capacity insertions of
// keys not yet seen the filters rotate and the period stays; a key known from the
// previous filter enters the current one without counting, so with many lasting
// keys a filter may hold more than capacity, and Usage shows the error that this
// makes. Rotation is O(1): a block is cleared when it is next touched.
//
// Source: B. Bloom 1970; one cache line per key as in F. Putze, P. Sanders and
// J. Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007; one bit in
// each word of a block as in the split block filters of Apache Impala.
type Pair struct {
	blocks []pairBlock
	window int64
	end    int64  // end of the present period
	turn   uint32 // rotations so far; its parity says which half is current
	fresh  int    // keys not yet seen that the current filter took
	cur    int    // keys that the current filter took, seen before or not
	prev   int    // the same of the previous filter
	cap    int
	byFill uint64 // rotations by fill
}

// pairBlock is one cache line. Word 0 holds the turn at which it was last
// touched. Bits 0…31 of each other word belong to one filter and bits 32…63 to
// the other; a key owns one bit in each of the pairBits words.
type pairBlock [1 + pairBits]uint64

const (
	pairBits = 7
	lowHalf  = 1<<32 - 1
)

// NewPair returns a pair for capacity keys per window (ns; 0 = no rotation by
// time) with false-positive rate at most err. Memory: 64·B bytes, B the least
// number of blocks for which bloomError(capacity/B) ≤ err; at 1 % that is 3.5
// bytes a key. capacity below 1 counts as 1; err is held in [1e-9, 0.5].
func NewPair(window int64, capacity int, err float64) *Pair {
	capacity, err = max(capacity, 1), clampError(err)
	p := &Pair{blocks: flow.Cells[pairBlock](pairBlocks(capacity, err)), window: window, cap: capacity}
	p.end = math.MinInt64
	if window <= 0 {
		p.end = math.MaxInt64
	}
	return p
}

// PairBytes is the memory that NewPair would take, in bytes.
func PairBytes(capacity int, err float64) int64 {
	return 64 * int64(pairBlocks(max(capacity, 1), clampError(err)))
}

func pairBlocks(capacity int, err float64) int {
	return leastBuckets(capacity, err, bloomError)
}

// Set inserts the key with hash h and reports whether it had been seen before.
func (p *Pair) Set(h uint64, now int64) (seen bool) {
	b := &p.blocks[upper(h, uint64(len(p.blocks)))]
	if now >= p.end || uint32(b[0]) != p.turn {
		p.renew(b, now)
	}
	half, has := uint64(p.turn<<5&32), b.has(h)
	if has>>half&1 != 0 {
		return true // and nothing to store
	}
	b[1] |= 1 << (h&31 | half)
	b[2] |= 1 << (h>>5&31 | half)
	b[3] |= 1 << (h>>10&31 | half)
	b[4] |= 1 << (h>>15&31 | half)
	b[5] |= 1 << (h>>20&31 | half)
	b[6] |= 1 << (h>>25&31 | half)
	b[7] |= 1 << (h>>30&31 | half)
	p.cur++
	if has>>(32-half)&1 != 0 {
		return true
	}
	if p.fresh++; p.fresh >= p.cap {
		p.byFill++
		p.rotate(1)
	}
	return false
}

// Get reports whether the key with hash h has been seen. It inserts nothing.
func (p *Pair) Get(h uint64, now int64) (seen bool) {
	b := &p.blocks[upper(h, uint64(len(p.blocks)))]
	if now >= p.end || uint32(b[0]) != p.turn {
		p.renew(b, now)
	}
	return b.has(h)&(1|1<<32) != 0
}

// Warm asks for the block of each hash of a column, see flow.WarmFirst.
func (p *Pair) Warm(column []uint64, add uint64) { flow.WarmFirst(p.blocks, column, add) }

// has says in bit 0 and in bit 32 whether each of the filters has the key with hash h. The
// block comes from the upper bits of h, the bits within it from the lower 35. A loop over
// the words would take twice the instructions.
func (b *pairBlock) has(h uint64) uint64 {
	return b[1] >> (h & 31) & (b[2] >> (h >> 5 & 31)) & (b[3] >> (h >> 10 & 31)) & (b[4] >> (h >> 15 & 31)) &
		(b[5] >> (h >> 20 & 31)) & (b[6] >> (h >> 25 & 31)) & (b[7] >> (h >> 30 & 31))
}

// renew enters the period of now and clears b of what it held before the last turn.
//
//go:noinline
func (p *Pair) renew(b *pairBlock, now int64) {
	if now >= p.end {
		p.advance(now)
	}
	if uint32(b[0]) != p.turn {
		p.refresh(b)
	}
}

// refresh brings b from the turn of its last touch to the present one.
func (p *Pair) refresh(b *pairBlock) {
	keep := uint64(0)
	if p.turn-uint32(b[0]) == 1 {
		keep = lowHalf
		if p.turn&1 == 0 {
			keep = ^uint64(lowHalf)
		}
	}
	b[0] = uint64(p.turn)
	for i := 1; i <= pairBits; i++ {
		b[i] &= keep
	}
}

// advance enters the period of now.
func (p *Pair) advance(now int64) {
	if p.end != math.MinInt64 {
		n := uint32(1)
		if now-p.end >= p.window {
			n = 2
		}
		p.rotate(n)
	}
	p.end = periodEnd(now, p.window)
}

// Rotate makes the current filter the previous one at once, whatever its age.
func (p *Pair) Rotate() { p.rotate(1) }

// Turns counts the rotations of the pair, for whoever rotates another with it.
func (p *Pair) Turns() uint32 { return p.turn }

// Clear forgets every key.
func (p *Pair) Clear() { p.rotate(2) }

func (p *Pair) rotate(n uint32) {
	p.turn += n
	p.prev = p.cur
	if n > 1 {
		p.prev = 0
	}
	p.cur, p.fresh = 0, 0
}

// Usage reports the fill. Used counts the keys of both filters, a key in both
// twice; Evicted counts rotations by fill.
func (p *Pair) Usage() flow.Usage {
	n := float64(len(p.blocks))
	return flow.Usage{
		Used: p.cur + p.prev, Capacity: p.cap, Bytes: 64 * int64(len(p.blocks)),
		Error:   1 - (1-bloomHalf(float64(p.cur)/n))*(1-bloomHalf(float64(p.prev)/n)),
		Evicted: p.byFill,
	}
}

// Form implements program.Saver.
func (p *Pair) Form() string { return image.Form("pair", 1, len(p.blocks)) }

// Save implements program.Saver.
func (p *Pair) Save(w *image.Writer) {
	w.Int(p.end)
	w.Uint(uint64(p.turn))
	w.Int(int64(p.fresh))
	w.Int(int64(p.cur))
	w.Int(int64(p.prev))
	w.Uint(p.byFill)
	image.Put(w, p.blocks)
}

// Load implements program.Saver.
func (p *Pair) Load(r *image.Reader) error {
	p.end, p.turn = r.Int(), uint32(r.Uint())
	r.Refuse(p.window > 0 || p.end == math.MaxInt64)
	most := len(p.blocks) * pairBits * 32 // of keys that a filter takes: each sets a bit
	p.fresh, p.cur, p.prev = r.Count(p.cap), r.Count(most), r.Count(most)
	p.byFill = r.Uint()
	image.Get(r, p.blocks)
	return r.End()
}
