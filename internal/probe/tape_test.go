package probe

import (
	"fmt"
	"reflect"
	"testing"
	"unsafe"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// full returns a record with all that a record can hold, in memory that can be
// overwritten: text is all its text.
func full() (r program.Record, text []byte) {
	text = []byte("message, a value, first, second")
	part := func(from, to int) []byte { return text[from:to] }
	key := func(b []byte) string { return unsafe.String(&b[0], len(b)) } // as a top-k list has them
	return program.Record{
		Type: program.AlertRecord, Time: 7, Event: "e", From: "a", To: "b", Level: program.LevelHigh, Code: "c", Topic: "t", Packet: 3, Rank: 2, Armed: program.ArmedOrder{Seq: 9, Since: 4},
		Message: part(0, 7),
		Entity:  []program.Field{{Name: "host", Value: program.Value{Kind: program.KindIP, B: [16]byte{1, 2, 3}}}, {Name: "n", Value: program.Value{Kind: program.KindInt, I: 5}}},
		Features: []program.Field{
			{Name: "s", Value: program.Value{Kind: program.KindString, S: part(9, 16)}},
			{Name: "x", Value: program.Value{Kind: program.KindFloat, F: 1.5}},
		},
		Path: []program.Step{{State: "z", Since: 5}, {State: "a", Since: 6}},
		Fields: []program.Field{{Name: "top", Value: program.Value{Kind: program.KindEntries, L: []program.Field{
			{Name: key(part(18, 23)), Value: program.Value{Kind: program.KindInt, I: 2}},
			{Name: key(part(25, 31)), Value: program.Value{Kind: program.KindInt, I: 1}},
		}}}},
	}, text
}

// TestTapeCopies: nothing of a record is lost, and nothing is the sender's any more.
func TestTapeCopies(t *testing.T) {
	var tp tape
	for round := range 3 { // the second and third use the memory again
		tp.reset()
		for range 20 {
			r, text := full()
			tp.add(&r)
			copy(text, "-------------------------------")
			clear(r.Fields[0].Value.L)
			clear(r.Features)
			clear(r.Path)
			clear(r.Entity)
			clear(r.Fields)
		}
		want, _ := full()
		for i := range tp.records {
			if got := tp.records[i]; !reflect.DeepEqual(got, want) {
				t.Fatalf("round %d, record %d:\n got %+v\nwant %+v", round, i, got, want)
			}
		}
	}
	r, _ := full()
	if n := testing.AllocsPerRun(100, func() { tp.reset(); tp.add(&r) }); n != 0 {
		t.Errorf("a record allocates %v times, want 0", n)
	}
}

// TestMerge: the order of records of several shards. A record is written
// time/packet/rank/seq; the batch has packets at 10, 20, 20, 30.
func TestMerge(t *testing.T) {
	b := new(packet.Batch)
	for i, at := range []packet.Time{10, 20, 20, 30} {
		b.Packets[i].Time = at
	}
	b.N = 4
	tests := []struct {
		name   string
		shards [][]string
		want   []string
	}{
		{"one shard keeps its order", [][]string{{"10/0/0/0", "30/3/1/0", "30/3/0/0"}}, []string{"10/0/0/0", "30/3/1/0", "30/3/0/0"}},
		{"by packet, then event", [][]string{{"10/0/1/0", "20/2/0/0"}, {"10/0/0/0", "10/0/2/0", "20/1/0/0"}}, []string{"10/0/0/0", "10/0/1/0", "10/0/2/0", "20/1/0/0", "20/2/0/0"}},
		{"a timer comes before the packet of its time", [][]string{{"20/-1/5/0"}, {"10/0/0/0", "20/1/0/0"}}, []string{"10/0/0/0", "20/-1/5/0", "20/1/0/0"}},
		{"timers by time, then by arming", [][]string{{"15/-1/5/7", "16/-1/5/3"}, {"15/-1/6/2", "16/-1/5/4"}}, []string{"15/-1/6/2", "15/-1/5/7", "16/-1/5/3", "16/-1/5/4"}},
		{"timers without a number by event", [][]string{{"15/-1/6/0"}, {"15/-1/5/0"}}, []string{"15/-1/5/0", "15/-1/6/0"}},
		{"a timer of 0 s comes after its packet and before the next", [][]string{{"20/-3/0/0"}, {"20/1/0/0", "20/2/0/0", "30/3/0/0"}}, []string{"20/1/0/0", "20/-3/0/0", "20/2/0/0", "30/3/0/0"}},
		{"a timer at the end", [][]string{{"30/-5/0/0"}, {"30/3/0/0"}}, []string{"30/3/0/0", "30/-5/0/0"}},
		{"no records", [][]string{nil, nil}, nil},
	}
	var m merge
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var tapes []*tape
			for _, list := range tt.shards {
				tp := new(tape)
				for _, s := range list {
					var r program.Record
					if _, err := fmt.Sscanf(s, "%d/%d/%d/%d", &r.Time, &r.Packet, &r.Rank, &r.Armed.Seq); err != nil {
						t.Fatal(err)
					}
					tp.add(&r)
				}
				tapes = append(tapes, tp)
			}
			m.start(b, tapes)
			var got []string
			for r := m.next(); r != nil; r = m.next() {
				got = append(got, fmt.Sprintf("%d/%d/%d/%d", r.Time, r.Packet, r.Rank, r.Armed.Seq))
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
