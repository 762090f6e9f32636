package dleft

import "testing"

// FuzzTable turns bytes into operations, two bytes each, and compares a small
// table with a plain map: under Reject a refused key is not in the map, under
// Evict OnEvict takes it out.
func FuzzTable(f *testing.F) {
	f.Add([]byte{}, true)
	f.Add([]byte{0, 1, 0, 2, 64, 1, 128, 1, 0, 1}, false)
	var many []byte
	for i := range 256 {
		many = append(many, byte(i), byte(i*7))
	}
	f.Add(many, true)
	f.Fuzz(func(t *testing.T, ops []byte, evict bool) {
		policy := Reject
		if evict {
			policy = Evict
		}
		tab, m := NewTable[key16, int](8, policy), map[key16]int{}
		tab.OnEvict = func(_ Slot, k *key16, v *int) {
			if m[*k] != *v {
				t.Fatalf("OnEvict(%v) = %d, want %d", *k, *v, m[*k])
			}
			delete(m, *k)
		}
		for i := 0; i+1 < len(ops); i += 2 {
			k := keyOf(uint64(ops[i+1]))
			h, now := hash16(&k), t0+int64(i)*sec
			want, held := m[k]
			switch ops[i] >> 6 {
			case 0, 1:
				v, inserted := tab.Put(h, &k, now)
				if held && (v == nil || *v != want) || inserted == held && v != nil {
					t.Fatalf("step %d: Put = %v, %v; want %d, %v", i, v, inserted, want, !held)
				}
				if v != nil {
					*v = i + 1
					m[k] = i + 1
				}
			case 2:
				if v := tab.Get(h, &k); (v != nil) != held || held && *v != want {
					t.Fatalf("step %d: Get = %v, want %d, %v", i, v, want, held)
				}
			case 3:
				if got := tab.Delete(h, &k); got != held {
					t.Fatalf("step %d: Delete = %v, want %v", i, got, held)
				}
				delete(m, k)
			}
			if tab.Len() != len(m) {
				t.Fatalf("step %d: Len = %d, want %d", i, tab.Len(), len(m))
			}
		}
		if err := tab.checkInvariants(hash16); err != nil {
			t.Fatal(err)
		}
		tab.Range(func(k *key16, v *int) bool {
			if m[*k] != *v {
				t.Errorf("Range: %v = %d, want %d", *k, *v, m[*k])
			}
			return true
		})
	})
}
