package diag

import (
	"bytes"
	"encoding/json"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/streamon/streamon/lang/source"
)

// The parts of SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format")
// that a diagnostic fills. Lines and columns are 1-based, columns in runes, and an
// end is just after the last character, there as here.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string       `json:"id"`
		Short sarifMessage `json:"shortDescription"`
		Help  sarifMessage `json:"help"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
		Fixes     []sarifFix      `json:"fixes,omitempty"`
	}
	sarifLocation struct {
		ID       int           `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifMessage `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifFix struct {
		Description sarifMessage  `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion  `json:"deletedRegion"`
		Inserted sarifMessage `json:"insertedContent"`
	}
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// SARIF returns all of l as a SARIF 2.1.0 log of one run, for editors and code
// hosts. version is that of the compiler, or "". The rules are the codes that occur
// in l, in the order of their first occurrence.
func (l List) SARIF(version string) []byte {
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "smcc", Version: version, Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints", Results: []sarifResult{},
	}
	index := map[Code]int{}
	for _, d := range l {
		i, seen := index[d.Code]
		if !seen {
			i = len(index)
			index[d.Code] = i
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, d.Code.sarif())
		}
		r := d.sarif()
		r.RuleIndex = i
		run.Results = append(run.Results, r)
	}
	var out bytes.Buffer
	text := marshal(sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
	if err := json.Indent(&out, text, "", "  "); err != nil {
		panic("diag: internal error: " + err.Error())
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// sarif returns what SARIF calls the rule: what smcc explain says of the code.
func (c Code) sarif() sarifRule {
	return sarifRule{
		ID: c.String(), Short: sarifMessage{c.About()},
		Help: sarifMessage{c.Fix() + "\n\nFor example:\n\n" + c.Example()},
	}
}

func (d *Diagnostic) sarif() sarifResult {
	text := oneLine(d.Message)
	if d.Hint != "" {
		text += "; " + oneLine(d.Hint)
	}
	r := sarifResult{RuleID: d.Code.String(), Level: d.Severity.String()}
	if d.Span.IsValid() {
		r.Locations = []sarifLocation{{Physical: physical(d.Span)}}
	}
	for _, n := range d.Notes {
		if !n.Span.IsValid() {
			text += "\nnote: " + oneLine(n.Message)
			continue
		}
		at := sarifLocation{ID: len(r.Related) + 1, Physical: physical(n.Span), Message: &sarifMessage{oneLine(n.Message)}}
		r.Related = append(r.Related, at)
	}
	r.Message.Text = text
	if d.Fix != nil && d.Fix.Span.IsValid() {
		at := physical(d.Fix.Span)
		r.Fixes = []sarifFix{{
			Description: sarifMessage{"write " + d.Fix.Text},
			Changes:     []sarifChange{{at.Artifact, []sarifReplacement{{at.Region, sarifMessage{d.Fix.Text}}}}},
		}}
	}
	return r
}

func physical(s source.Span) sarifPhysical {
	region := sarifRegion{s.Start.Line, s.Start.Column, s.End.Line, s.End.Column}
	if !s.End.IsValid() {
		region.EndLine, region.EndColumn = region.StartLine, region.StartColumn
	}
	return sarifPhysical{sarifArtifact{fileURI(s.Start.Filename)}, region}
}

// fileURI returns the path of a file as a URI reference: relative as it was given, or
// file:///… if it is absolute.
func fileURI(name string) string {
	u := url.URL{Path: filepath.ToSlash(name)}
	if strings.HasPrefix(u.Path, "/") {
		u.Scheme = "file"
	}
	return u.String()
}
