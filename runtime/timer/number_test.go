package timer

import (
	"slices"
	"testing"
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
			order, from = append(order, ag.Fired()), append(from, name)
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
