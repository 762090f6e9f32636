package probe

import (
	"runtime"
	"testing"
	"unsafe"
)

// TestApart allocates what two shards have of a kind, with apart in between, and measures
// how far from each other they lie. The collector may spoil one try, or two.
func TestApart(t *testing.T) {
	type head struct {
		cells []uint64
		n     [14]int
	}
	kinds := map[string]func() unsafe.Pointer{
		"a counter":        func() unsafe.Pointer { return unsafe.Pointer(new(uint64)) },
		"three counters":   func() unsafe.Pointer { return unsafe.Pointer(&make([]uint64, 3)[0]) },
		"a head":           func() unsafe.Pointer { return unsafe.Pointer(new(head)) },
		"twenty pointers":  func() unsafe.Pointer { return unsafe.Pointer(&make([]*int, 20)[0]) },
		"sixty-two values": func() unsafe.Pointer { return unsafe.Pointer(&make([]uint64, 62)[0]) },
	}
	var keep []unsafe.Pointer // else they lie on the stack
	for name, kind := range kinds {
		allocate := func() uintptr {
			keep = append(keep, kind())
			return uintptr(keep[len(keep)-1])
		}
		t.Run(name, func(t *testing.T) {
			const tries = 50
			near, nearWithout := 0, 0
			for range tries {
				first := allocate()
				second := allocate()
				room := apart()
				third := allocate()
				runtime.KeepAlive(room)
				if second-first < 512+128 || first-second < 512+128 {
					nearWithout++
				}
				if d := third - second; d < 128 || -d < 128 {
					near++
				}
			}
			if near > 2 {
				t.Errorf("%d of %d lie within 128 bytes of those before", near, tries)
			}
			if nearWithout < tries/2 {
				t.Errorf("%d of %d would lie near each other anyhow: nothing is tested", nearWithout, tries)
			}
		})
	}
}
