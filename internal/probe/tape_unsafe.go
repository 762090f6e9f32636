package probe

import "unsafe"

// name copies the key of a top-k list, which the sender will overwrite. The copy is a
// string without an allocation of its own: its bytes are not written until reset, when
// nobody may hold it.
func (t *tape) name(s string) string {
	n := len(t.text)
	t.text = append(t.text, s...)
	return unsafe.String(unsafe.SliceData(t.text[n:]), len(s))
}
