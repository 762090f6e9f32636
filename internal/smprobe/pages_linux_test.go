package smprobe

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

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
	first, last := uintptr(unsafe.Pointer(&cells[0])), uintptr(unsafe.Pointer(&cells[len(cells)-1]))
	for _, at := range []uintptr{first &^ (largePage - 1), first, (first + last) / 2, last, last | (largePage - 1)} {
		if flags := flagsOf(t, string(text), at); !strings.Contains(flags, " hg") {
			t.Errorf("flags of memory at %#x, of a block from %#x to %#x = %q, want hg", at, first, last, flags)
		}
	}
}

// flagsOf reads the flags of the memory at an address.
func flagsOf(t *testing.T, smaps string, at uintptr) string {
	t.Helper()
	inside := false
	for line := range strings.Lines(smaps) {
		var from, to uintptr
		if n, _ := fmt.Sscanf(line, "%x-%x ", &from, &to); n == 2 {
			inside = from <= at && at < to
		}
		if flags, ok := strings.CutPrefix(line, "VmFlags:"); ok && inside {
			return strings.TrimRight(flags, "\n")
		}
	}
	t.Errorf("%#x is not in /proc/self/smaps", at)
	return ""
}

// Blocks that hold no whole page are left alone.
func TestAdviseSmall(t *testing.T) {
	block := make([]byte, 4096)
	for _, n := range []uintptr{0, 1, 64, 4095} {
		advise(unsafe.Pointer(&block[0]), n, unix.MADV_POPULATE_WRITE)
	}
}
