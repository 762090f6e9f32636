package smxml_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/format"
	"github.com/streamon/streamon/lang/smon"
	"github.com/streamon/streamon/lang/smxml"
	"github.com/streamon/streamon/lang/source"
)

// TestPaperErrors holds the first error of small programs in the style of the paper,
// those of the checker too: place, message, hint. The program is what stands in %s
// of a whole one, on its second line.
func TestPaperErrors(t *testing.T) {
	const (
		decl  = "<streamon name=\"p\">\n%s\n<statedef id=\"a\"/><statedef id=\"b\"/><event name=\"e\" type=\"packet\" primary-key=\"ip_src\"/></streamon>"
		event = "<streamon name=\"p\"><statedef id=\"a\"/><metric name=\"hits\" type=\"DLEFT\"/>\n%s\n</streamon>"
		state = "<streamon name=\"p\"><statedef id=\"a\"/><metric name=\"hits\" type=\"DLEFT\"/><feature name=\"rate\" body=\"hits\"/>" +
			"<event type=\"timeout\" class=\"later\"/><event type=\"packet\" selector=\"flags dns-nxdomain\" primary-key=\"ip_dst\"><state id=\"a\">" +
			"<use-metric id=\"hits\" vm_update=\"ip_dst\"/>\n%s\n</state></event></streamon>"
	)
	tests := []struct{ frame, src, want string }{
		{decl, `<metrc name="m"/>`, `2:2 unknown element <metrc> (did you mean "metric"?)`},
		{decl, `<param nam="x" value="1"/>`, `2:2 <param> needs the attribute "name" ()`},
		{decl, `<param name="a b" value="1"/>`, `2:14 "a b" is no name (names are made of letters a-z, digits and _)`},
		{decl, `<param name="not" value="1"/>`, `2:14 "not" cannot be a name (expressions would read it as part of the language)`},
		{decl, `<param name="x" value="1 +"/>`, `2:27 unexpected end of the attribute, expected an expression ()`},
		{decl, `<param name="x" value="1 feature y = 2"/>`, `2:24 "1 feature y = 2" is not one expression ()`},
		{decl, `<param name="x" value="1"/><param name="x" value="2"/>`, `2:41 "x" is already declared ()`},
		{decl, `<list name="l" value="5"/>`, `2:23 unexpected "5", expected "{" or "file" ()`},
		{decl, `<entity name="x" key="ip) (capacity: 5"/>`, `2:23 "ip) (capacity: 5" is not one type or several ()`},
		{decl, `<entity name="x" key="ipp"/>`, `2:23 unknown type "ipp" (did you mean "ip"?)`},
		{decl, `<metric name="m"/>`, `2:2 <metric> needs a <variation_detector>, a <variation_monitor> or a type (write <metric name="m" type="tbf" window="60s"/>)`},
		{decl, `<metric name="m" type="DLEF"/>`, `2:24 unknown structure "dlef" (did you mean "dleft"?)`},
		{decl, `<metric name="m" type="DLEFT" nhash="4"/>`, `2:31 "nhash" needs the attribute "shash" beside it (nhash="4" shash="14" is four tables of 2^14 slots; capacity="65536" says the same)`},
		{decl, `<metric name="m" type="DLEFT" nhash="4" shash="64"/>`, `2:48 "64" is no number from 1 to 24 ()`},
		{decl, `<metric name="m" type="DLEFT" nhash="4" shash="4" capacity="64"/>`, `2:61 the capacity is given twice ()`},
		{decl, `<metric name="m" type="DLEFT" window="60s"/>`, `2:31 dleft has no argument "window" ()`},
		{decl, `<metric name="m"><variation_monitor/></metric>`, `2:19 <variation_monitor> needs the attribute "type" (it names the structure, as dleft or tbf)`},
		{decl, `<metric name="m"><variation_monitor type="tbf" window="60 s"/></metric>`, `2:59 unexpected "s", expected an operator (a unit follows its number without a blank: 60s)`},
		{decl, `<table name="t" type="Map" key_type="ip" value_type="int"/>`, `2:23 "Map" is no kind of table ()`},
		{decl, `<table name="t" type="DLEFT" key_type="ip" value_type="doubl"/>`, `2:56 unknown type "doubl" (types are bool, int, float, duration, time, size, ip, mac and string)`},
		{decl, "<feature name=\"f\"\n  body=\"2 &gt;\n\t x1\"/>", `4:3 unknown name "x1" ()`},
		{decl, `<feature name="f" body="1 &gt; ip.scr"/>`, `2:32 unknown packet field "ip.scr" (did you mean "ip.src"?)`},
		{decl, `<statedef id="c" timeout="1h" next_state="bb"/>`, `2:43 unknown state "bb" (did you mean "b"?)`},
		{decl, `<statedef id="c" next_state="b"/>`, `2:30 "next_state" needs the attribute "timeout" beside it ()`},
		{decl, `<statedef id="c" lazy="yes"/>`, `2:24 "lazy" needs the attribute "timeout" beside it ()`},
		{decl, `<statedef id="c" timeout="1h" lazy="maybe"/>`, `2:37 lazy "maybe" is neither yes nor no ()`},
		{decl, `<statedef id="c" level="hihg"/>`, `2:25 unknown level "hihg" (did you mean "high"?)`},

		{event, `<event type="paket" primary-key="ip_src"/>`, `2:14 unknown type of event "paket" (did you mean "packet"?)`},
		{event, `<event type="packet" primary-key="ip.src"/>`, `2:35 no <entity> says what "ip.src" is (write <entity name="host" key="ip"/>; a key in fields of the dialect, as ip_dst, needs none)`},
		{event, `<event type="packet" primary-key="ip_src-ip_dts"/>`, `2:42 unknown field "ip_dts" (did you mean "ip_dst"?)`},
		{event, `<event type="packet" entity="hots" primary-key="ip_src"/>`, `2:30 unknown entity "hots" (did you mean "host"?)`},
		{event, `<event type="packet" entity="host"/>`, `2:30 "entity" needs the attribute "primary-key" beside it (it names the field that states are kept for, as ip_dst)`},
		{event, `<event type="packet" selector="flags dns-nxdomian" primary-key="ip_dst"/>`, `2:38 "dns-nxdomian" is no value of flags (did you mean "dns-nxdomain"?)`},
		{event, `<event type="packet" selector="src_port 53 and dns.rcode == NXDOMIAN" primary-key="ip_dst"/>`, `2:48 unknown field "dns.rcode" ()`},
		{event, `<event type="packet" selector="udp and dns.rcode == NXDOMIAN" primary-key="ip_dst"/>`, `2:53 unknown name "NXDOMIAN" (did you mean "NXDOMAIN"?)`},
		{event, `<event type="packet" selector="udp and (tcp" primary-key="ip_dst"/>`, `2:44 unexpected end of the attribute, expected an operator or ")" ()`},
		{event, `<event type="packet" class="x" primary-key="ip_dst"/>`, `2:22 an event of type "packet" has no attribute "class" ()`},
		{event, `<event type="timeout"/>`, `2:2 <event> needs the attribute "class" ()`},
		{event, `<event type="timeout" class="x"/>`, `2:2 this event needs the attribute "entity" (no event has a primary-key, so there is none)`},

		{event, `<event type="timeout" class="x" every="5"><state id="a"/></event>`, `2:54 event "x" is about no entity, so it is in no state (give the event a primary-key, or write any)`},

		{state, `<use-metric id="hit" vm_update="ip_dst"/>`, `2:17 unknown metric "hit" (did you mean "hits"?)`},
		{state, `<use-metric id="hits" vm_get="ip_dst" vm_set="ip_dst"/>`, `2:39 <use-metric> has no attribute "vm_set" (did you mean "vm_get"?)`},
		{state, `<use-metric id="hits"/>`, `2:2 <use-metric> needs a key (write vm_update="ip_src", or vm_get="null" for no key)`},
		{state, `<use-metric id="hits" vd_get="ip_src" vm_update="ip_dst"/>`, `2:39 a metric is either updated or read (write a second <use-metric>)`},
		{state, `<use-metric id="hits" vm_get="ip.dst] new (ip.src"/>`, `2:50 unexpected "]", expected "," or ")" ()`},
		{state, `<condition expression="rat &gt; 1"/>`, `2:24 unknown name "rat" (did you mean "rate"?)`},
		{state, `<condition expression="rate &gt;&gt; "/>`, `2:37 unexpected end of the attribute, expected an expression ()`},
		{state, `<condition expression="rate &gt; 1" next_state="aa"/>`, `2:49 unknown state "aa" (did you mean "a"?)`},
		{state, `<condition expression="rate &gt; 1" action='alrt high "x"'/>`, `2:45 unexpected "alrt", expected an action (did you mean "alert"?)`},
		{state, `<condition expression="rate &gt; 1" action='alert high "{hots}"'/>`, `2:58 unknown name "hots" (did you mean "hits"?)`},
		{state, `<condition expression="rate &gt; 1" action='drop } on e { drop'/>`, `2:45 "drop } on e { drop" is not a list of actions ()`},
		{state, `<condition expression="rate &gt; 1" action='when rate > 2 -> a'/>`, `2:45 a condition cannot stand among actions (write a <condition>)`},
		{state, `<condition expression="rate &gt; 1" action='Publish(log)'/>`, `2:45 Publish takes a topic and a text (write Publish(log,text))`},
		{state, `<condition expression="rate &gt; 1"><timeout_set class="latr" value="5"/></condition>`, `2:57 unknown event "latr" (did you mean "later"?)`},
		{state, `<condition expression="rate &gt; 1"><timeout_set class="later" value="5" repeat="maybe"/></condition>`, `2:82 repeat "maybe" is neither yes nor no ()`},
	}
	for _, tt := range tests {
		_, diags := lang.Check("p.xml", []byte(fmt.Sprintf(tt.frame, tt.src)), nil)
		got := "no error"
		for _, d := range diags {
			if d.Severity == diag.Error {
				got = fmt.Sprintf("%d:%d %s (%s)", d.Span.Start.Line, d.Span.Start.Column, d.Message, d.Hint)
				break
			}
		}
		if got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.src, got, tt.want)
		}
	}
}

// TestPaperRoot: what the dialect refuses of <streamon> is what makes the style.
func TestPaperRoot(t *testing.T) {
	for src, want := range map[string]string{
		`<streamon/>`:                        "missing-source missing-publisher missing-attribute",
		`<streamon nam="x"/>`:                "unknown-attribute",
		`<streamon match="all"/>`:            "missing-attribute missing-attribute",
		`<botstream name="x"/>`:              "unknown-attribute",
		`<streamon name="x" match="first"/>`: "missing-attribute",
	} {
		_, diags := parse(src)
		codes := ""
		for _, d := range diags {
			codes += d.Code.String() + " "
		}
		for _, code := range strings.Fields(want) {
			if !strings.Contains(codes, code) {
				t.Errorf("%s: %v, want %s", src, diags, want)
			}
		}
	}
}

// TestPaperPlaces: every node of the examples has a place within the file, and the
// names among them stand where they are written.
func TestPaperPlaces(t *testing.T) {
	files, _ := filepath.Glob("../../examples/*/*.xml")
	if len(files) < 8 {
		t.Fatalf("%d programs, want 8 or more", len(files))
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, diags := smxml.Parse(source.NewFile(file, src), smon.Parse)
		if len(diags) > 0 {
			t.Errorf("%s: %v", file, diags)
		}
		n := 0
		ast.Walk(f, func(node ast.Node) bool {
			s := node.Span()
			if s.Start.Line < 1 || s.End.Offset > len(src) || s.End.Offset < s.Start.Offset || s.Start.Column < 1 {
				t.Errorf("%s: %T stands at %v", file, node, s)
				return true
			}
			text := string(src[s.Start.Offset:s.End.Offset])
			if x, ok := node.(*ast.Name); ok && strings.Contains(x.Name, ".") && lookedUp[text] != x.Name {
				if n++; text != x.Name {
					t.Errorf("%s: name %q stands at %v, where %q is", file, x.Name, s, text)
				}
			}
			return true
		})
		if n == 0 && !strings.Contains(file, "nxdomain") && !strings.Contains(file, "heavy") {
			t.Errorf("%s: no names with dots", file)
		}
	}
}

// lookedUp are names of the dialect with what they stand for in the examples.
var lookedUp = map[string]string{
	"ip_src": "ip.src", "ip_dst": "ip.dst", "src_port": "udp.srcport", "flags": "dns.rcode",
	"domain_name": "dns.qry.name", "domain_second_level": "dns.domain", "ip_len": "frame.len",
}

// TestPaperBombs: texts of the language in XML take little, whatever they are.
func TestPaperBombs(t *testing.T) {
	const max = 1<<18 - 100 // bytes of a program
	for _, one := range []string{
		`<metric name="m" window="+1" memory="+1" tick="+1" error="+1" k="+1" capacity="+1" full="+1" type="x"/>`,
		`<event name="e" type="packet" selector="a.b!=1" primary-key="a,b"/>`,
		`<feature name="f" body="` + strings.Repeat("(", 900) + "1" + strings.Repeat(")", 900) + `"/>`,
		`<feature name="f" body="` + strings.Repeat("1+", 8000) + `1"/>`,
		`<param name="f" value="&quot;` + strings.Repeat("{x}", 4000) + `&quot;"/>`,
		`<param name="f" value="` + strings.Repeat("feature y = 1 ", 1100) + `"/>`,
		`<event name="e" type="packet"><state id="a"><condition expression="1+1" action="` + strings.Repeat("drop;", 3000) + `"/></state></event>`,
		`<param name="f" value="` + strings.Repeat("@", 16000) + `"/>`,
	} {
		src := `<streamon name="p"><statedef id="a"/>` + strings.Repeat(one, min(max/len(one), 1200)) + `</streamon>`
		if diags := checkBounds(t, []byte(src)); !diags.HasErrors() {
			t.Errorf("no error: %.60s", one)
		}
	}
}

// TestPaperOrder: handlers that do the same on several events join only if that leaves
// the order of those of one event as it is written; uses of metrics share a line.
func TestPaperOrder(t *testing.T) {
	src := `<streamon name="p" match="all"><statedef id="a"/><statedef id="b"/><metric name="n" type="dleft"/><metric name="m" type="dleft"/>
<event name="u" type="packet" selector="udp" primary-key="ip_src">
  <state id="any"><use-metric id="n" vm_get="ip_src"/><use-metric id="m" vm_get="ip_src"/></state>
  <state id="a"><condition expression="frame.len &gt; 10" next_state="b"/></state>
</event>
<event name="v" type="packet" selector="arp" primary-key="ip_src">
  <state id="any"><use-metric id="n" vm_get="ip_src"/>
    <!-- why --> <use-metric id="m" vm_get="ip_src"/></state>
  <state id="a"><condition expression="frame.len &gt; 10" next_state="b"/></state>
</event>
<event name="t" type="packet" selector="tcp" primary-key="ip_src">
  <state id="a"><condition expression="frame.len &gt; 20" action="drop"/></state>
  <state id="a"><condition expression="frame.len &gt; 10" next_state="b"/></state>
  <state id="b"><use-metric id="n" vm_update="ip_src"/></state>
  <state id="b"><use-metric id="n" vm_update="ip_src"/></state>
  <state id="any"><use-metric id="n" vm_get="ip_src"/></state>
  <state id="a, b"><use-metric id="m" vm_get="ip_src"/></state>
  <state id="any"><use-metric id="m" vm_get="null"/></state>
</event></streamon>`
	want := `program p

entity host: ip

metric n { count dleft }
metric m { count dleft }

event u: packet where udp for host = ip.src
event v: packet where arp for host = ip.src
event t: packet where tcp for host = ip.src

in any {
  on u { get n[host], m[host] }
  on v {
    get n[host]
    get m[host]
  }
}

in a {
  on t { when frame.len > 20 { drop } }
  on t { when frame.len > 10 -> b }
}

in b {
  on t { set n[host] }
  on t { set n[host] }
}

in any {
  on t { get n[host] }
}

in a, b {
  on t { get m[host] }
}

in any {
  on t { get m }
}

state a {
  on u, v { when frame.len > 10 -> b }
}

state b {}
`
	tree, diags := lang.Parse("p.xml", []byte(src))
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	tree.Comments = nil
	got, err := format.Source(tree, format.Options{})
	dense := func(s string) string { return regexp.MustCompile(`\n+`).ReplaceAllString(s, "\n") }
	if err != nil || dense(string(got)) != dense(want) {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}
