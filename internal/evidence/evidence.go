// Package evidence keeps the last packets of an entity when a program alerts.
//
// It owns a ring of copies of recent packets, the choice of those that concern an
// entity, and a directory of pcapng files with its limits. The main type is
// [Recorder], which is shown every batch and, as an export.Writer, every record:
//
//	r, err := evidence.Open(evidence.Options{Dir: "/var/lib/smprobe/evidence", Packets: 100})
//	…
//	r.See(batch)          // copies the packets: sources use their memory again
//	r.Write(origin, rec)  // of an alert: hands a view of the ring to a goroutine
//	r.Close()
//
// A packet concerns an entity if each address of the entity's key is its source or
// its destination. Copying is the whole cost on the way of packets; looking for them and
// writing them is done by a goroutine. If that falls behind, alerts go without evidence and
// are counted.
package evidence

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// Options are limits and where files go. Zero values take the defaults.
type Options struct {
	Dir     string // is made if it is not there
	Packets int    // of one file; default 100
	Bytes   int64  // of packets in one file; default 1 MB
	Files   int    // in the directory; default 1000
	Disk    int64  // bytes of all files; default 1 GB
	Memory  int64  // bytes of packets that are kept in memory; default 64 MB
	// Logf takes a line when files cannot be written; nil = nobody.
	Logf func(format string, args ...any)
}

// Counts are what became of alerts.
type Counts struct {
	Files   uint64 `json:"files"`   // written
	Packets uint64 `json:"packets"` // in them
	Skipped uint64 `json:"skipped"` // alerts soon after one of the same program and entity
	Missed  uint64 `json:"missed"`  // alerts while too many files were waiting to be written
	Failed  uint64 `json:"failed"`  // files that could not be written
	Removed uint64 `json:"removed"` // files that made room for others
}

// waiting is how many alerts wait for their file. Each holds the ring of its moment.
const waiting = 32

// every is the time in which one entity of a program gets one file at most.
const every = packet.Time(time.Minute)

// maxEntities is how many entities are remembered for that.
const maxEntities = 65536

// Recorder keeps evidence. See, Write and Flush are for one goroutine at a time, the
// rest for any.
type Recorder struct {
	opt  Options
	ring *ring
	last map[string]packet.Time // of the last file, by program and entity
	key  []byte
	jobs chan job
	dir  *directory
	done sync.WaitGroup
	once sync.Once

	files, packets, skipped, missed, failed, removed atomic.Uint64
}

// job is one file to be written.
type job struct {
	views   []view
	time    packet.Time
	name    string
	comment string // the alert as JSON
	ips     []packet.IP
	macs    []packet.MAC
}

// Open makes the directory and starts the goroutine.
func Open(opt Options) (*Recorder, error) {
	defaults := func(p *int64, n int64) {
		if *p <= 0 {
			*p = n
		}
	}
	defaults(&opt.Bytes, 1e6)
	defaults(&opt.Disk, 1e9)
	defaults(&opt.Memory, 64<<20)
	if opt.Packets <= 0 {
		opt.Packets = 100
	}
	if opt.Files <= 0 {
		opt.Files = 1000
	}
	if opt.Logf == nil {
		opt.Logf = func(string, ...any) {}
	}
	if err := os.MkdirAll(opt.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	r := &Recorder{opt: opt, ring: newRing(opt.Memory), last: map[string]packet.Time{}, jobs: make(chan job, waiting)}
	var err error
	if r.dir, err = openDirectory(opt.Dir, opt.Files, opt.Disk); err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	r.done.Go(r.work)
	return r, nil
}

// Counts returns what became of alerts so far.
func (r *Recorder) Counts() Counts {
	return Counts{r.files.Load(), r.packets.Load(), r.skipped.Load(), r.missed.Load(), r.failed.Load(), r.removed.Load()}
}

// See copies the packets of a batch. It is to be called before the batch's records are
// written.
func (r *Recorder) See(b *packet.Batch) { r.ring.add(b) }

// Write implements export.Writer: an alert is given a file. It never waits and never
// fails.
func (r *Recorder) Write(o *export.Origin, rec *program.Record) error {
	if rec.Type != program.AlertRecord {
		return nil
	}
	r.key = export.AppendObject(append(append(r.key[:0], o.Name()...), ' '), rec.Entity)
	if last, ok := r.last[string(r.key)]; ok && rec.Time-last < every {
		r.skipped.Add(1)
		return nil
	}
	if len(r.jobs) == cap(r.jobs) || r.ring.isLent() {
		r.missed.Add(1)
		return nil
	}
	if len(r.last) >= maxEntities {
		clear(r.last)
	}
	r.last[string(r.key)] = rec.Time
	j := job{time: rec.Time, name: fileName(o, rec), comment: string(export.AppendRecord(nil, o, rec)), views: r.ring.look()}
	for i := range rec.Entity {
		switch v := &rec.Entity[i].Value; v.Kind {
		case program.KindIP:
			j.ips = append(j.ips, v.B)
		case program.KindMAC:
			j.macs = append(j.macs, packet.MAC(v.B[:6]))
		}
	}
	r.jobs <- j // there is room: nobody else sends
	return nil
}

// Flush implements export.Writer.
func (r *Recorder) Flush() error { return nil }

// Close writes the files that wait. There must be no Write after it; a second call does
// nothing.
func (r *Recorder) Close() error {
	r.once.Do(func() { close(r.jobs) })
	r.done.Wait()
	return nil
}

// work writes files until there are no more.
func (r *Recorder) work() {
	failing := false
	for j := range r.jobs {
		chosen := j.choose(r.opt.Packets, r.opt.Bytes)
		removed, err := r.dir.write(j.name, j.comment, chosen)
		release(j.views)
		r.removed.Add(uint64(removed))
		if err != nil {
			r.failed.Add(1)
			if !failing {
				r.opt.Logf("evidence: %v", err)
			}
			failing = true
			continue
		}
		failing = false
		r.files.Add(1)
		r.packets.Add(uint64(len(chosen)))
	}
}

// choose returns the last packets that concern the entity, in order, not later than
// the alert.
func (j *job) choose(packets int, bytes int64) (chosen []capture.Frame) {
	for i := len(j.views) - 1; i >= 0; i-- {
		v := &j.views[i]
		for k := len(v.packets) - 1; k >= 0; k-- {
			e := &v.packets[k]
			if e.time > j.time || !j.concerns(e) {
				continue
			}
			if bytes -= int64(e.n); len(chosen) == packets || bytes < 0 && len(chosen) > 0 {
				slices.Reverse(chosen)
				return chosen
			}
			chosen = append(chosen, capture.Frame{Time: e.time, Data: v.data[e.at : e.at+e.n], WireLen: e.wire, Link: e.link, Iface: e.iface})
		}
	}
	slices.Reverse(chosen)
	return chosen
}

// concerns reports whether each address of the entity is the packet's source or
// destination. Of an entity without addresses it is those of the alert's moment.
func (j *job) concerns(e *entry) bool {
	if len(j.ips)+len(j.macs) == 0 {
		return e.time == j.time
	}
	for _, ip := range j.ips {
		if e.has&(packet.IPLayer|packet.ARP) == 0 || e.src != ip && e.dst != ip {
			return false
		}
	}
	for _, mac := range j.macs {
		if e.has&packet.Eth == 0 || e.ethSrc != mac && e.ethDst != mac {
			return false
		}
	}
	return true
}
