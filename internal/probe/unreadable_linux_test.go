package probe

import (
	"strings"
	"syscall"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
)

// TestUnreadable: a program that reads memory which is not to be read is stopped, and the other
// ones lose nothing.
func TestUnreadable(t *testing.T) {
	page, err := syscall.Mmap(-1, 0, syscall.Getpagesize(), syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Munmap(page)
	for _, workers := range []int{1, 3} {
		var sum byte
		p := New(Options{Workers: workers})
		load(t, p, fake{name: "reads", slow: func() { sum += page[0] }})
		load(t, p, fake{name: "other"})
		const packets = 20 * packet.BatchSize
		if err := p.Run(ctx, &frames{n: packets}); err != nil {
			t.Fatal(err)
		}
		s := summaryOf(t, p).Programs
		if s[0].Status != "stopped" || !strings.Contains(s[0].Error, "panic while processing packets") {
			t.Errorf("%d workers: %s, %q, %d", workers, s[0].Status, s[0].Error, sum)
		}
		if s[1].Status != "running" || s[1].Packets != packets {
			t.Errorf("%d workers: the other one: %s after %d packets", workers, s[1].Status, s[1].Packets)
		}
	}
}
