package capture

import (
	"errors"
	"io"
)

// concatSource reads sources one after the other.
type concatSource struct {
	srcs    []Source
	at      int
	held    bool
	done    []Source // ended, but frames of theirs may still be in use
	damages []error
	err     error
}

// Concat returns a source that yields srcs in the order given, and closes each
// when it has ended and its frames are given up. Damage in one does
// not keep the others from being read: all of it is returned, joined, at the end
// (see Damages). Name is that of the source being read. Closing it closes
// the rest.
func Concat(srcs ...Source) Source {
	c := &concatSource{srcs: srcs}
	for _, s := range srcs {
		if _, ok := s.(keeper); !ok {
			return c
		}
	}
	return keptConcat{c}
}

// keptConcat is a Concat of sources whose frames can all be kept.
type keptConcat struct{ *concatSource }

func (c keptConcat) hold(on *shelf) {
	c.held = true
	for _, s := range c.srcs {
		s.(keeper).hold(on)
	}
}

// release closes the sources before the one being read.
func (c keptConcat) release() {
	if len(c.done) > 0 {
		closeAll(c.done)
		c.done = nil
	}
	if c.at < len(c.srcs) {
		c.srcs[c.at].(keeper).release()
	}
}

func (c *concatSource) Name() string {
	if len(c.srcs) == 0 {
		return ""
	}
	return c.srcs[min(c.at, len(c.srcs)-1)].Name()
}

// Next implements Source.
func (c *concatSource) Next(f *Frame) error {
	for c.err == nil {
		if c.at == len(c.srcs) {
			c.err = errors.Join(c.damages...)
			if c.err == nil {
				c.err = io.EOF
			}
			break
		}
		err := c.srcs[c.at].Next(f)
		if err == nil {
			return nil
		}
		if Damages(err) != nil {
			c.damages = append(c.damages, err)
		} else if err != io.EOF {
			c.err = err
			break
		}
		if c.held {
			c.done = append(c.done, c.srcs[c.at])
		} else {
			c.srcs[c.at].Close()
		}
		_, size := Progress(c.srcs[c.at])
		c.srcs[c.at] = endedSource{c.srcs[c.at].Name(), size}
		c.at++
	}
	return c.err
}

// Close closes all sources.
func (c *concatSource) Close() error {
	err := errors.Join(closeAll(c.done), closeAll(c.srcs))
	c.done = nil
	return err
}

// closeAll closes list and returns the first error.
func closeAll(list []Source) error {
	var first error
	for _, s := range list {
		if err := s.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// endedSource stands where a source was, so that its memory can go.
type endedSource struct {
	name string
	size int64
}

func (e endedSource) Next(*Frame) error { return io.EOF }
func (e endedSource) Close() error      { return nil }
func (e endedSource) Name() string      { return e.name }
func (e endedSource) hold(*shelf)       {}
func (e endedSource) release()          {}
