package web

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/metrics"
	"github.com/streamon/streamon/internal/probe"
)

// crowd is a probe with many programs.
type crowd struct {
	stub
	programs []probe.Program
}

func (c *crowd) Summary(context.Context) (probe.Summary, error) {
	return probe.Summary{Programs: c.programs}, nil
}

// TestMetricsOfCrowd: a tenant with many programs and states fills no family so that the samples of
// others are left out, and the page stays within its bound.
func TestMetricsOfCrowd(t *testing.T) {
	c := &crowd{}
	states := map[string]int{}
	for i := range 2 * metrics.MaxGroup {
		states[fmt.Sprint("s", i)] = 1
	}
	for i := range 100 {
		c.programs = append(c.programs, probe.Program{Name: fmt.Sprint("red", i), Tenant: "red", Status: "running", States: map[string]map[string]int{"host": states}})
	}
	c.programs = append(c.programs, probe.Program{Name: "blue", Tenant: "blue", Status: "running", States: map[string]map[string]int{"host": {"busy": 3}}})
	w := httptest.NewRecorder()
	New(c, Options{}).Handler(false).ServeHTTP(w, ask("GET", "/metrics", nil))
	page := w.Body.String()
	if want := `streamon_program_entities{program="blue",tenant="blue",entity="host",state="busy"} 3` + "\n"; !strings.Contains(page, want) {
		t.Errorf("the page lacks %s", want)
	}
	if n := strings.Count(page, "\nstreamon_program_entities{"); n != metrics.MaxSeries {
		t.Errorf("the family has %d samples, want %d", n, metrics.MaxSeries)
	}
	left := 100*len(states) + 1 - metrics.MaxSeries
	if want := fmt.Sprintf(`streamon_metrics_omitted_series{family="streamon_program_entities"} %d`+"\n", left); !strings.Contains(page, want) {
		t.Errorf("the page lacks %s", want)
	}
}
