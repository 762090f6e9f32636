package metrics

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

func TestText(t *testing.T) {
	var p Text
	p.Counter("streamon_packets_total", "Packets \\ read.\nAll of them.", 12)
	p.Gauge("streamon_program_fill_ratio", "Fill.", 0.25, Label{"program", `a"b\c` + "\n\xff"}, Label{"structure", "ü"})
	p.Gauge("streamon_program_fill_ratio", "Fill.", math.NaN(), Label{"program", "b"}, Label{"structure", "x"})
	p.Gauge("streamon_limit_ratio", "Limit.", math.Inf(1))
	want := `# HELP streamon_packets_total Packets \\ read.\nAll of them.
# TYPE streamon_packets_total counter
streamon_packets_total 12
# HELP streamon_program_fill_ratio Fill.
# TYPE streamon_program_fill_ratio gauge
streamon_program_fill_ratio{program="a\"b\\c\n` + "\ufffd" + `",structure="ü"} 0.25
streamon_program_fill_ratio{program="b",structure="x"} NaN
# HELP streamon_limit_ratio Limit.
# TYPE streamon_limit_ratio gauge
streamon_limit_ratio +Inf
`
	got := p.Bytes()
	if string(got) != want {
		t.Errorf("the page is\n%s\nwant\n%s", got, want)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(got))
	if err != nil || len(families) != 3 {
		t.Fatalf("Prometheus reads %d families, %v", len(families), err)
	}
	if l := families["streamon_program_fill_ratio"].Metric[0].Label[0]; l.GetValue() != `a"b\c`+"\n\ufffd" {
		t.Errorf("Prometheus reads the label %q", l.GetValue())
	}
	if problems, err := promlint.New(bytes.NewReader(got)).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
}

// TestTextCap: neither one program nor all together flood a page, and what is left
// out is told.
func TestTextCap(t *testing.T) {
	var p Text
	for g := range 20 {
		for i := range MaxGroup + 50 {
			p.Counter("streamon_events_total", "Events.", 1, Label{"program", fmt.Sprint("p", g)}, Label{"event", fmt.Sprint("e", i)})
		}
	}
	p.Counter("streamon_other_total", "Other.", 1)
	text := string(p.Bytes())
	if n := strings.Count(text, "streamon_events_total{"); n != MaxSeries {
		t.Errorf("%d samples, want %d", n, MaxSeries)
	}
	if n := strings.Count(text, `{program="p0"`); n != MaxGroup {
		t.Errorf("%d samples of one program, want %d", n, MaxGroup)
	}
	if want := fmt.Sprintf("streamon_metrics_omitted_series{family=\"streamon_events_total\"} %d\n", 20*(MaxGroup+50)-MaxSeries); !strings.Contains(text, want) || !strings.Contains(text, "streamon_other_total 1\n") {
		t.Errorf("the page lacks %q:\n%s", want, text[len(text)-300:])
	}
}
