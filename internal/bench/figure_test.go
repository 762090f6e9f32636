package bench

import (
	"bytes"
	"encoding/xml"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
)

// The drawing is XML, names every line, and puts the paper's points where they belong.
func TestFigure(t *testing.T) {
	r := sampleReport()
	r.Machine = "a <fast> & \"odd\" machine"
	var b bytes.Buffer
	if err := r.Figure(&b); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(bytes.NewReader(b.Bytes()))
	lines, words := 0, ""
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if tok.Name.Local == "polyline" {
				lines++
			}
			for _, a := range tok.Attr {
				inside(t, tok.Name.Local, a)
			}
		case xml.CharData:
			words += string(tok) + "\n"
		}
	}
	if lines != 4 { // kernel, engine, decoding, file; the owned form has one point
		t.Errorf("%d lines, want 4", lines)
	}
	for _, want := range []string{"C kernel", "engine and decoding", "probe, 2 workers", "paper, one core (0.566)", "paper, six cores (2.315)", "a <fast> & \"odd\" machine", "metrics"} {
		if !strings.Contains(words, want) {
			t.Errorf("no %q among the texts\n%s", want, words)
		}
	}
	b.Reset()
	if err := new(Report).Figure(&b); err != nil || !strings.Contains(b.String(), "nothing was measured") {
		t.Errorf("without figures: %v", err)
	}
	if r.Figure(failing{}) == nil {
		t.Error("a writer's error was lost")
	}
}

// inside wants that places are on the drawing.
func inside(t *testing.T, element string, a xml.Attr) {
	limit := map[string]float64{"x": figureWidth, "x1": figureWidth, "x2": figureWidth, "cx": figureWidth,
		"y": figureHeight, "y1": figureHeight, "y2": figureHeight, "cy": figureHeight}[a.Name.Local]
	if limit == 0 {
		return
	}
	if v, err := strconv.ParseFloat(a.Value, 64); err != nil || v < 0 || v > limit {
		t.Errorf("<%s %s=%q> is outside", element, a.Name.Local, a.Value)
	}
}

func TestAxes(t *testing.T) {
	a := fit([]series{{points: []point{{1, 40}, {32, 0.3}}}, {points: []point{{16, PaperGbits}}}})
	if a.lo != -1 || a.hi != 2 || a.metrics != 36 {
		t.Errorf("axes %+v, want 0.1 … 100 Gbit/s, 36 metrics", a)
	}
	for _, tt := range []struct{ got, want float64 }{
		{a.y(0.1), plotBottom}, {a.y(100), plotTop}, {a.x(0), plotLeft}, {a.x(36), plotRight},
		{a.y(math.Sqrt(10)), (plotTop + plotBottom) / 2}, // log10 = 0.5, half of -1 … 2
	} {
		if math.Abs(tt.got-tt.want) > 1e-9 {
			t.Errorf("place %v, want %v", tt.got, tt.want)
		}
	}
}
