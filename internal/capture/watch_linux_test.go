package capture

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestWatch has captures in a directory at the start, complete and not, and puts others there.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	capture, err := os.ReadFile("../../testdata/pcap/device_scan-dstreamon.pcap") // 23 packets
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string, age time.Duration) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, capture, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	put("b", time.Hour)
	put("a", time.Hour)
	put(".hidden", time.Hour)
	open, err := os.OpenFile(filepath.Join(dir, "c"), os.O_CREATE|os.O_WRONLY, 0o600) // being written
	if err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var mu sync.Mutex
	var opened, log []string
	w, err := Watch(ctx, dir, func(path string) (Source, error) {
		mu.Lock()
		opened = append(opened, filepath.Base(path))
		mu.Unlock()
		return Open(path)
	}, func(format string, args ...any) { mu.Lock(); log = append(log, format); mu.Unlock() })
	if err != nil {
		t.Fatal(err)
	}
	src := Live(ctx, w)
	read := func(n int) {
		t.Helper()
		for range n {
			if err := src.Next(new(Frame)); err != nil {
				t.Fatal(err)
			}
		}
	}
	read(2 * 23)
	if _, err := open.Write(capture[:100]); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if _, err := open.Write(capture[100:]); err != nil {
		t.Fatal(err)
	}
	open.Close()
	if err := os.WriteFile(filepath.Join(dir, "junk"), []byte("no capture"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, ".hidden"), filepath.Join(dir, "shown")); err != nil {
		t.Fatal(err)
	}
	read(2 * 23)
	cancel()
	if err := src.Next(new(Frame)); err != context.Canceled {
		t.Errorf("after the end Next returns %v, want the context's error", err)
	}
	src.Close()
	mu.Lock()
	defer mu.Unlock()
	if want := []string{"a", "b", "c", "junk", "shown"}; !slices.Equal(opened, want) {
		t.Errorf("opened %q, want %q", opened, want)
	}
	if len(log) != 1 {
		t.Errorf("was told %q, want one line about junk", log)
	}
}

func TestWatchErrors(t *testing.T) {
	if _, err := Watch(t.Context(), filepath.Join(t.TempDir(), "none"), nil, nil); err == nil || !strings.Contains(err.Error(), "watching") {
		t.Errorf("a directory that is not there: %v", err)
	}
	dir := filepath.Join(t.TempDir(), "gone")
	os.Mkdir(dir, 0o700)
	w, err := Watch(t.Context(), dir, nil, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	os.Remove(dir)
	if err := w.Next(new(Frame)); err == nil || err == io.EOF || !strings.Contains(err.Error(), "was removed") {
		t.Errorf("a directory that was removed: %v", err)
	}
}

// TestWatchEnds waits for a file that does not come.
func TestWatchEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w, err := Watch(ctx, t.TempDir(), nil, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ended := make(chan error)
	go func() { ended <- w.Next(new(Frame)) }()
	cancel()
	select {
	case err := <-ended:
		if err != context.Canceled {
			t.Errorf("Next: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("Next waits on after its end")
	}
}
