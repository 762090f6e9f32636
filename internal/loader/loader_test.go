package loader

import (
	"errors"
	"strings"
	"testing"

	"github.com/streamon/streamon/runtime/program"
)

// TestFull loads more builds than one process may.
func TestFull(t *testing.T) {
	l := &Loader{open: map[string]*program.Info{}}
	for i := range MaxBuilds {
		if err := l.room("p.so"); err != nil {
			t.Fatalf("after %d builds: %v", i, err)
		}
		l.open[strings.Repeat("x", i)] = &program.Info{}
	}
	if err := l.room("p.so"); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "256") {
		t.Errorf("after %d builds: %v, want ErrFull", MaxBuilds, err)
	}
}
