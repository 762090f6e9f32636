// Package change says what differs between two versions of a program: what they report
// about the same packets, and what of the memory of one the other would inherit. It
// runs nothing; records come as the JSON lines that a probe writes.
package change

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// Record is one line of a probe's output, as far as it is compared.
type Record struct {
	Time    time.Time       `json:"time"`
	Type    string          `json:"type"`
	Event   string          `json:"event"`
	Entity  json.RawMessage `json:"entity"`
	From    string          `json:"from"`
	To      string          `json:"to"`
	Level   string          `json:"level,omitempty"`
	Code    string          `json:"code,omitempty"`
	Topic   string          `json:"topic,omitempty"`
	Message string          `json:"message,omitempty"`
	Fields  json.RawMessage `json:"fields,omitempty"`
	Command json.RawMessage `json:"command,omitempty"`
}

// ReadRecords reads JSON lines.
func ReadRecords(r io.Reader) (list []Record, err error) {
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var rec Record
			if err := json.Unmarshal(line, &rec); err != nil {
				return nil, fmt.Errorf("record %d: %w", n, err)
			}
			list = append(list, rec)
		}
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// subject is what a record is about: records of one subject are compared with each
// other.
func (r *Record) subject() string {
	return fmt.Sprintf("%s %s %s %q %q %q", r.Type, r.Event, r.Entity, r.From, r.To, r.Topic)
}

// says is what a record says about its subject.
func (r *Record) says() string {
	return fmt.Sprintf("%s %s %q %s %s", r.Level, r.Code, r.Message, r.Fields, r.Command)
}

// Kind is how a record differs.
type Kind string

// The kinds of differences.
const (
	Lost     Kind = "lost"     // only the old version reports it
	Gained   Kind = "gained"   // only the new one
	Moved    Kind = "moved"    // both, at different times
	Reworded Kind = "reworded" // both, at one time, with other words or another level
)

// Difference is one record that is not as it was.
type Difference struct {
	Kind Kind    `json:"kind"`          // lost, gained, moved or reworded
	Old  *Record `json:"old,omitempty"` // record of the old version; none: only the new one reports it
	New  *Record `json:"new,omitempty"` // of the new one
}

// By is how much later the new one is.
func (d *Difference) By() time.Duration {
	if d.Old == nil || d.New == nil {
		return 0
	}
	return d.New.Time.Sub(d.Old.Time)
}

// at is the earlier of the times.
func (d *Difference) at() time.Time {
	if d.New == nil || d.Old != nil && d.Old.Time.Before(d.New.Time) {
		return d.Old.Time
	}
	return d.New.Time
}

// Compare pairs records of one subject: first those of one time, then those that are
// at most within apart, in order. It returns the differences by time, and how many
// records are the same in both.
func Compare(before, after []Record, within time.Duration) (diffs []Difference, same int) {
	subjects := map[string]*[2][]*Record{}
	var order []string
	for side, list := range [][]Record{before, after} {
		for i := range list {
			s := list[i].subject()
			if subjects[s] == nil {
				subjects[s] = new([2][]*Record)
				order = append(order, s)
			}
			subjects[s][side] = append(subjects[s][side], &list[i])
		}
	}
	for _, s := range order {
		d, n := pair(subjects[s][0], subjects[s][1], within)
		diffs, same = append(diffs, d...), same+n
	}
	slices.SortStableFunc(diffs, func(a, b Difference) int { return a.at().Compare(b.at()) })
	return diffs, same
}

// pair compares the records of one subject. Both lists are in order of time.
func pair(old, fresh []*Record, within time.Duration) (diffs []Difference, same int) {
	byTime := func(a, b *Record) int { return a.Time.Compare(b.Time) }
	slices.SortStableFunc(old, byTime)
	slices.SortStableFunc(fresh, byTime)
	var restOld, restFresh []*Record
	for len(old) > 0 && len(fresh) > 0 {
		switch byTime(old[0], fresh[0]) {
		case -1:
			restOld, old = append(restOld, old[0]), old[1:]
		case 1:
			restFresh, fresh = append(restFresh, fresh[0]), fresh[1:]
		default:
			if old[0].says() == fresh[0].says() {
				same++
			} else {
				diffs = append(diffs, Difference{Reworded, old[0], fresh[0]})
			}
			old, fresh = old[1:], fresh[1:]
		}
	}
	old, fresh = append(restOld, old...), append(restFresh, fresh...)
	for len(old) > 0 || len(fresh) > 0 {
		switch {
		case len(old) > 0 && len(fresh) > 0 && fresh[0].Time.Sub(old[0].Time).Abs() <= within:
			diffs = append(diffs, Difference{Moved, old[0], fresh[0]})
			old, fresh = old[1:], fresh[1:]
		case len(fresh) == 0 || len(old) > 0 && old[0].Time.Before(fresh[0].Time):
			diffs = append(diffs, Difference{Lost, old[0], nil})
			old = old[1:]
		default:
			diffs = append(diffs, Difference{Gained, nil, fresh[0]})
			fresh = fresh[1:]
		}
	}
	return diffs, same
}
