package probe

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/streamon/streamon/internal/change"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/program"
)

// ShadowReport is what came, or has come so far, of a replacement that is tried first.
type ShadowReport struct {
	Status      string              `json:"status"` // running, promoted, refused, or ended: it could not be seen through
	Why         string              `json:"why,omitempty"`
	Version     string              `json:"version"` // that is tried
	Against     string              `json:"against"` // version that runs
	Promote     Promote             `json:"promote"`
	Begun       *string             `json:"begun"` // packet times; null before the first packet
	Until       *string             `json:"until"`
	OldRecords  int                 `json:"old_records"`
	NewRecords  int                 `json:"new_records"`
	Same        int                 `json:"same"`
	Differences []change.Difference `json:"differences"`   // the first 100
	More        int                 `json:"more"`          // that are not listed
	Cut         bool                `json:"cut,omitempty"` // a version reported more than is kept, and less was compared
	OldNs       float64             `json:"old_ns_per_packet"`
	NewNs       float64             `json:"new_ns_per_packet"`
	Promoted    *Generation         `json:"promoted,omitempty"`
}

// recorder keeps what a shadow reports.
type recorder struct {
	*export.JSON
	text  bytes.Buffer
	kept  *int // records, for the report while it runs
	isCut bool
}

func newRecorder(kept *int) *recorder {
	r := &recorder{kept: kept}
	r.JSON = export.NewJSON(&r.text)
	return r
}

// Write implements export.Writer.
func (r *recorder) Write(o *export.Origin, rec *program.Record) error {
	if r.isCut = r.isCut || r.text.Len() > maxShadowBytes; r.isCut {
		return nil
	}
	*r.kept++
	return r.JSON.Write(o, rec)
}

// compare fills the report with what is known by now.
func (s *shadow) compare() {
	r := s.report
	var lists [2][]change.Record
	for i, in := range []*instance{s.old, s.new} {
		rec := in.out.(*recorder)
		err := rec.Flush()
		if err == nil {
			lists[i], err = change.ReadRecords(bytes.NewReader(rec.text.Bytes()))
		}
		r.Cut = r.Cut || rec.isCut || err != nil
	}
	diffs, same := change.Compare(lists[0], lists[1], shadowWithin)
	r.OldRecords, r.NewRecords, r.Same = len(lists[0]), len(lists[1]), same
	n := min(len(diffs), maxDifferences)
	r.Differences, r.More = append([]change.Difference{}, diffs[:n]...), len(diffs)-n
	r.OldNs, r.NewNs = s.old.nsPerPacket(), s.new.nsPerPacket()
}

// copy returns the report as it is now; nil of nil.
func (r *ShadowReport) copy() *ShadowReport {
	if r == nil {
		return nil
	}
	c := *r
	c.Differences = append([]change.Difference{}, r.Differences...)
	return &c
}

// line says in a line what came of it.
func (r *ShadowReport) line() string {
	text := fmt.Sprintf("version %s as a shadow of %s: %d records, %d before, %d differ; %s",
		r.Version, r.Against, r.NewRecords, r.OldRecords, len(r.Differences)+r.More, r.Status)
	if r.Why != "" {
		text += ": " + r.Why
	}
	return text
}

// Text writes the report for people.
func (r *ShadowReport) Text() string {
	var b strings.Builder
	for i := range r.Differences {
		b.WriteString(r.Differences[i].Text())
	}
	if r.More > 0 {
		fmt.Fprintf(&b, "… %d differences more\n", r.More)
	}
	if r.Cut {
		b.WriteString("a version reported too much to be kept; what was kept is compared\n")
	}
	b.WriteString(r.line() + "\n")
	return b.String()
}
