package loader

import (
	"errors"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/sdk"
)

// TestFull loads more builds than one process may.
func TestFull(t *testing.T) {
	l := &Loader{mapped: map[string]*mapped{}}
	for i := range MaxBuilds {
		if err := l.room("p.so", 1); err != nil {
			t.Fatalf("after %d builds: %v", i, err)
		}
		l.mapped[strings.Repeat("x", i)] = &mapped{bytes: 1}
	}
	if err := l.room("p.so", 1); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "256") {
		t.Errorf("after %d builds: %v, want ErrFull", MaxBuilds, err)
	}
	if builds, bytes := l.Mapped(); builds != MaxBuilds || bytes != MaxBuilds {
		t.Errorf("Mapped = %d, %d", builds, bytes)
	}
	l = &Loader{mapped: map[string]*mapped{"large": {bytes: MaxBytes - 10}}}
	if err := l.room("p.so", 10); err != nil {
		t.Error(err)
	}
	if err := l.room("p.so", 11); !errors.Is(err, ErrFull) {
		t.Errorf("beyond MaxBytes: %v, want ErrFull", err)
	}
}

// TestOnce: what was refused when it was in memory is not mapped again, and takes no room.
func TestOnce(t *testing.T) {
	refused := errors.New("refused")
	l := &Loader{mapped: map[string]*mapped{"sum": {bytes: MaxBytes, err: refused}}}
	k, err := l.once("p.so", []byte("no plugin"), &sdk.Manifest{ELFSHA256: "sum"})
	if err != nil || k.err != refused || len(l.mapped) != 1 {
		t.Errorf("%+v, %v; %d are mapped", k, err, len(l.mapped))
	}
}
