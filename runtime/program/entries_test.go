package program

import (
	"fmt"
	"testing"
)

func TestEntries(t *testing.T) {
	var e Entries
	for _, n := range []int{3, 0, 100, 2} {
		e.Reset()
		want := ""
		for i := range n {
			e.Text = fmt.Appendf(e.Text, "key%d", i)
			e.End(int64(10 * i))
			if i > 0 {
				want += ", "
			}
			want += fmt.Sprintf("key%d %d", i, 10*i)
		}
		if got := string(AppendValue(nil, e.Value(), "")); got != want {
			t.Errorf("list of %d entries = %q, want %q", n, got, want)
		}
	}
	if n := testing.AllocsPerRun(10, func() {
		e.Reset()
		for i := range int64(50) {
			e.Text = AppendInt(e.Text, i, "")
			e.End(i)
		}
		_ = e.Value()
	}); n != 0 {
		t.Errorf("allocations per list = %v, want 0", n)
	}
}
