package flow

import (
	"bytes"
	"strings"
	"testing"
	"unsafe"
)

func TestFields(t *testing.T) {
	b := bytes.Repeat([]byte{0xee}, SizeString)
	ip := [16]byte{10: 0xff, 11: 0xff, 12: 192, 13: 0, 14: 2, 15: 7}
	if PutIP(b, &ip); IP(b) != ip || b[16] != 0xee {
		t.Errorf("IP(PutIP(%v)) = %v", ip, IP(b))
	}
	mac := [6]byte{2, 0, 0x5e, 0x10, 0, 1}
	if PutMAC(b, &mac); MAC(b) != mac {
		t.Errorf("MAC(PutMAC(%v)) = %v", mac, MAC(b))
	}
	for _, v := range []int64{0, 1, -1, 443, 1 << 62, -1 << 63} {
		if PutInt(b, v); Int(b) != v {
			t.Errorf("Int(PutInt(%d)) = %d", v, Int(b))
		}
	}
	PutInt(b, 0x0102030405060708)
	if want := []byte{1, 2, 3, 4, 5, 6, 7, 8}; !bytes.Equal(b[:8], want) {
		t.Errorf("PutInt wrote %x, want %x", b[:8], want)
	}
	for _, v := range []bool{true, false} {
		if PutBool(b, v); Bool(b) != v {
			t.Errorf("Bool(PutBool(%v)) = %v", v, Bool(b))
		}
	}
}

func TestString(t *testing.T) {
	long := strings.Repeat("x", 70)
	tests := []struct {
		in, text string
		length   byte
		whole    bool
	}{
		{"", "", 0, true},
		{"a.example", "a.example", 9, true},
		{long[:63], long[:63], 63, true},
		{long[:64], long[:55], 64, false},
		{strings.Repeat("y", 255), strings.Repeat("y", 55), 255, false},
		{strings.Repeat("y", 1000), strings.Repeat("y", 55), 255, false},
	}
	for _, c := range tests {
		b := bytes.Repeat([]byte{0xee}, SizeString)
		PutString(b, []byte(c.in))
		text, whole := Text(b)
		if string(text) != c.text || whole != c.whole || b[0] != c.length {
			t.Errorf("PutString(%q): length %d, text %q, whole %v; want %d, %q, %v", c.in, b[0], text, whole, c.length, c.text, c.whole)
		}
		if want := c.text + map[bool]string{true: "", false: "…"}[whole]; String(b) != want {
			t.Errorf("String of %q = %q, want %q", c.in, String(b), want)
		}
		if whole && len(bytes.Trim(b[1+len(c.in):], "\x00")) != 0 {
			t.Errorf("PutString(%q) left bytes behind the text: %x", c.in, b)
		}
		if !whole {
			if got, want := uint64(Int(b[56:])), Hash(0, []byte(c.in)); got != want {
				t.Errorf("PutString(%d bytes): hash %x, want %x", len(c.in), got, want)
			}
		}
	}
}

// TestStringTellsLongTextsApart: same head, same length, another tail.
func TestStringTellsLongTextsApart(t *testing.T) {
	var a, b [SizeString]byte
	PutString(a[:], []byte(strings.Repeat("x", 99)+"a"))
	PutString(b[:], []byte(strings.Repeat("x", 99)+"b"))
	if a == b {
		t.Error("two texts of 100 bytes that differ in the last have one key")
	}
}

// TestStringOverwrites: a key must not depend on what the array held.
func TestStringOverwrites(t *testing.T) {
	var a, b [SizeString]byte
	PutString(a[:], []byte("a much longer text than the next"))
	PutString(a[:], []byte("short"))
	PutString(b[:], []byte("short"))
	if a != b {
		t.Errorf("key depends on what was there before: %x, want %x", a, b)
	}
}

func TestBoth(t *testing.T) {
	for _, n := range []int{1, 6, 8, 16, 24, 64} {
		for _, flip := range []int{0, n / 2, n - 1} {
			lo, hi := bytes.Repeat([]byte{7}, n), bytes.Repeat([]byte{7}, n)
			hi[flip] = 200
			want := string(lo) + string(hi)
			for _, in := range []string{string(lo) + string(hi), string(hi) + string(lo)} {
				k := []byte(in)
				if Both(k); string(k) != want {
					t.Errorf("Both(%x) = %x, want %x", in, k, want)
				}
			}
			if !Less(lo, hi) || Less(hi, lo) || Less(lo, lo) {
				t.Errorf("Less is not an order on %x, %x", lo, hi)
			}
		}
	}
}

func TestCells(t *testing.T) {
	defer func() { Advise = nil }()
	var told uintptr
	Advise = func(block unsafe.Pointer, bytes uintptr) {
		if uintptr(block)%64 != 0 {
			t.Errorf("block at %p is not on a cache line", block)
		}
		told += bytes
	}
	if s := Cells[[8]uint64](LargeBlock/64 - 1); len(s) != LargeBlock/64-1 || told != 0 {
		t.Errorf("%d cells; Advise was told of %d bytes, want 0", len(s), told)
	}
	if s := Cells[[8]uint64](LargeBlock / 64); len(s) != LargeBlock/64 || told != LargeBlock {
		t.Errorf("%d cells; Advise was told of %d bytes, want %d", len(s), told, LargeBlock)
	}
}
