package timer

import (
	"slices"
	"testing"
	"unsafe"
)

// TestNumber: timers of one deadline that two agendas hold fire in the order in which
// their packets came, by Fired, however many timers each agenda has armed before.
func TestNumber(t *testing.T) {
	var a, b Agenda
	wa, wb := NewWheel(10), NewWheel(10)
	a.Attach(wa)
	b.Attach(wb)
	arm := func(ag *Agenda, w *Wheel, slot int, packet uint64, event int) {
		ag.Number(packet, event)
		w.Arm(slot, 1000, ag.Seq())
	}
	arm(&a, wa, 0, 1, 1)
	arm(&b, wb, 0, 2, 1)
	arm(&b, wb, 1, 2, 2)
	arm(&a, wa, 1, 7, 3)
	arm(&b, wb, 2, 9, 1)
	var order []uint64
	var from []byte
	take := func(ag *Agenda, w *Wheel, name byte) {
		for {
			if _, _, ok := ag.Next(2000); !ok {
				return
			}
			seq, _ := ag.Fired()
			order, from = append(order, seq), append(from, name)
			w.Pop(2000)
		}
	}
	take(&a, wa, 'a')
	take(&b, wb, 'b')
	merged := make([]int, len(order))
	for i := range merged {
		merged[i] = i
	}
	slices.SortFunc(merged, func(i, j int) int {
		if order[i] < order[j] {
			return -1
		}
		return 1
	})
	var got []byte
	for _, i := range merged {
		got = append(got, from[i])
	}
	if string(got) != "abbab" {
		t.Errorf("timers fire in the order %s of their agendas, want abbab", got)
	}
}

// TestChains: of timers that others have armed between the same two packets, the one that
// was armed earlier comes first, wherever the chains began.
func TestChains(t *testing.T) {
	var a Agenda
	w := NewWheel(4)
	a.Attach(w)
	a.Number(5, 2)
	w.Arm(0, 10, a.Seq()) // fires at 10, 30: 20 later
	a.Number(5, 1)
	w.Arm(1, 20, a.Seq()) // fires at 20, 30: 10 later
	a.Number(9, 0)
	var since []int64
	for {
		_, at, ok := a.Next(40)
		if !ok {
			break
		}
		slot, _, _ := w.Pop(40)
		if at == 30 {
			_, armed := a.Fired()
			since = append(since, armed)
			continue
		}
		w.Arm(slot, 30, a.Seq())
	}
	if !slices.Equal(since, []int64{10, 20}) {
		t.Errorf("the timers due at 30 were armed at %v, want 10 and 20", since)
	}
	if a.Number(9, 1); a.at != 0 {
		t.Error("a packet's event arms at the time of a timer")
	}
}

// TestWheelBytes holds the size that is promised to that of a node and its place in the heap.
func TestWheelBytes(t *testing.T) {
	if want := int64(unsafe.Sizeof(node{}) + unsafe.Sizeof(int32(0))); WheelBytes(1001)-WheelBytes(1) != 1000*want {
		t.Errorf("1000 timers are promised %d bytes, they have %d", WheelBytes(1001)-WheelBytes(1), 1000*want)
	}
}
