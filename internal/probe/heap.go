package probe

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
)

// What a program takes of memory. Its structures are made by New and say how large they
// are: a program with more than its budget is not loaded. Generated code allocates nothing
// later; other code in a plugin may. The heap is the process's, so whose it is has to be
// found out: when the process has grown by half of the smallest budget since the last time,
// patrol collects garbage and asks the heap profile of the Go runtime, which is always on and
// samples one allocation in 512 kB, from which code what is in use came. Instances of one
// plugin have one code: each is charged its part.

// heapUse is what patrol knows of the heap. Its goroutine uses it.
type heapUse struct {
	sample [1]metrics.Sample
	base   int64 // bytes at the last examination
}

// look returns the bytes of objects on the heap, 0 if nobody wants to know.
func (h *heapUse) look(p *Probe) int64 {
	if p.opt.MemoryLimit == 0 && p.smallest() == math.MaxInt64 {
		return 0
	}
	h.sample[0].Name = "/memory/classes/heap/objects:bytes"
	metrics.Read(h.sample[:])
	return int64(h.sample[0].Value.Uint64())
}

// smallest returns the smallest memory budget of a program that runs.
func (p *Probe) smallest() int64 {
	least := int64(math.MaxInt64)
	for _, in := range *p.watched.Load() {
		if in.limits.Memory > 0 && in.doom.Load() == nil && !in.isLost() {
			least = min(least, in.limits.Memory)
		}
	}
	return least
}

// fills reports whether a call that goes on and in which the heap grew has to be given up.
func (p *Probe) fills(in *instance, heap, grown int64) bool {
	return in.limits.Memory > 0 && grown > in.limits.Memory || p.opt.MemoryLimit > 0 && heap > p.opt.MemoryLimit && grown > 0
}

// ErrMemory ends a run: the process is over Options.MemoryLimit, and a call that was given up
// may be why, so that nothing would help but to end it.
var ErrMemory = errors.New("the process is over its memory limit")

// examine finds out whose memory it is, if the process has grown.
func (p *Probe) examine(heap int64) {
	if n := p.strays.Load(); n > 0 && p.opt.MemoryLimit > 0 && heap > p.opt.MemoryLimit {
		p.fail(fmt.Errorf("%w of %s with %s, and %d calls that were given up still run", ErrMemory, sizeText(p.opt.MemoryLimit), sizeText(heap), n))
	}
	least := p.smallest()
	if least == math.MaxInt64 || heap < p.heap.base+least/2 {
		p.heap.base = min(p.heap.base, heap)
		return
	}
	runtime.GC() // also brings the profile up to date
	p.heap.base = p.heap.look(p)
	used := inUse()
	instances := p.instancesOf()
	for _, in := range *p.watched.Load() {
		u := used[in.code]
		if u == nil || in.limits.Memory == 0 {
			continue
		}
		if mine := u.bytes / max(1, instances[in.code]); mine+in.made > in.limits.Memory {
			why := fmt.Errorf("memory: it has allocated %s%s besides %s of structures, its budget is %s",
				sizeText(mine), innermost(in.info.Manifest.File, u.largest), sizeText(in.made), sizeText(in.limits.Memory))
			if in.doom.CompareAndSwap(nil, &why) && p.crew != nil {
				p.crew.nudge()
			}
		}
	}
}

// heed stops the programs of which patrol has found that. No batch is being processed: in those
// that come a program is stopped by itself, but there need not be any.
func (p *Probe) heed() {
	for _, in := range p.line {
		if why := in.doom.Load(); why != nil && in.stopped == nil {
			in.stop(*why)
			if p.crew != nil {
				p.crew.changed = true
			}
		}
	}
}

// instancesOf returns how many instances there are of the code of each package.
func (p *Probe) instancesOf() map[string]int64 {
	n := map[string]int64{}
	for _, in := range *p.watched.Load() {
		n[in.code]++
	}
	return n
}

// hasFilled reports whether it is the program's call in which the heap grew by so much: others
// allocate meanwhile, and much of it may be garbage.
func (p *Probe) hasFilled(in *instance, grown int64) bool {
	runtime.GC() // also brings the profile up to date
	u := inUse()[in.code]
	if u == nil {
		return false
	}
	return in.limits.Memory > 0 && u.bytes/max(1, p.instancesOf()[in.code])+in.made > in.limits.Memory ||
		p.opt.MemoryLimit > 0 && p.heap.look(p) > p.opt.MemoryLimit && u.bytes > grown/2
}

// usage is memory in use that code of one package has allocated, but for that in New, and for
// what the host has allocated for it: queues of sinks fill with what programs report, and
// tapes, and what shadows report is kept.
type usage struct {
	bytes   int64
	most    int64
	largest []runtime.Frame // the stack that most of it came from
}

// inUse returns the memory in use, by package of programs.
func inUse() map[string]*usage {
	records := make([]runtime.MemProfileRecord, 1024)
	for {
		n, ok := runtime.MemProfile(records, false)
		if ok {
			records = records[:n]
			break
		}
		records = make([]runtime.MemProfileRecord, n+n/4)
	}
	by := map[string]*usage{}
	for i := range records {
		r := &records[i]
		var frames []runtime.Frame
		seen, isMade := map[string]bool{}, false
		for list := runtime.CallersFrames(r.Stack()); ; {
			f, more := list.Next()
			frames = append(frames, f)
			seen[packageOf(f.Function)] = true
			isMade = isMade || slices.ContainsFunc(notCharged, func(name string) bool { return strings.HasSuffix(f.Function, name) })
			if !more {
				break
			}
		}
		if isMade {
			continue
		}
		bytes := unsampled(r.InUseBytes(), r.InUseObjects())
		for code := range seen {
			u := by[code]
			if u == nil {
				u = &usage{}
				by[code] = u
			}
			if u.bytes += bytes; bytes > u.most {
				u.most, u.largest = bytes, frames
			}
		}
	}
	return by
}

// notCharged are the functions on whose behalf memory is not a program's.
var notCharged = []string{
	"internal/probe.(*instance).construct.func1", "internal/probe.(*sink).Emit", "internal/probe.(*shard).visits",
}

// unsampled estimates how many bytes a sample of allocations stands for: one of a size is
// sampled with probability 1 - exp(-size/rate).
func unsampled(bytes, objects int64) int64 {
	if objects == 0 || runtime.MemProfileRate < 1 {
		return bytes
	}
	size := float64(bytes) / float64(objects)
	return int64(float64(bytes) / (1 - math.Exp(-size/float64(runtime.MemProfileRate))))
}

// codeOf returns the package of a program.
func codeOf(f any) string {
	return packageOf(runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name())
}

// packageOf returns the import path in the name of a function.
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/') + 1
	if dot := strings.IndexByte(function[slash:], '.'); dot >= 0 {
		return function[:slash+dot]
	}
	return function
}

// fail ends the run with err.
func (p *Probe) fail(err error) {
	if end := p.end.Load(); end != nil {
		(*end)(err)
	}
}

// sizeText writes bytes for people: few of them as they are, so that a size and a budget
// that differ do not look alike.
func sizeText(bytes int64) string {
	if bytes < 10_000 {
		return fmt.Sprintf("%d B", bytes)
	}
	if bytes < 1e6 {
		return fmt.Sprintf("%d kB", (bytes+999)/1000)
	}
	return fmt.Sprintf("%d MB", (bytes+500_000)/1_000_000)
}
