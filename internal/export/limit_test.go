package export

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// kept takes what passes.
type kept struct{ lines []string }

func (k *kept) Write(o *Origin, r *program.Record) error {
	k.lines = append(k.lines, fmt.Sprintf("%ds %s %s +%d", r.Time/1e9, o.Program, r.Message, r.Suppressed))
	return nil
}

func (k *kept) Flush() error { return nil }

// TestLimiter: each step is "SECOND PROGRAM HOST MESSAGE"; alerts with another message
// are of another event.
func TestLimiter(t *testing.T) {
	tests := []struct {
		name, in, want string
		opt            LimitOptions
		counts         LimitCounts
	}{
		{"none", "0 p 1 a, 0 p 1 a", "0s p a +0, 0s p a +0", LimitOptions{}, LimitCounts{Passed: 2}},
		{
			"like ones within a minute", "0 p 1 a, 30 p 1 a, 59 p 1 a, 60 p 1 a, 61 p 1 a, 130 p 1 a", "0s p a +0, 60s p a +2, 130s p a +1",
			LimitOptions{Dedup: time.Minute}, LimitCounts{Passed: 3, Duplicates: 3},
		},
		{
			"unlike ones pass: event, entity, program", "0 p 1 a, 1 p 1 b, 2 p 2 a, 3 q 1 a, 4 p 1 a", "0s p a +0, 1s p b +0, 2s p a +0, 3s q a +0",
			LimitOptions{Dedup: time.Minute}, LimitCounts{Passed: 4, Duplicates: 1},
		},
		{
			"the next of the entity says so, whatever it is", "0 p 1 a, 1 p 1 a, 2 p 1 b, 3 p 2 b", "0s p a +0, 2s p b +1, 3s p b +0",
			LimitOptions{Dedup: time.Minute}, LimitCounts{Passed: 3, Duplicates: 1},
		},
		{
			"two in a minute", "0 p 1 a, 0 p 1 b, 0 p 1 c, 0 p 2 a, 29 p 1 a, 30 p 1 d, 31 p 1 e", "0s p a +0, 0s p b +0, 0s p a +0, 30s p d +2",
			LimitOptions{Most: 2, Per: time.Minute}, LimitCounts{Passed: 4, Limited: 3},
		},
	}
	for _, tt := range tests {
		k := &kept{}
		l := NewLimiter(k, tt.opt)
		for step := range strings.SplitSeq(tt.in, ", ") {
			var at int64
			var prog, host, msg string
			fmt.Sscan(step, &at, &prog, &host, &msg)
			r := program.Record{Type: program.AlertRecord, Time: packet.Time(at * 1e9), Event: msg, Message: []byte(msg), Entity: []program.Field{{Name: "host", Value: ip("10.0.0." + host)}}}
			l.Write(&Origin{Program: prog}, &r)
			if r.Suppressed != 0 {
				t.Errorf("%s: the program's record was left with %d held back", tt.name, r.Suppressed)
			}
		}
		if got := strings.Join(k.lines, ", "); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
		if got := l.Counts(); got != tt.counts {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.counts)
		}
	}
	k := &kept{}
	l := NewLimiter(k, LimitOptions{Most: 1, Per: time.Hour})
	for range 3 {
		l.Write(origin, &program.Record{Type: program.LogRecord})
	}
	if len(k.lines) != 3 {
		t.Errorf("%d of 3 log entries passed", len(k.lines))
	}
}

// What was not heard of for longest is forgotten, and passes again.
func TestLimiterForgets(t *testing.T) {
	l := NewLimiter(&kept{}, LimitOptions{Dedup: time.Hour})
	write := func(n int) {
		entity := []program.Field{{Name: "n", Value: program.Value{Kind: program.KindInt, I: int64(n)}}}
		l.Write(origin, &program.Record{Type: program.AlertRecord, Entity: entity})
	}
	for n := range maxAges {
		write(n)
	}
	write(0)       // is held back, and the newest now
	write(maxAges) // 1 is forgotten
	write(0)
	write(1) // 2 is forgotten
	if got, want := l.Counts(), (LimitCounts{Passed: maxAges + 2, Duplicates: 2, Forgotten: 4}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
