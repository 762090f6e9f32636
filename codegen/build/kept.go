package build

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// What was built is kept in the folder out of the cache, for the next build of the same
// program. It is bounded: a plugin has 2.6 MB, a static probe 13, and each change of a program
// makes another one.

// mostKept bounds the bytes that are kept. A variable for tests.
var mostKept int64 = 2 << 30

const (
	// keptFor is how long what nobody asks for is kept.
	keptFor = 5 * 24 * time.Hour
	// inUse is how long what was asked for is left alone, and how old a note of use may be:
	// others may be at work in the same cache.
	inUse = time.Hour
)

// used notes that a file of the cache was asked for.
func used(path string) {
	now := time.Now()
	if st, err := os.Stat(path); err == nil && now.Sub(st.ModTime()) > inUse {
		_ = os.Chtimes(path, now, now) // else it is built again, one day
	}
}

// trim removes what nobody has asked for in keptFor, and beyond mostKept what was not asked
// for longest. What cannot be removed stays: the next build tries again.
func trim(cache string) {
	type file struct {
		path string
		size int64
		used time.Time
	}
	var files []file
	var sum int64
	dir := filepath.Join(cache, "out")
	list, _ := os.ReadDir(dir)
	for _, e := range list {
		st, err := e.Info()
		if err != nil || !st.Mode().IsRegular() {
			continue
		}
		files = append(files, file{filepath.Join(dir, e.Name()), st.Size(), st.ModTime()})
		sum += st.Size()
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.path, b.path)) })
	for _, f := range files {
		age := time.Since(f.used)
		if age < inUse || age < keptFor && sum <= mostKept {
			break
		}
		if os.Remove(f.path) == nil {
			sum -= f.size
		}
	}
}
