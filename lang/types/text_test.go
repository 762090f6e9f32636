package types

import (
	"testing"
	"time"
)

func TestDurationText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1: "1ns", 1500 * time.Millisecond: "1s500ms", 90 * time.Second: "90s", 2 * time.Minute: "2m", 90 * time.Minute: "90m",
		7 * 24 * time.Hour: "7d", 36 * time.Hour: "36h", -5 * time.Second: "-5s", 250 * time.Microsecond: "250us",
	} {
		if got := DurationText(d); got != want {
			t.Errorf("DurationText(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestIsName(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "a": true, "_": true, "A9_z": true, "9a": false, "a-b": false, "a.b": false, "é": false, "a b": false, "a\n": false,
	} {
		if got := IsName(text); got != want {
			t.Errorf("IsName(%q) = %v", text, got)
		}
	}
}
