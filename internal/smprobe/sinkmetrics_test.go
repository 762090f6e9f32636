package smprobe

import (
	"slices"
	"testing"

	"github.com/streamon/streamon/internal/sink"
)

// Sinks of one name are one series.
func TestSinksByName(t *testing.T) {
	got := byName([]sink.Counts{{Sink: "a", Records: 3, Sent: 2, Waiting: 1}, {Sink: "b", Records: 1, Dropped: 1}, {Sink: "a", Records: 4, Sent: 1, Refused: 3, Retries: 2}})
	want := []sink.Counts{{Sink: "a", Records: 7, Sent: 3, Refused: 3, Waiting: 1, Retries: 2}, {Sink: "b", Records: 1, Dropped: 1}}
	if !slices.Equal(got, want) {
		t.Errorf("byName = %+v, want %+v", got, want)
	}
}
