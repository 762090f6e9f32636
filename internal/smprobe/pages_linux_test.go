package smprobe

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"

	"github.com/streamon/streamon/runtime/flow"
)

// A command sets the hook, and with it a large structure lies in memory that the
// system was advised about: flag hg in /proc/self/smaps.
func TestLargePages(t *testing.T) {
	if _, stderr, code := run(t, nil, "version"); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if flow.Advise == nil {
		t.Fatal("flow.Advise is not set")
	}
	cells := flow.Cells[[64]byte](8 * flow.LargeBlock / 64)
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil || !strings.Contains(string(text), "VmFlags:") {
		t.Skipf("this system does not show advice about memory: %v", err)
	}
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skipf("this system has no large pages: %v", err)
	}
	middle := uintptr(unsafe.Pointer(&cells[len(cells)/2]))
	inside := false
	for line := range strings.Lines(string(text)) {
		var from, to uintptr
		if n, _ := fmt.Sscanf(line, "%x-%x ", &from, &to); n == 2 {
			inside = from <= middle && middle < to
		}
		if flags, ok := strings.CutPrefix(line, "VmFlags:"); ok && inside {
			if !strings.Contains(flags, " hg") {
				t.Errorf("flags of the block's memory = %q, want hg", strings.TrimSpace(flags))
			}
			return
		}
	}
	t.Error("the block is not in /proc/self/smaps")
}

// Blocks that hold no whole page are left alone.
func TestAdviseSmall(t *testing.T) {
	block := make([]byte, 4096)
	for _, n := range []uintptr{0, 1, 64, 4095} {
		adviseLargePages(unsafe.Pointer(&block[0]), n)
	}
}
