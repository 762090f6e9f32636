package diag

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/streamon/streamon/lang/source"
)

// The JSON form of a diagnostic; columns and lines as in the text form, ends just
// after the last character.
type (
	jsonDiagnostic struct {
		File string `json:"file"`
		jsonSpan
		Severity string     `json:"severity"`
		Code     string     `json:"code"`
		Message  string     `json:"message"`
		Hint     string     `json:"hint,omitempty"`
		Notes    []jsonNote `json:"notes,omitempty"`
		Fix      *jsonFix   `json:"fix,omitempty"`
	}
	jsonSpan struct {
		Line    int `json:"line"`
		Column  int `json:"column"`
		EndLine int `json:"end_line"`
		EndCol  int `json:"end_column"`
	}
	jsonNote struct {
		File string `json:"file,omitempty"`
		*jsonSpan
		Message string `json:"message"`
	}
	jsonFix struct { // replace the span by the text
		jsonSpan
		Text string `json:"text"`
	}
)

// JSON returns all of l as a JSON array, one object per diagnostic and line,
// with a final line end. It holds the same values as the text form.
func (l List) JSON() []byte {
	var b strings.Builder
	b.WriteString("[")
	for i, d := range l {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n  ")
		b.Write(d.json())
	}
	if len(l) > 0 {
		b.WriteString("\n")
	}
	b.WriteString("]\n")
	return []byte(b.String())
}

func (d *Diagnostic) json() []byte {
	j := jsonDiagnostic{
		File: d.Span.Start.Filename, jsonSpan: spanJSON(d.Span),
		Severity: d.Severity.String(), Code: d.Code.String(), Message: d.Message, Hint: d.Hint,
	}
	for _, n := range d.Notes {
		note := jsonNote{File: n.Span.Start.Filename, Message: n.Message}
		if n.Span.IsValid() {
			at := spanJSON(n.Span)
			note.jsonSpan = &at
		}
		j.Notes = append(j.Notes, note)
	}
	if d.Fix != nil {
		j.Fix = &jsonFix{spanJSON(d.Fix.Span), d.Fix.Text}
	}
	return marshal(j)
}

func spanJSON(s source.Span) jsonSpan {
	return jsonSpan{s.Start.Line, s.Start.Column, s.End.Line, s.End.Column}
}

// marshal is json.Marshal of strings, numbers and structs of them, which cannot fail; texts
// keep their <, > and &, for people read them, too.
func marshal(v any) []byte {
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false)
	if err := to.Encode(v); err != nil {
		panic("diag: internal error: " + err.Error())
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}
