package plot

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"
)

func sampleFigure() *Figure {
	return &Figure{
		Title: `a < b & "c"`, Caption: "caption", Start: time.Unix(0, 0), End: 100,
		Groups: []Group{{
			Title: "host 10.0.0.1",
			Panels: []Panel{{
				Unit:   "ratio",
				Lines:  []Line{{Name: "share", Formula: "x / y", Points: []Point{{0, math.NaN()}, {10, 0.5}, {20, 1.0000001}, {30, math.NaN()}, {40, 0.25}, {100, 0.25}}}, {Name: "none"}},
				Limits: []Limit{{Name: "limit", Value: 0.7}, {Value: 0.3}},
			}},
			States: &States{Names: []string{"default", "bad"}, Levels: []string{"", "high"}, Steps: []Step{{0, 0}, {20, 1}}, Marks: []Mark{{20, 1, "alert", "<script>"}}},
		}},
	}
}

// The drawing is XML, has each word once, and interrupts lines where they are undefined.
func TestSVG(t *testing.T) {
	var b bytes.Buffer
	if err := sampleFigure().SVG(&b); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(b.Bytes())); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	text := b.String()
	for _, want := range []string{">share = x / y<", ">none (undefined)<", ">limit = 0.7<", ">0.3<", ">host 10.0.0.1<", ">bad<", ">ratio<", "[s]<", ">20 s alert &lt;script&gt;<"} {
		if n := strings.Count(text, want); n != 1 {
			t.Errorf("%q stands there %d times, want once", want, n)
		}
	}
	d := regexp.MustCompile(`<path d="([^"]*)" fill="none" stroke="` + color(0)).FindStringSubmatch(text)
	if d == nil || strings.Count(d[1], "M") != 2 || strings.Count(d[1], "L") != 2 {
		t.Errorf("path %q, want two pieces of two points", d)
	}
	if strings.Contains(text, "NaN") || strings.Contains(text, "-0<") {
		t.Error("NaN or -0 in the drawing")
	}
}

func TestHTML(t *testing.T) {
	var b bytes.Buffer
	if err := sampleFigure().HTML(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	m := regexp.MustCompile(`const data = (.*);`).FindStringSubmatch(text)
	if m == nil {
		t.Fatal("no data in the page")
	}
	var d struct {
		Groups []struct {
			Lines []struct{ Points [][2]*float64 }
			Steps [][2]float64
		}
	}
	if err := json.Unmarshal([]byte(m[1]), &d); err != nil {
		t.Fatal(err)
	}
	if p := d.Groups[0].Lines[0].Points; len(p) != 6 || p[0][1] != nil || *p[1][1] != 0.5 {
		t.Errorf("points %v", p)
	}
	if s := d.Groups[0].Steps; fmt.Sprint(s) != "[[0 0] [20 1]]" {
		t.Errorf("steps %v", s)
	}
	for _, bad := range []string{"src=", "href=", "http-equiv", "<script>\"", "alert <script>"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
}

func TestFit(t *testing.T) {
	points := func(v ...float64) (out []Point) {
		for i, x := range v {
			out = append(out, Point{float64(i), x})
		}
		return out
	}
	tests := []struct {
		values []float64
		limit  float64
		lo, hi float64
		ticks  int
	}{
		{[]float64{0, 1.0000001}, 0, 0, 1, 5},
		{[]float64{3, 5360}, 0, 0, 6000, 4},
		{[]float64{1}, 4, 0, 4, 5},
		{[]float64{1}, 5000, 0, 1, 5}, // a limit far off is left out
		{[]float64{100, 101}, 0, 100, 101, 5},
		{[]float64{-3, 3}, 0, -4, 4, 5},
		{[]float64{math.NaN()}, 0, 0, 1, 5},
		{[]float64{0, 0}, 0, 0, 1, 5},
	}
	for _, tt := range tests {
		p := &Panel{Lines: []Line{{Points: points(tt.values...)}}}
		if tt.limit != 0 {
			p.Limits = []Limit{{Value: tt.limit}}
		}
		s := p.fit(100, 0)
		if s.lo != tt.lo || s.hi != tt.hi || len(s.ticks()) != tt.ticks {
			t.Errorf("fit(%v, %v) = %v to %v, ticks %v; want %v to %v, %d ticks", tt.values, tt.limit, s.lo, s.hi, s.ticks(), tt.lo, tt.hi, tt.ticks)
		}
	}
}

func TestTimeScale(t *testing.T) {
	for _, tt := range []struct {
		end  float64
		unit string
		hi   float64
		step float64
	}{
		{0, "ms", 1000, 100}, {0.5, "ms", 500, 50}, {79, "s", 80, 10}, {899.9, "min", 15, 1}, {3599.2, "min", 60, 5},
		{24 * 3600, "h", 24, 2}, {30 * 86400, "days", 30, 2},
	} {
		s, c := (&Figure{End: tt.end}).timeScale(0, 1)
		if c.name != tt.unit || math.Abs(s.hi-tt.hi) > 1e-9 || s.step != tt.step {
			t.Errorf("%v s: %v %s in steps of %v, want %v %s, %v", tt.end, s.hi, c.name, s.step, tt.hi, tt.unit, tt.step)
		}
	}
}

func TestTexts(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.25: "0.25", 1500: "1500", 25000: "25 k", 2.5e6: "2.5 M", -3: "-3", 0.1 + 0.2: "0.3"} {
		if got := number(v); got != want {
			t.Errorf("number(%v) = %q, want %q", v, got, want)
		}
	}
	for v, want := range map[float64]string{0.5: "0.5 s", 59.9: "59.9 s", 899.97: "15:00.0", 3599.2: "59:59.2", 3800: "1:03:20"} {
		if got := Clock(v); got != want {
			t.Errorf("Clock(%v) = %q, want %q", v, got, want)
		}
	}
}
