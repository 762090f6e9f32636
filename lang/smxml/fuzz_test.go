package smxml_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamon/streamon/codegen"
	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/format"
)

// limits are what one text may take, whatever it is.
const (
	maxBytes = 64 << 20
	maxTime  = 3 * time.Second
)

// checkBounds parses and checks a text and fails if that takes too much. It counts
// everything that is allocated, not only what is alive at one time, and the time of the
// processor, which does not depend on what else the machine does.
func checkBounds(t *testing.T, src []byte) diag.List {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := cpuTime(t)
	_, diags := lang.Check("p.xml", src, nil)
	took := cpuTime(t) - start
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > maxBytes {
		t.Errorf("%d bytes of XML took %d MB", len(src), n>>20)
	}
	if took > maxTime {
		t.Errorf("%d bytes of XML took %v", len(src), took)
	}
	return diags
}

// cpuTime is what the process has had of the processor.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func FuzzXML(f *testing.F) {
	files, _ := filepath.Glob(programs + "*/*.xml")
	examples, _ := filepath.Glob("../../examples/*/*.xml")
	for _, file := range append(files, examples...) {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, code := range diag.Codes() {
		if strings.HasPrefix(code.Example(), "<") {
			f.Add([]byte(code.Example()))
		}
	}
	for _, c := range bombs {
		if len(c.src()) < 2000 {
			f.Add([]byte(c.src()))
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		diags := checkBounds(t, src)
		for _, d := range diags {
			if !d.Span.IsValid() || d.Message == "" {
				t.Errorf("diagnostic without place or text: %v", d)
			}
		}
		oracle(t, src, diags)
		if want := irOf(t, "p.xml", src); want != "" {
			tree, _ := lang.Parse("p.xml", src)
			tree.Comments = nil // their places are those of another text
			smon, err := format.Source(tree, format.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := irOf(t, "p.smon", smon); got != want {
				t.Errorf("the IR of\n%s\nis\n%s\nthat of the program is\n%s", smon, got, want)
			}
		}
	})
}

var fileLine = regexp.MustCompile(`(?m)^file ".*"\n`)

// irOf returns the IR of a program without the name of its file; "" if it has errors.
func irOf(t *testing.T, name string, src []byte) string {
	t.Helper()
	files := func(string) ([]byte, error) { return []byte("192.0.2.1\n"), nil }
	p, _, err := codegen.Front(context.Background(), name, src, codegen.Options{ReadFile: files})
	if err != nil {
		t.Fatal(err)
	}
	if p == nil {
		return ""
	}
	return fileLine.ReplaceAllString(p.String(), "")
}

// oracle holds the scanner against the decoder of the standard library: what the
// scanner takes for well-formed, that must take so too.
func oracle(t *testing.T, src []byte, diags diag.List) {
	for _, d := range diags {
		if d.Code == diag.XML && d.Severity == diag.Error {
			return
		}
	}
	dec := xml.NewDecoder(bytes.NewReader(src))
	dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		_, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) && !tolerated(syntax.Msg) {
			t.Errorf("the scanner takes what the decoder refuses (%v): %q", err, src)
		}
		if err != nil {
			return
		}
	}
}

// tolerated are faults that mean nothing in a program: characters and entities in
// text, which is not read, and processing instructions.
func tolerated(msg string) bool {
	for _, part := range []string{"entity", "illegal character code", "invalid UTF-8", "processing instruction", "version", "?>", "comment", "target name", "]]>", "space", "XML name", "invalid character", "encoding", "CDATA"} {
		if strings.Contains(msg, part) {
			return true
		}
	}
	return false
}

// bombs are texts made to take much.
var bombs = []struct {
	name string
	src  func() string
	code diag.Code
}{
	{"entities", func() string {
		return `<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><botstream><statedef id="&b;"/></botstream>`
	}, diag.XML},
	{"external", func() string {
		return `<!DOCTYPE b SYSTEM "file:///etc/passwd"><botstream/>`
	}, diag.XML},
	{"unknown entity", func() string { return `<botstream><statedef id="&nbsp;"/></botstream>` }, diag.XML},
	{"depth", func() string { return strings.Repeat("<botstream>", 200_000) }, diag.XML},
	{"depth closed", func() string { return strings.Repeat("<metrics>", 50_000) + strings.Repeat("</metrics>", 50_000) }, diag.XML},
	{"elements", func() string { return "<botstream>" + strings.Repeat("<statedef/>", 60_000) + "</botstream>" }, diag.XML},
	{"states", func() string {
		var b strings.Builder
		b.WriteString("<botstream>")
		for i := range 3900 {
			b.WriteString(`<statedef id="state` + strconv.Itoa(i) + `" next_state="nowhere` + strconv.Itoa(i) + `"/>`)
		}
		return b.String() + "</botstream>"
	}, diag.UnknownState},
	{"attribute", func() string { return `<botstream><statedef id="` + strings.Repeat("a", 900_000) + `"/></botstream>` }, diag.XML},
	{"attributes", func() string { return `<botstream` + strings.Repeat(` a="1"`, 100_000) + `/>` }, diag.XML},
	{"name", func() string { return `<` + strings.Repeat("a", 900_000) + `/>` }, diag.XML},
	{"size", func() string { return "<botstream>" + strings.Repeat(" ", 40<<20) + "</botstream>" }, diag.XML},
	{"utf-16", func() string { return "\xff\xfe<\x00b\x00/\x00>\x00" }, diag.XML},
	{"utf-16 without mark", func() string { return "<\x00b\x00/\x00>\x00" }, diag.XML},
	{"utf-7", func() string { return `<?xml version="1.0" encoding="UTF-7"?><botstream/>` }, diag.XML},
	{"not utf-8", func() string { return "<botstream><statedef id=\"\xe9\"/></botstream>" }, diag.XML},
	{"nesting", func() string {
		return `<botstream><statedef id="0"/><feature name="f" body="` + strings.Repeat("(", 5000) + `"/></botstream>`
	}, diag.TooDeep},
	{"signs", func() string {
		return `<botstream><statedef id="0"/><feature name="f" body="` + strings.Repeat("-", 800) + `1"/></botstream>`
	}, diag.TooDeep},
	{"powers", func() string {
		return `<botstream><statedef id="0"/><feature name="f" body="` + strings.Repeat("pow(", 90) + "1" + strings.Repeat(",4)", 90) +
			`"/><event type="packet" primary-key="ip_src"/></botstream>`
	}, diag.Cmath},
	{"chain", func() string {
		return `<botstream><statedef id="0"/><event type="packet" primary-key="ip_src" selector="` + strings.Repeat("ip_len 1 or ", 1300) + `ip_len 2"/></botstream>`
	}, diag.TooDeep},
	{"actions", func() string {
		return `<botstream><statedef id="0"/><event type="packet" primary-key="ip_src"><state id="0">` +
			strings.Repeat(`<condition expression="ip_len > 1" action="`+strings.Repeat("print(),", 2000)+`"/>`, 15) + `</state></event></botstream>`
	}, diag.CommaSeparator},
	{"texts", func() string {
		return `<botstream><statedef id="0"/><event type="packet" primary-key="ip_src"><state id="0">` +
			strings.Repeat(`<condition expression="ip_len > 1" action="print(`+strings.Repeat("%ip_src", 2000)+`)"/>`, 15) + `</state></event></botstream>`
	}, diag.MissingPublisher},
	{"variables", func() string {
		return `<botstream><statedef id="0"/><event type="packet" primary-key="ip_src"><state id="0">` +
			strings.Repeat(`<condition expression="ip_len > 1" action="print(`+strings.Repeat("%x", 7000)+`)"/>`, 15) + `</state></event></botstream>`
	}, diag.UnknownVariable},
	{"many events", func() string {
		return `<botstream><statedef id="0"/>` + strings.Repeat(`<event type="packet" primary-key="ip_src-ip_dst-src_port" selector="proto tcp and dst_port 1"><state id="0"/></event>`, 1900) + `</botstream>`
	}, diag.ManyPacketEvents},
	{"timeouts", func() string {
		var b strings.Builder
		b.WriteString(`<botstream><statedef id="0"/>`)
		for i := range 800 {
			b.WriteString(`<event type="timeout" class="t` + strconv.Itoa(i) + `"><state id="0"><condition expression="ip_len &gt; ` + strconv.Itoa(i) +
				`"><timeout_set class="t` + strconv.Itoa((i+1)%800) + `" key="ip_src" value="1"/></condition></state></event>`)
		}
		return b.String() + `<event type="packet" primary-key="ip_src"><state id="0"><condition expression="true"><timeout_set class="t0" key="ip_src" value="1"/></condition></state></event></botstream>`
	}, diag.MissingPublisher},
	{"words", func() string {
		return `<botstream><statedef id="0"/><event type="packet" primary-key="ip_src"><state id="0">` +
			`<condition expression="ip_len > 1" action="print(%` + strings.Repeat("a", 16_000) + `)"/></state></event></botstream>`
	}, diag.UnknownVariable},
}

func TestBombs(t *testing.T) {
	for _, c := range bombs {
		t.Run(c.name, func(t *testing.T) {
			src := []byte(c.src())
			diags := checkBounds(t, src)
			found := false
			for _, d := range diags {
				found = found || d.Code == c.code
			}
			if !found {
				t.Errorf("diagnostics = %.300s, want %s", diags.Error(), c.code)
			}
		})
	}
}

// Bytes of ISO-8859-1 are read as characters, with columns in characters.
func TestLatin(t *testing.T) {
	src := "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<botstream><statedef id=\"0\" \xe9t\xe9=\"1\"/><event type=\"packet\" primary-key=\"ip_src\"/></botstream>"
	_, diags := parse(src)
	var at string
	for _, d := range diags {
		if d.Code == diag.UnknownAttribute {
			at = d.Span.String() + " " + d.Message
		}
	}
	if want := `p.xml:2:29 <statedef> has no attribute "été"`; at != want {
		t.Errorf("diagnostic = %q, want %q", at, want)
	}
}
