package smxml_test

import (
	"strings"
	"testing"

	"github.com/streamon/streamon/lang/format"
)

// TestWritten: what a person would not write is not there in .smon.
func TestWritten(t *testing.T) {
	const head = `<botstream><source type="trace" name="t"/><publisher protocol="tcp" ip="*" port="1"/><statedef id="a"/><statedef id="b"/>
<metric name="first"><variation_detector status="off"/><variation_monitor status="on" type="dleft"/></metric>
<metric name="second"><variation_detector status="off"/><variation_monitor status="on" type="dleft"/></metric>
<metric name="third"><variation_detector status="off"/><variation_monitor status="on" type="dleft"/></metric>
<metric name="fourth"><variation_detector status="off"/><variation_monitor status="on" type="dleft"/></metric>
<metric name="fifth"><variation_detector status="off"/><variation_monitor status="on" type="dleft"/></metric>
<feature name="f" body="first"/><event type="packet" primary-key="ip_src" selector="proto tcp"><state id="a">
<use-metric id="first" vm_get="ip_src"/>`
	tests := []struct{ name, state, want string }{
		{"what is never true and does nothing", `<condition expression="false" action="" next_state=""/><post-condition-action do="print(seen)"/>`,
			"get first[host]\n    always { log \"seen\" }"},
		{"what is never true and would do something", `<condition expression="false" action="print(off)"/>`,
			"get first[host]\n    when false { log \"off\" }"},
		{"what is never true and would go elsewhere", `<condition expression="false" next_state="b"/>`,
			"get first[host]\n    when false -> b"},
		{"what is always true", `<condition expression="f > 1" next_state="b"/><condition expression="true" action="print(on)"/>`,
			"when f > 1 -> b\n    otherwise { log \"on\" }"},
		{"many operations", `<use-metric id="second" vm_get="ip_src"/><use-metric id="third" vm_get="ip_src"/>
<use-metric id="fourth" vm_get="ip_src"/><use-metric id="fifth" vm_get="ip_src"/>`,
			"get first[host], second[host], third[host], fourth[host], fifth[host]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree, diags := parse(head + tt.state + `</state></event></botstream>`)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			text, err := format.Source(tree, format.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), tt.want) {
				t.Errorf("the program is\n%s\nwant in it\n%s", text, tt.want)
			}
		})
	}
}
