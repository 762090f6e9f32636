package source

import "testing"

func TestPos(t *testing.T) {
	f := NewFile("a.smon", []byte("ab\r\n\nöx\tz"))
	tests := []struct {
		offset, line, col int
	}{
		{0, 1, 1}, {2, 1, 3}, {4, 2, 1}, {5, 3, 1}, {7, 3, 2}, {8, 3, 3}, {9, 3, 4}, {10, 3, 5}, {99, 3, 5}, {-1, 1, 1},
	}
	for _, tt := range tests {
		if p := f.Pos(tt.offset); p.Line != tt.line || p.Column != tt.col {
			t.Errorf("Pos(%d) = %d:%d, want %d:%d", tt.offset, p.Line, p.Column, tt.line, tt.col)
		}
	}
	if got, want := f.Pos(5).String(), "a.smon:3:1"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	if got := (Pos{}).String(); got != "-" {
		t.Errorf("zero Pos = %q, want %q", got, "-")
	}
}

func TestLine(t *testing.T) {
	f := NewFile("a", []byte("ab\r\n\nlast"))
	for n, want := range map[int]string{0: "", 1: "ab", 2: "", 3: "last", 4: ""} {
		if got := f.Line(n); got != want {
			t.Errorf("Line(%d) = %q, want %q", n, got, want)
		}
	}
	if got := NewFile("", nil).Line(1); got != "" {
		t.Errorf("Line(1) of an empty file = %q, want \"\"", got)
	}
}

func TestJoinAndText(t *testing.T) {
	f := NewFile("a", []byte("one two three"))
	one, three := f.Span(0, 3), f.Span(8, 13)
	if got, want := f.Text(Join(three, one)), "one two three"; got != want {
		t.Errorf("Text(Join) = %q, want %q", got, want)
	}
	if got := Join(Span{}, one); got != one {
		t.Errorf("Join with an invalid span = %v, want %v", got, one)
	}
}
