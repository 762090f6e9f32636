package capture

import (
	"context"
	"io"
	"sync"
	"time"
)

// Bounds of what a live source reads ahead.
const (
	aheadFrames = 4096
	aheadBytes  = 4 << 20
)

// liveSource reads a source that may keep its reader waiting, such as a pipe from
// a sniffer, in a goroutine of its own.
type liveSource struct {
	name  string
	ready chan struct{} // has a token when ahead got frames, or its end

	mu     sync.Mutex
	room   sync.Cond // the reader waits for it
	ahead  frames
	err    error // what ended the source; after the frames in ahead
	closed bool

	now frames // the consumer's
	at  int    // next frame of now
}

// frames are copies of frames, one behind the other.
type frames struct {
	list []Frame // Data is set when a frame is handed out
	ends []int   // of each frame's data in data
	data []byte
}

// Live returns a source that yields what src does and never keeps a Batcher
// waiting for long: a pipe may have a packet now and the next one in an hour, and
// the probe has other things to see to. It reads src in a goroutine of its own,
// ahead of its consumer.
//
// When ctx is done Next returns its error. Closing it ends the goroutine as soon
// as the present read returns, and closes src then.
func Live(ctx context.Context, src Source) Source {
	l := &liveSource{name: src.Name(), ready: make(chan struct{}, 1)}
	l.room.L = &l.mu
	context.AfterFunc(ctx, func() { l.end(ctx.Err()) })
	go l.read(src)
	return l
}

// read is the goroutine.
func (l *liveSource) read(src Source) {
	defer src.Close()
	var f Frame
	for {
		if err := src.Next(&f); err != nil {
			l.end(err)
			return
		}
		if !l.add(&f) {
			return
		}
	}
}

// add copies a frame, waiting for room; it is false if nobody wants it.
func (l *liveSource) add(f *Frame) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.err == nil && !l.closed && (len(l.ahead.list) >= aheadFrames || len(l.ahead.data) >= aheadBytes) {
		l.room.Wait()
	}
	if l.err != nil || l.closed {
		return false
	}
	l.ahead.list = append(l.ahead.list, *f)
	l.ahead.data = append(l.ahead.data, f.Data...)
	l.ahead.ends = append(l.ahead.ends, len(l.ahead.data))
	l.signal()
	return true
}

// end ends the source; the first reason holds.
func (l *liveSource) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
	}
	l.room.Broadcast()
	l.signal()
}

func (l *liveSource) signal() {
	select {
	case l.ready <- struct{}{}:
	default:
	}
}

// take makes what was read ahead the consumer's. It is false if there is neither a
// frame nor the end.
func (l *liveSource) take() bool {
	if l.at < len(l.now.list) {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now, l.ahead = l.ahead, frames{l.now.list[:0], l.now.ends[:0], l.now.data[:0]}
	l.at = 0
	l.room.Broadcast()
	return len(l.now.list) > 0 || l.err != nil
}

// due implements pacer.
func (l *liveSource) due(d time.Duration) bool {
	if l.take() {
		return true
	}
	if d <= 0 {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		select {
		case <-l.ready: // perhaps of frames that were taken already
			if l.take() {
				return true
			}
		case <-t.C:
			return false
		}
	}
}

// Next implements Source.
func (l *liveSource) Next(f *Frame) error {
	for !l.take() {
		<-l.ready
	}
	if l.at == len(l.now.list) {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.err
	}
	*f = l.now.list[l.at]
	start := 0
	if l.at > 0 {
		start = l.now.ends[l.at-1]
	}
	end := l.now.ends[l.at]
	f.Data = l.now.data[start:end:end]
	l.at++
	return nil
}

// Name implements Source.
func (l *liveSource) Name() string { return l.name }

// Close implements Source.
func (l *liveSource) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.err == nil {
		l.err = io.ErrClosedPipe
	}
	l.room.Broadcast()
	return nil
}
