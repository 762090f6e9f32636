package config

import (
	"math"
	"strings"
	"testing"

	"github.com/streamon/streamon/runtime/program"
)

func TestParseSetting(t *testing.T) {
	tests := []struct {
		text string
		want Setting
		ok   bool
	}{
		{"p2p.max_gap=10", Setting{"p2p", "max_gap", "10"}, true},
		{"a.b=x=y", Setting{"a", "b", "x=y"}, true},
		{"a.b=", Setting{"a", "b", ""}, true},
		{"a.b.c=1", Setting{"a", "b.c", "1"}, true},
		{"a=1", Setting{}, false}, {"a.b", Setting{}, false}, {".b=1", Setting{}, false}, {"a.=1", Setting{}, false}, {"", Setting{}, false},
	}
	for _, tt := range tests {
		got, err := parseSetting(tt.text)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("parseSetting(%q) = %v, %v, want %v, ok %v", tt.text, got, err, tt.want, tt.ok)
		}
	}
}

func TestParseSpeed(t *testing.T) {
	for text, want := range map[string]float64{"1x": 1, "10x": 10, "0.5x": 0.5, "2": 2, "max": math.Inf(1), "0x": 0, "-1x": 0, "fast": 0, "": 0, "infx": 0, "nan": 0} {
		got, err := ParseSpeed(text)
		if (err == nil) != (want != 0) || err == nil && got != want {
			t.Errorf("ParseSpeed(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseValue(t *testing.T) {
	tests := []struct {
		kind program.Kind
		text string
		want string // as AppendValue prints it; "!…" = part of the error
	}{
		{program.KindBool, "true", "true"}, {program.KindBool, "1", "!expected true or false"},
		{program.KindInt, "-12", "-12"}, {program.KindInt, "0x1f", "31"}, {program.KindInt, "1MB", "1000000"}, {program.KindInt, "2KiB", "2048"},
		{program.KindInt, "1.5kB", "1500"}, {program.KindInt, "12s", "!whole number"}, {program.KindInt, "0xB", "11"},
		{program.KindInt, "99999999999999999999", "!64 bits"}, {program.KindInt, "9999999TB", "!64 bits"}, {program.KindInt, "", "!whole number"},
		{program.KindFloat, "0.25", "0.25"}, {program.KindFloat, "nan", "!a number"}, {program.KindFloat, "inf", "!a number"},
		{program.KindDuration, "90s", "1m30s"}, {program.KindDuration, "1h30m", "1h30m"}, {program.KindDuration, "1.5s", "1.5s"},
		{program.KindDuration, "10m", "10m"}, {program.KindDuration, "5ms", "5ms"}, {program.KindDuration, "7d", "7d"}, {program.KindDuration, "3us", "3us"},
		{program.KindDuration, "10", "!a duration"}, {program.KindDuration, "s", "!a duration"}, {program.KindDuration, "", "!a duration"},
		{program.KindDuration, "1..5s", "!a duration"}, {program.KindDuration, "999999d", "!64 bits"}, {program.KindDuration, "-5s", "!a duration"},
		{program.KindIP, "10.0.0.1", "10.0.0.1"}, {program.KindIP, "2001:db8::1", "2001:db8::1"}, {program.KindIP, "fe80::1%eth0", "!address"}, {program.KindIP, "10.0.0", "!address"},
		{program.KindMAC, "02:00:5e:10:00:01", "02:00:5e:10:00:01"}, {program.KindMAC, "02:00", "!MAC"},
		{program.KindString, "a b", "a b"}, {program.KindString, `"a\tb"`, "a\tb"}, {program.KindString, `"a`, "!a text"},
		{program.KindEntries, "x", "!cannot be set"},
	}
	for _, tt := range tests {
		v, err := ParseValue(tt.kind, tt.text)
		if want, isErr := strings.CutPrefix(tt.want, "!"); isErr {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("ParseValue(%d, %q) = %v, want an error with %q", tt.kind, tt.text, err, want)
			}
		} else if got := string(program.AppendValue(nil, v, "")); err != nil || got != want || v.Kind != tt.kind {
			t.Errorf("ParseValue(%d, %q) = %q, %v, want %q", tt.kind, tt.text, got, err, want)
		}
	}
}

func TestParseNet(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.0/24": "192.0.2.0/24", "192.0.2.7/24": "192.0.2.0/24", "192.0.2.7": "192.0.2.7/32", "2001:db8::1": "2001:db8::1/128", "2001:db8::/32": "2001:db8::/32",
		"::ffff:192.0.2.7": "192.0.2.7/32", "::ffff:192.0.2.0/120": "192.0.2.0/24", "::/0": "::/0",
	} {
		if n, err := ParseNet(text); err != nil || n.String() != want {
			t.Errorf("ParseNet(%q) = %v, %v, want %s", text, n, err, want)
		}
	}
	for _, text := range []string{"", "here", "192.0.2.0/33", "192.0.2", "fe80::1%eth0", "fe80::%eth0/64"} {
		if n, err := ParseNet(text); err == nil {
			t.Errorf("ParseNet(%q) = %v", text, n)
		}
	}
}
