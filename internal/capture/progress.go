package capture

// Progress says how far src has been read, and how far it reaches, in bytes of its
// files as they are stored. total is 0 if that is not known: of standard input, of a
// pipe, of a source that repeats. The goroutine that calls Next calls it.
func Progress(src Source) (done, total int64) {
	if p, ok := src.(progresser); ok {
		return p.progress()
	}
	return 0, 0
}

type progresser interface{ progress() (done, total int64) }

func (r *reader) progress() (done, total int64) {
	if b := r.w.next; b != nil && r.raw != r.w { // somebody may be unpacking
		b.ahead.Lock()
		defer b.ahead.Unlock()
	}
	return r.raw.off, r.size
}

// progress sums over all sources; those that have ended count whole.
func (c *concatSource) progress() (done, total int64) {
	for _, s := range c.srcs {
		n, size := Progress(s)
		if size == 0 {
			return 0, 0
		}
		done += n
		total += size
	}
	return done, total
}

func (e endedSource) progress() (done, total int64) { return e.size, e.size }
