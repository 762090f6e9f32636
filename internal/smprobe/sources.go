package smprobe

import (
	"context"
	"os"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/internal/config"
)

// source opens what is to be read. Files that cannot be opened are reported and
// left out.
func (c *runCmd) source(ctx context.Context, std *stdio) (src capture.Source, failed []unreadable) {
	live := false // something may keep its reader waiting
	open := func(path string) (src capture.Source, err error) {
		st, err := os.Stat(path)
		if path != "-" && (err != nil || st.Mode().IsRegular()) {
			src, err = capture.Open(path)
		} else {
			live = true
			src, err = c.openLive(ctx, std, path)
		}
		if err != nil {
			return nil, err
		}
		return c.filtered(src, std), nil
	}
	join := func(src capture.Source) capture.Source {
		if live {
			return capture.Live(ctx, src)
		}
		return src
	}
	if c.Watch != "" {
		src, err := capture.Watch(ctx, c.Watch, func(path string) (capture.Source, error) { return open(path) }, std.errorf)
		if err != nil {
			std.say(err)
			return capture.Concat(), []unreadable{{c.Watch, err.Error()}}
		}
		return capture.Live(ctx, src), nil
	}
	if c.Replay != "" {
		speed, _ := config.ParseSpeed(c.Speed)
		src, err := open(c.Replay)
		if err == nil && c.Loop != 1 {
			src.Close()
			src, err = capture.Loop(func() (capture.Source, error) { return open(c.Replay) }, c.Loop)
		}
		if err != nil {
			std.say(err)
			return capture.Concat(), []unreadable{{c.Replay, err.Error()}}
		}
		return capture.Paced(ctx, join(src), speed, capture.WallClock), nil
	}
	var list []capture.Source
	for _, path := range c.Read {
		src, err := open(path)
		if err != nil {
			std.say(err)
			failed = append(failed, unreadable{path, err.Error()})
			continue
		}
		list = append(list, src)
	}
	if len(list) == 1 {
		return join(list[0]), failed
	}
	return join(capture.Concat(list...)), failed
}

// openLive opens standard input or a pipe, for which it may have to wait until
// somebody writes: at most until ctx is done, and then there is nothing to read.
func (c *runCmd) openLive(ctx context.Context, std *stdio, path string) (capture.Source, error) {
	type opened struct {
		src capture.Source
		err error
	}
	done := make(chan opened, 1)
	go func() {
		var o opened
		if path == "-" {
			o.src, o.err = capture.NewSource("-", std.in)
		} else {
			o.src, o.err = capture.Open(path)
		}
		done <- o
	}()
	select {
	case o := <-done:
		return o.src, o.err
	case <-ctx.Done():
		return capture.Concat(), nil
	}
}
