package change

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/runtime/program"
)

// records makes alerts of "entity seconds message" texts.
func records(t *testing.T, texts ...string) []Record {
	var lines strings.Builder
	for _, s := range texts {
		w := strings.Fields(s)
		d, err := time.ParseDuration(w[1])
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, `{"schema":1,"time":%q,"type":"alert","event":"e","entity":{"h":%q},"from":"a","to":"b","level":"low","message":%q}`+"\n",
			time.Unix(1e9, 0).Add(d).UTC().Format(time.RFC3339Nano), w[0], w[2])
	}
	list, err := ReadRecords(strings.NewReader(lines.String()))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestCompare(t *testing.T) {
	tests := []struct {
		name        string
		before, now []string
		same        int
		want        string
	}{
		{"nothing", nil, nil, 0, ""},
		{"same", []string{"x 1s m", "y 1s m"}, []string{"y 1s m", "x 1s m"}, 2, ""},
		{"lost and gained", []string{"x 1s m"}, []string{"y 2s m"}, 0, "lost x 1 gained y 2"},
		{"moved", []string{"x 1s m"}, []string{"x 5s other"}, 0, "moved x 1>5"},
		{"moved back", []string{"x 5s m"}, []string{"x 1s m"}, 0, "moved x 5>1"},
		{"too far", []string{"x 1s m"}, []string{"x 100s m"}, 0, "lost x 1 gained x 100"},
		{"reworded", []string{"x 1s m"}, []string{"x 1s n"}, 0, "reworded x 1>1"},
		// One at the same time is that one, whatever else there is.
		{"one more before", []string{"x 5s m", "x 50s m"}, []string{"x 2s m", "x 5s m", "x 50s m"}, 2, "gained x 2"},
		{"one less", []string{"x 1s m", "x 2s m", "x 3s m"}, []string{"x 1s m", "x 3s m"}, 2, "lost x 2"},
		{"by time", []string{"x 9s m", "y 1s m"}, []string{"z 5s m"}, 0, "lost y 1 gained z 5 lost x 9"},
	}
	for _, tt := range tests {
		diffs, same := Compare(records(t, tt.before...), records(t, tt.now...), 10*time.Second)
		var got []string
		for _, d := range diffs {
			sec := func(r *Record) int64 { return r.Time.Unix() - 1e9 }
			r, when := d.Old, ""
			switch {
			case d.Old == nil:
				r = d.New
				when = fmt.Sprint(sec(d.New))
			case d.New == nil:
				when = fmt.Sprint(sec(d.Old))
			default:
				when = fmt.Sprintf("%d>%d", sec(d.Old), sec(d.New))
			}
			got = append(got, fmt.Sprintf("%s %c %s", d.Kind, r.Entity[6], when))
		}
		if text := strings.Join(got, " "); text != tt.want || same != tt.same {
			t.Errorf("%s: %q, %d the same; want %q, %d", tt.name, text, same, tt.want, tt.same)
		}
	}
}

func TestReadRecordsFails(t *testing.T) {
	if _, err := ReadRecords(strings.NewReader("{}\nno\n")); err == nil || !strings.HasPrefix(err.Error(), "record 2: ") {
		t.Errorf("error %v, want one about record 2", err)
	}
}

func TestMemory(t *testing.T) {
	got := Memory([]Structure{{"metric a", "x"}, {"metric b", "x"}, {"table c", "x"}}, []Structure{{"metric b", "y"}, {"metric a", "x"}, {"table d", "x"}})
	want := []program.Inheritance{
		{Name: "metric b", Why: "declared differently: was x, is y"}, {Name: "metric a", Kept: true}, {Name: "table d", Why: "new"},
		{Name: "table c", Why: "dropped: no longer declared"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Memory = %+v, want %+v", got, want)
	}
	if got := Gone([]string{"default", "a", "b"}, []string{"start", "b"}); !reflect.DeepEqual(got, []string{"a"}) {
		t.Errorf("Gone = %v, want [a]", got)
	}
}
