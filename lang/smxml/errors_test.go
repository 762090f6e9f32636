package smxml_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// TestErrors holds the first error of small programs: place, message, hint. The
// program is what stands in %s of a whole one.
func TestErrors(t *testing.T) {
	const (
		decl  = "<botstream>\n%s\n<statedef id=\"s\"/><event type=\"packet\" primary-key=\"ip_src\"/></botstream>"
		event = "<botstream><statedef id=\"s\"/>\n%s\n</botstream>"
		cond  = "<botstream><statedef id=\"s\"/><metric name=\"hits\"><variation_detector status=\"off\"/><variation_monitor status=\"on\" type=\"dleft\"/></metric>" +
			"<table name=\"last\" type=\"DLeft\" value_type=\"int\"/><feature name=\"rate\" body=\"hits\"/>" +
			"<event type=\"packet\" selector=\"proto tcp\" primary-key=\"ip_src\"><state id=\"s\">\n%s\n</state></event></botstream>"
	)
	tests := []struct{ frame, src, want string }{
		{decl, `<metrc name="m"/>`, `2:2 unknown element <metrc> (did you mean "metric"?)`},
		{decl, `<statedef id="a" timeot="1"/>`, `2:18 <statedef> has no attribute "timeot" (did you mean "timeout"?)`},
		{decl, `<condition expression="true"/>`, `2:2 <condition> cannot stand in <botstream> ()`},
		{decl, `<statedef id="a" next_state="ss" timeout="1"/>`, `2:30 unknown state "ss" (did you mean "s"?)`},
		{decl, `<statedef id="a" timeout="-1"/>`, `2:27 "-1" is no number of seconds (write whole seconds, up to a year)`},
		{decl, `<statedef id="a"/><statedef id="a"/>`, `2:33 state "a" is declared twice ()`},
		{decl, `<feature name="f" body="1 +"/>`, `2:25 "1 +" ends where a value has to follow ()`},
		{decl, `<feature name="f" body="2 = 1"/>`, `2:27 unexpected "=", expected an operator (to compare write ==)`},
		{decl, `<feature name="f" body="sqr(2)"/>`, `2:25 unknown table or function "sqr" (did you mean "sqrt"?)`},
		{decl, "<feature name=\"f\"\n  body=\"2 &gt;\n\t x1\"/>", `4:3 unknown name "x1" ()`},
		{decl, `<feature name="f" body="(1"/>`, `2:25 "(1" ends where ")" has to follow ()`},
		{decl, `<metric name="m"><variation_detector status="on"/></metric>`, `2:2 <metric> needs a <variation_monitor> (write <variation_monitor status="off" type="dleft"/> if it has none)`},
		{decl, `<metric name="m"><variation_detector status="yes"/><variation_monitor status="off" type="dleft"/></metric>`, `2:46 status "yes" is neither on nor off ()`},
		{decl, `<metric name="m"><variation_detector status="on"/><variation_monitor status="off" type="tewm"/></metric>`, `2:89 unknown kind of monitor "tewm" (did you mean "tewma"?)`},
		{decl, `<table name="t" type="DLeft" value_type="string"/>`, `2:42 a table cannot hold "string" ()`},
		{decl, `<source type="file" name="x"/>`, `2:15 unknown type of source "file" ()`},

		{event, `<event type="packet"/>`, `2:2 <event type="packet"> needs the attribute "primary-key" (it names the field that states are kept for, as ip_src)`},
		{event, `<event type="paket" primary-key="ip_src"/>`, `2:14 unknown type of event "paket" (did you mean "packet"?)`},
		{event, `<event type="packet" primary-key="ip_src-ip_dts"/>`, `2:42 unknown field "ip_dts" (did you mean "ip_dst"?)`},
		{event, `<event type="packet" primary-key="ip_src-"/>`, `2:35 a field is missing in key "ip_src-" (fields of a key are joined with -, as in ip_src-ip_dst)`},
		{event, `<event type="packet" selector="dst_port=53" primary-key="ip_src"/>`, `2:32 "dst_port=53" has no blanks around its operator (write dst_port == 53, or dst_port 53)`},
		{event, `<event type="packet" selector="proto tcp dst_port 53" primary-key="ip_src"/>`, `2:42 unexpected "dst_port", expected "and" or "or" (a selector is: field value and field op value …)`},
		{event, `<event type="packet" selector="proto tcp and" primary-key="ip_src"/>`, `2:42 a comparison has to follow "and" ()`},
		{event, `<event type="packet" selector="not proto tcp" primary-key="ip_src"/>`, `2:32 a selector has no "not" (it has "and" before "or", and no parentheses; use != or a second event)`},
		{event, `<event type="packet" selector="proto 6" primary-key="ip_src"/>`, `2:38 "6" is no protocol of the dialect ()`},
		{event, `<event type="packet" selector="flags tcp-sny" primary-key="ip_src"/>`, `2:38 "tcp-sny" is no value of flags (did you mean "tcp-syn"?)`},
		{event, `<event type="packet" selector="dst_port http" primary-key="ip_src"/>`, `2:41 "dst_port" is compared with a number, not with "http" ()`},
		{event, `<event type="packet" primary-key="ip_src"><state id="t"/></event>`, `2:54 unknown state "t" ()`},
		{event, `<event type="packet" primary-key="packet_no"/>`, `2:35 packets are not numbered (packet_no has no counterpart here)`},

		{cond, `<use-metric id="hit" vm_update="ip_src"/>`, `2:17 unknown metric "hit" (did you mean "hits"?)`},
		{cond, `<condition expression="hits > 1"/>`, `2:24 "hits" is a metric, which only a feature can read (declare <feature name="…" body="hits"/>)`},
		{cond, `<condition expression="last > 1"/>`, `2:24 table "last" is read without a key (write last(ip_src))`},
		{cond, `<condition expression="last(ip_scr) > 1"/>`, `2:29 unknown field "ip_scr" (did you mean "ip_src"?)`},
		{cond, `<condition expression="rat > 1"/>`, `2:24 unknown name "rat" (did you mean "rate"?)`},
		{cond, `<condition expression="rate > 1 ? 2 : 3"/>`, `2:33 unexpected "?", expected an operator (write two conditions)`},
		{cond, `<condition action="print(x)"/>`, `2:2 <condition> needs the attribute "expression" ()`},
		{cond, `<condition expression="true" next_state="z"/>`, `2:42 unknown state "z" ()`},
		{cond, `<condition expression="true" action="pritn(x)"/>`, `2:38 unknown action "pritn" (did you mean "print"?)`},
		{cond, `<condition expression="true" action="hit.reset()"/>`, `2:38 unknown metric "hit" (did you mean "hits"?)`},
		{cond, `<condition expression="true" action="print(a);last(ip_src)-1"/>`, `2:47 "last(ip_src)-1" is no action (write last(ip_src)=value, or += for =)`},
		{cond, `<condition expression="true" action="last(ip_src-ip_dst)=1;last(src_port)=2"/>`, `2:65 the key of this table was of type ip ip before, here it is int ()`},
		{cond, `<condition expression="true" action="Publish(alert)"/>`, `2:38 Publish takes a topic and a text (write Publish(log,text))`},
		{cond, `<condition expression="true"><timeout_set class="t" key="ip_src" value="1"/></condition>`, `2:50 unknown timeout class "t" ()`},
		{cond, `<condition expression="rate &lt; 1 &amp;&amp; rat"/>`, `2:47 unknown name "rat" (did you mean "rate"?)`},
	}
	for _, tt := range tests {
		_, diags := parse(fmt.Sprintf(tt.frame, tt.src))
		got := ""
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

// Every node has a place within the file.
func TestPlaces(t *testing.T) {
	for _, row := range inventory {
		if row.verdict == rej {
			continue
		}
		src := string(read(t, row.file))
		f, _ := parse(src)
		ast.Walk(f, func(n ast.Node) bool {
			s := n.Span()
			if s.Start.Line < 1 || s.Start.Line > strings.Count(src, "\n")+1 || s.End.Offset > len(src) || s.Start.Column < 1 {
				t.Errorf("%s: %T stands at %v", row.file, n, s)
			}
			return true
		})
	}
}
